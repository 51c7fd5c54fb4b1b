package dev.trit.train;

import dev.trit.model.Activation;
import dev.trit.model.Config;
import dev.trit.model.RopeScaling;
import dev.trit.train.torch.Scope;
import dev.trit.train.torch.Tensor;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The forward pass with gradients, for every family that the engine runs: the same equations as its transformer, in float
 * with quantized values (fake quantization).
 *
 * <pre>
 * x = embedding[token]
 * for each block:
 *     x = x + Wo   Q subNorm(attention(rope(Wq Q n), rope(Wk Q n), Wv Q n))    n = norm(x)
 *     x = x + Wdown Q subNorm(activation(Wgate Q m) * Wup Q m)                 m = norm(x)
 * logits = head norm(x)
 * </pre>
 *
 * Q is the activation quantizer, W the quantized weights. One thread at a time.
 */
public final class TrainableTransformer implements AutoCloseable {
    /** One block; the sub-norms are there in the bitnet families only. */
    private record Block(
            Parameter attentionNorm,
            BitLinear q,
            BitLinear k,
            BitLinear v,
            @Nullable Parameter attentionSubNorm,
            BitLinear o,
            Parameter ffnNorm,
            BitLinear gate,
            BitLinear up,
            @Nullable Parameter ffnSubNorm,
            BitLinear down) {}

    private final Config c;
    private final ActivationQuantizer activations;
    private final List<Parameter> parameters = new ArrayList<>();
    private final Parameter embedding;
    private final List<Block> blocks = new ArrayList<>();
    private final Parameter norm;
    private final Parameter head;
    private final Tensor cos; // [contextLength, headDim / 2]
    private final Tensor sin;

    /**
     * Fresh weights: normal with standard deviation {@code initStd}, the residual outputs divided by sqrt(2 layers),
     * gains 1. Depends on the seed alone.
     *
     * @throws TrainException for a shape that is not trained
     */
    public TrainableTransformer(Recipe recipe) {
        this(recipe.model(), recipe.weights(), new FreshParameters(recipe));
    }

    private TrainableTransformer(Config c, String weights, ParameterSource source) {
        this.c = c;
        if (c.qkNorm() || c.ropeDims() != c.headDim() || !(c.ropeScaling() instanceof RopeScaling.None)) {
            throw new TrainException("training builds llama and bitnet shapes with plain rotary embedding, got "
                    + c.architecture() + " with norms on queries, partial or scaled rotation");
        }
        this.activations =
                weights.equals("full") ? new ActivationQuantizer.None() : new ActivationQuantizer.AbsmaxInt8();
        try (Scope scope = new Scope()) {
            embedding = add(source.matrix("model.embed_tokens", c.vocab(), c.hidden()));
            for (int i = 0; i < c.layers(); i++) {
                String l = "model.layers." + i;
                blocks.add(new Block(
                        add(source.gain(l + ".input_layernorm", c.hidden())),
                        linear(source, l + ".self_attn.q_proj", c.qDim(), c.hidden()),
                        linear(source, l + ".self_attn.k_proj", c.kvDim(), c.hidden()),
                        linear(source, l + ".self_attn.v_proj", c.kvDim(), c.hidden()),
                        c.subNorms() ? add(source.gain(l + ".self_attn.attn_sub_norm", c.qDim())) : null,
                        linear(source, l + ".self_attn.o_proj", c.hidden(), c.qDim()),
                        add(source.gain(l + ".post_attention_layernorm", c.hidden())),
                        linear(source, l + ".mlp.gate_proj", c.ffn(), c.hidden()),
                        linear(source, l + ".mlp.up_proj", c.ffn(), c.hidden()),
                        c.subNorms() ? add(source.gain(l + ".mlp.ffn_sub_norm", c.ffn())) : null,
                        linear(source, l + ".mlp.down_proj", c.hidden(), c.ffn())));
            }
            norm = add(source.gain("model.norm", c.hidden()));
            head = c.tiedHead() ? embedding : add(source.matrix("lm_head", c.vocab(), c.hidden()));
            cos = Tensor.of(angles(true), c.contextLength(), c.headDim() / 2).retain();
            sin = Tensor.of(angles(false), c.contextLength(), c.headDim() / 2).retain();
        }
    }

    /** The same weights for another thread, which gathers its own gradients: several micro-batches run side by side. */
    TrainableTransformer replica(Recipe recipe) {
        Iterator<Parameter> originals = parameters.iterator();
        return new TrainableTransformer(recipe.model(), recipe.weights(), new ParameterSource() {
            @Override
            public Parameter matrix(String name, int rows, int cols) {
                return originals.next().replica();
            }

            @Override
            public Parameter gain(String name, int n) {
                return originals.next().replica();
            }
        });
    }

    private BitLinear linear(ParameterSource source, String name, int out, int in) {
        return new BitLinear(add(source.matrix(name, out, in)));
    }

    private Parameter add(Parameter parameter) {
        parameters.add(parameter);
        return parameter;
    }

    public Config config() {
        return c;
    }

    /** All trained tensors, in a fixed order. */
    public List<Parameter> parameters() {
        return parameters;
    }

    /** Number of trained values. */
    public long parameterCount() {
        return parameters.stream().mapToLong(p -> p.latent().numel()).sum();
    }

