package dev.trit.model;

import dev.trit.tensor.Kernels;
import dev.trit.tensor.KvRows;
import dev.trit.tensor.TernaryWeights;
import dev.trit.tensor.ThreadTeam;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The forward pass: token ids to logits, one for all families. Read this file first.
 *
 * <pre>
 * x = embedding[token]
 * for each block:
 *     x = x + Wo   subNorm(attention(rope(Wq n), rope(Wk n), Wv n))      n = norm(x)
 *     x = x + Wdown subNorm(activation(Wgate m) * Wup m)                 m = norm(x)
 * logits = head norm(x)
 * </pre>
 *
 * A batch of T tokens runs at once: a chunk of one text, the next tokens of many, or both; decoding is T = 1 through the
 * same code. Each token's values are computed alone, in the order that {@link Kernels} and {@link Attention} define, so
 * that neither the batch nor the number of threads changes a bit. Not thread-safe.
 */
final class Transformer {
    /** Sees the residual stream before the first block and after each: calibration, diagnosis. */
    interface Probe {
        /**
         * @param layer 0 for the embedding, i after block i
         * @param x [tokens, hidden], to be read at once
         */
        void hidden(int layer, int tokens, Rows x);
    }

    private final Config c;
    private final Weights w;
    private final Kernels kernels;
    private final ThreadTeam team;
    private final Rope rope;
    private final Attention attention;
    private final @Nullable ScreenedHead screened;
    private Scratch s;
    private @Nullable Probe probe;

    // The tasks below and what they work on are fields, since the token loop allocates nothing.
    private final ThreadTeam.RowTask embedTask = this::embedRows;
    private final ThreadTeam.RowTask normTask = this::normRows;
    private final ThreadTeam.RowTask quantizeTask = this::quantizeRows;
    private final ThreadTeam.RowTask productTask = this::productRows;
    private final ThreadTeam.RowTask rotateTask = this::rotateRows;
    private final ThreadTeam.RowTask activateTask = this::activateRows;
    private final ThreadTeam.RowTask addTask = this::addRows;
    private final ThreadTeam.RowTask normPickedTask = this::normPicked;
    private final Batch own = new Batch();
    private Batch batch = own;
    private int[] picked = {};
    private int tokens; // T
    private int layer;
    private Linear linear;
    private float[] gain;
    private Rows in;
    private Rows out;

    Transformer(Config c, Weights w, Kernels kernels, ThreadTeam team) {
        this.c = c;
        this.w = w;
        this.kernels = kernels;
        this.team = team;
        this.rope = new Rope(c);
        this.attention = new Attention(c, kernels, team);
        this.s = new Scratch(c, w, 1);
        this.linear = w.head();
        this.gain = w.norm();
        this.in = s.x;
        this.out = s.x;
        this.screened = w.screen() != null && w.head() instanceof Linear.Dense head
                ? new ScreenedHead(head, w.screen(), ScreenedHead.BAR, kernels, team)
                : null;
    }

    void probe(@Nullable Probe probe) {
        this.probe = probe;
    }

    /** Runs all blocks over {@code ids[from ... to-1]} at the positions that follow the cache: {@link #forward(Batch)}. */
    void forward(KvCache cache, int[] ids, int from, int to) {
        own.clear();
        own.add(cache, cache.length(), ids, from, to);
        forward(own);
    }

    /**
     * Runs all blocks over the tokens of a batch, whose caches grow by them. The residual stream stays here for {@link
     * #logits}.
     */
    void forward(Batch batch) {
        this.batch = batch;
        tokens = batch.size();
        reserve(batch.reserve());
        team.run(tokens, 1, embedTask); // x [T, hidden]
        see(0);
        for (layer = 0; layer < c.layers(); layer++) {
            Weights.Layer block = w.layers().get(layer);
            attend(block);
            feedForward(block);
            see(layer + 1);
        }
        batch.commit();
    }

    /** x = x + Wo subNorm(attention(rope(Wq n), rope(Wk n), Wv n)), n = norm(x). */
    private void attend(Weights.Layer block) {
        List<Rows> qkv = s.qkv(block);
        normalize(s.x, block.attentionNorm(), s.normed); // [T, hidden]
        project(block.qkv(), s.normed, qkv); // [T, heads, headDim], 2 x [T, kvHeads, headDim]
        team.run(tokens, 1, rotateTask); // q in place; k and v into the cache
        attention.run(batch, layer, qkv.get(0), s.attended); // [T, heads, headDim]
        normalize(s.attended, block.attentionSubNorm(), s.attended);
        project(block.attentionOutput(), s.attended, s.delta); // [T, hidden]
        team.run(tokens, 1, addTask);
    }