    /** Floating-point operations (a multiply-add counts two) of one token's forward and backward pass. */
    public double flopsPerToken(int sequence) {
        long matrices = parameters.stream()
                .filter(p -> p.latent().shape().length == 2 && (p != embedding || c.tiedHead()))
                .mapToLong(p -> p.latent().numel())
                .sum();
        double attention = 2.0 * c.layers() * c.qDim() * sequence / 2; // causal: half of all pairs, scores and values
        return 6.0 * (matrices + attention);
    }

    /** Quantizes all latent weights anew: after the optimizer moved them. */
    public void refresh() {
        parameters.forEach(Parameter::refresh);
    }

    /**
     * Logits of every position, in float32.
     *
     * @param ids [batch, tokens]
     * @return [batch, tokens, vocab]
     */
    public Tensor logits(Tensor ids) {
        return logits(ids, Precision.F32);
    }

    private Tensor logits(Tensor ids, Precision p) {
        long batch = ids.shape()[0];
        long tokens = ids.shape()[1];
        try (Scope scope = new Scope()) {
            Tensor x = embedding.weights().embedding(ids); // [batch, tokens, hidden]
            Tensor cos = this.cos.narrow(0, 0, tokens); // [tokens, headDim / 2]
            Tensor sin = this.sin.narrow(0, 0, tokens);
            for (Block block : blocks) {
                x = feedForward(block, attend(block, x, batch, tokens, cos, sin, p), p);
            }
            return scope.keep(p.linear(rmsNorm(x, norm), head.weights()));
        }
    }

    /**
     * Mean cross-entropy of predicting each token from those before it.
     *
     * @param sequences [batch, tokens + 1]
     * @param p of the matrix products, forward and backward
     * @return one value, nats
     */
    public Tensor loss(Tensor sequences, Precision p) {
        long batch = sequences.shape()[0];
        long tokens = sequences.shape()[1] - 1;
        try (Scope scope = new Scope()) {
            Tensor logits = logits(sequences.narrow(1, 0, tokens), p);
            Tensor targets = sequences.narrow(1, 1, tokens).reshape(batch * tokens);
            return scope.keep(logits.reshape(batch * tokens, c.vocab()).crossEntropy(targets));
        }
    }

    /** x + Wo Q subNorm(attention(rope(Wq Q n), rope(Wk Q n), Wv Q n)), n = norm(x). */
    private Tensor attend(Block b, Tensor x, long batch, long tokens, Tensor cos, Tensor sin, Precision p) {
        try (Scope scope = new Scope()) {
            Tensor n = activations.quantize(rmsNorm(x, b.attentionNorm())); // [batch, tokens, hidden]
            Tensor q = rope(heads(b.q().forward(p, n), batch, tokens, c.heads()), cos, sin);
            Tensor k = rope(heads(b.k().forward(p, n), batch, tokens, c.kvHeads()), cos, sin);
            Tensor v = heads(b.v().forward(p, n), batch, tokens, c.kvHeads());
            Tensor a = Tensor.causalAttention(q, k, v) // [batch, heads, tokens, headDim]
                    .transpose(1, 2)
                    .reshape(batch, tokens, c.qDim());
            Tensor normed = b.attentionSubNorm() == null ? a : rmsNorm(a, b.attentionSubNorm());
            return scope.keep(x.add(b.o().forward(p, activations.quantize(normed))));
        }
    }

    /** x + Wdown Q subNorm(activation(Wgate Q m) * Wup Q m), m = norm(x). */
    private Tensor feedForward(Block b, Tensor x, Precision p) {
        try (Scope scope = new Scope()) {
            Tensor m = activations.quantize(rmsNorm(x, b.ffnNorm()));
            Tensor gate = b.gate().forward(p, m); // [batch, tokens, ffn]
            Tensor active = c.activation() == Activation.RELU2 ? gate.relu().square() : gate.silu();
            Tensor gated = active.mul(b.up().forward(p, m));
            Tensor normed = b.ffnSubNorm() == null ? gated : rmsNorm(gated, b.ffnSubNorm());
            return scope.keep(x.add(b.down().forward(p, activations.quantize(normed))));
        }
    }

    private Tensor rmsNorm(Tensor x, Parameter gain) {
        return x.rmsNorm(gain.weights(), c.normEps());
    }

    /** [batch, tokens, heads * headDim] to [batch, heads, tokens, headDim]. */
    private Tensor heads(Tensor x, long batch, long tokens, int heads) {
        return x.reshape(batch, tokens, heads, c.headDim()).transpose(1, 2);
    }

    /** Rotate-half: (a, b) becomes (a cos - b sin, b cos + a sin). */
    private Tensor rope(Tensor x, Tensor cos, Tensor sin) {
        int half = c.headDim() / 2;
        Tensor a = x.narrow(3, 0, half); // [batch, heads, tokens, headDim / 2]
        Tensor b = x.narrow(3, half, half);
        return Tensor.cat(a.mul(cos).sub(b.mul(sin)), b.mul(cos).add(a.mul(sin)));
    }

    private float[] angles(boolean cosine) {
        int half = c.headDim() / 2;
        float[] table = new float[c.contextLength() * half];
        for (int i = 0; i < half; i++) {
            float frequency = (float) Math.pow(c.ropeTheta(), -2.0 * i / c.headDim());
            for (int t = 0; t < c.contextLength(); t++) {
                double angle = (float) t * frequency;
                table[t * half + i] = (float) (cosine ? Math.cos(angle) : Math.sin(angle));
            }
        }
        return table;
    }

    @Override
    public void close() {
        parameters.forEach(Parameter::close);
        cos.close();
        sin.close();
    }
}