    /** x = x + Wdown subNorm(activation(Wgate m) * Wup m), m = norm(x). */
    private void feedForward(Weights.Layer block) {
        normalize(s.x, block.ffnNorm(), s.normed); // [T, hidden]
        project(block.gateUp(), s.normed, s.gateUp(block)); // 2 x [T, ffn]
        team.run(tokens, 1, activateTask); // gated [T, ffn]
        normalize(s.gated, block.ffnSubNorm(), s.gated);
        project(block.ffnDown(), s.gated, s.delta); // [T, hidden]
        team.run(tokens, 1, addTask);
    }

    /**
     * Logits of {@code count} tokens of the last batch.
     *
     * @param t first token, counted from the start of the batch
     * @param logits receives [count, vocab]
     */
    void logits(int t, int count, Rows logits) {
        project(w.head(), hidden(t, count), logits);
    }

    /** The last norm of {@code count} tokens of the last batch, from token {@code t} on: [count, hidden]. */
    Rows hidden(int t, int count) {
        Rows last = new Rows(s.x.data(), s.x.row(t), s.x.stride());
        Rows normed = new Rows(s.normed.data(), s.normed.row(t), s.normed.stride());
        tokens = count;
        normalize(last, w.norm(), normed);
        return normed;
    }

    /** Logits of the last token of the last batch. */
    void lastLogits(Rows logits) {
        logits(batch.size() - 1, 1, logits); // [1, vocab]
    }

    /**
     * Logits of some tokens of the last batch.
     *
     * @param picked which, counted from the start of the batch
     * @param count how many of them
     * @param logits receives [count, vocab]
     */
    void logits(int[] picked, int count, Rows logits) {
        this.picked = picked;
        gain = w.norm();
        tokens = count;
        team.run(count, 1, normPickedTask); // [count, hidden]
        project(w.head(), s.normed, logits);
    }

    /** Whether {@link #screened} can be asked. */
    boolean screens() {
        return screened != null;
    }

    /** Tokens of the last batch. */
    int batchSize() {
        return batch.size();
    }

    /**
     * Of some tokens of the last batch, those logits that are wanted; only where the head is screened.
     *
     * @param picked which, counted from the start of the batch
     * @param count how many of them
     * @param wanted [count] or more
     * @param logits [count][vocab] or more; others are negative infinity
     */
    void screened(int[] picked, int count, Wanted[] wanted, float[][] logits) {
        if (screened == null) {
            throw new IllegalStateException("the head is not screened");
        }
        this.picked = picked;
        gain = w.norm();
        tokens = count;
        team.run(count, 1, normPickedTask); // [count, hidden]
        screened.logits(s.normed, count, wanted, logits);
    }

    private void reserve(int positions) {
        attention.reserve(positions);
        rope.reserve(positions);
        if (tokens > s.capacity) {
            s = new Scratch(c, w, 1 << 32 - Integer.numberOfLeadingZeros(tokens - 1));
        }
    }

    private void see(int layer) {
        if (probe != null) {
            probe.hidden(layer, tokens, s.x);
        }
    }

    /** RMSNorm of every row with that gain, or nothing (in place) without one. */
    private void normalize(Rows in, float @Nullable [] gain, Rows out) {
        if (gain != null) {
            this.in = in;
            this.gain = gain;
            this.out = out;
            team.run(tokens, 1, normTask);
        }
    }

    private void project(Linear linear, Rows in, Rows out) {
        quantize(linear, in);
        product(linear, in, out);
    }

    /** Several projections of one input: quantized once, if any needs it. */
    private void project(List<Linear> linears, Rows in, List<Rows> outs) {
        for (int i = 0; i < linears.size(); i++) {
            if (linears.get(i) instanceof Linear.Ternary) {
                quantize(linears.get(i), in);
                break;
            }
        }
        for (int i = 0; i < linears.size(); i++) {
            product(linears.get(i), in, outs.get(i)); // a fused product fills the views of all its parts
        }
    }

    private void quantize(Linear linear, Rows in) {
        if (linear instanceof Linear.Ternary) {
            this.in = in;
            s.quantized.resize(tokens, linear.cols());
            team.run(tokens, 1, quantizeTask);
        }
    }

    private void product(Linear linear, Rows in, Rows out) {
        this.linear = linear;
        this.in = in;
        this.out = out;
        team.run(linear.rows(), batch.size() == 1 ? linear.rowGroup() : TernaryWeights.PANEL_ROWS, productTask);
    }

    // Tasks: what one thread does with rows from ... to-1.

    private void embedRows(int from, int to) {
        for (int t = from; t < to; t++) {
            kernels.row(w.embedding(), batch.id(t), s.x.data(), s.x.row(t));
        }
    }

    private void normRows(int from, int to) {
        for (int t = from; t < to; t++) {
            kernels.rmsNorm(in.data(), in.row(t), gain, c.normEps(), out.data(), out.row(t), gain.length);
        }
    }

    private void normPicked(int from, int to) {
        for (int t = from; t < to; t++) {
            kernels.rmsNorm(
                    s.x.data(), s.x.row(picked[t]), gain, c.normEps(), s.normed.data(), s.normed.row(t), gain.length);
        }
    }

    private void quantizeRows(int from, int to) {
        for (int t = from; t < to; t++) {
            kernels.quantize(in.data(), in.row(t), s.quantized, t);
        }
    }

    /** Rows of the matrix, for all tokens. */
    private void productRows(int from, int to) {
        switch (linear) {
            case Linear.Ternary ternary ->
                kernels.ternaryMatmul(ternary.weights(), s.quantized, from, to, out.data(), out.stride());
            case Linear.Dense dense ->
                kernels.matmul(
                        dense.weights(), in.data(), in.at(), in.stride(), tokens, from, to, out.data(), out.stride());
        }
        float[] bias = linear.bias();
        if (bias != null) {
            for (int t = 0; t < tokens; t++) {
                kernels.add(bias, from, out.data(), out.row(t) + from, to - from);
            }
        }
    }

    private void rotateRows(int from, int to) {
        Weights.Layer block = w.layers().get(layer);
        List<Rows> qkv = s.qkv(block);
        int n = c.headDim();
        for (int t = from; t < to; t++) {
            for (int h = 0; h < c.heads(); h++) {
                rotate(qkv.get(0), t, h, block.qNorm());
            }
            KvCache cache = batch.cache(t);
            int position = batch.position(t);
            KvRows keys = cache.keys(layer, position);
            KvRows values = cache.values(layer, position);
            for (int h = 0; h < c.kvHeads(); h++) {
                rotate(qkv.get(1), t, h, block.kNorm());
                int row = KvCache.row(h, position);
                kernels.store(qkv.get(1).data(), qkv.get(1).row(t) + h * n, keys, row);
                kernels.store(qkv.get(2).data(), qkv.get(2).row(t) + h * n, values, row);
            }
        }
    }

    private void rotate(Rows heads, int t, int h, float @Nullable [] gain) {
        float[] x = heads.data();
        int at = heads.row(t) + h * c.headDim();
        if (gain != null) {
            kernels.rmsNorm(x, at, gain, c.normEps(), x, at, c.headDim());
        }
        int position = batch.position(t);
        kernels.rope(x, at, c.ropeDims(), rope.cos(position), rope.sin(position), rope.offset(position));
    }

    private void activateRows(int from, int to) {
        List<Rows> gateUp = s.gateUp(w.layers().get(layer));
        Rows gate = gateUp.get(0);
        Rows up = gateUp.get(1);
        Rows gated = s.gated;
        for (int t = from; t < to; t++) {
            switch (c.activation()) {
                case SILU ->
                    kernels.swiglu(gate.data(), gate.row(t), up.data(), up.row(t), gated.data(), gated.row(t), c.ffn());
                case RELU2 ->
                    kernels.relu2glu(
                            gate.data(), gate.row(t), up.data(), up.row(t), gated.data(), gated.row(t), c.ffn());
            }
        }
    }

    private void addRows(int from, int to) {
        for (int t = from; t < to; t++) {
            kernels.add(s.delta.data(), s.delta.row(t), s.x.data(), s.x.row(t), c.hidden());
        }
    }
}
