package dev.trit.train.torch;

import java.lang.foreign.MemorySegment;
import java.util.List;
import org.bytedeco.javacpp.FloatPointer;
import org.bytedeco.javacpp.LongPointer;
import org.bytedeco.pytorch.BoolOptional;
import org.bytedeco.pytorch.DoubleOptional;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.ScalarOptional;
import org.bytedeco.pytorch.TensorArrayRefOptional;
import org.bytedeco.pytorch.TensorOptional;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch;

/**
 * A tensor of libtorch, of 32-bit floats unless it holds token ids. Operations without an underscore make a new tensor
 * and record gradients; those with one change it in place. Shape errors come from libtorch as RuntimeException.
 *
 * <p>A tensor made inside a {@link Scope} is freed with it.
 */
public final class Tensor implements AutoCloseable {
    private final org.bytedeco.pytorch.Tensor t;

    private Tensor(org.bytedeco.pytorch.Tensor t) {
        this.t = t;
    }

    // ---- made from Java's data

    public static Tensor zeros(long... shape) {
        return new Tensor(torch.torch_zeros(shape, Torch.options(torch.ScalarType.Float)));
    }

    /** A copy of {@code values}. */
    public static Tensor of(float[] values, long... shape) {
        try (FloatPointer data = new FloatPointer(values)) {
            return copy(torch.from_blob(data, shape, new org.bytedeco.pytorch.TensorOptions(torch.ScalarType.Float)));
        }
    }

    /** A copy of token ids, as 64-bit integers. */
    public static Tensor of(long[] ids, long... shape) {
        try (LongPointer data = new LongPointer(ids)) {
            return copy(torch.from_blob(data, shape, new org.bytedeco.pytorch.TensorOptions(torch.ScalarType.Long)));
        }
    }

    private static Tensor copy(org.bytedeco.pytorch.Tensor view) {
        org.bytedeco.pytorch.Tensor made = view.clone();
        return new Tensor(Torch.onGpu() ? made.to(Torch.device(), made.scalar_type()) : made);
    }

    // ---- element by element

    public Tensor add(Tensor other) {
        return new Tensor(t.add(other.t));
    }

    public Tensor add(double value) {
        return new Tensor(t.add(new Scalar(value)));
    }

    public Tensor sub(Tensor other) {
        return new Tensor(t.sub(other.t));
    }

    public Tensor mul(Tensor other) {
        return new Tensor(t.mul(other.t));
    }

    public Tensor mul(double factor) {
        return new Tensor(t.mul(new Scalar(factor)));
    }

    public Tensor div(Tensor other) {
        return new Tensor(t.div(other.t));
    }

    /** value / this. */
    public Tensor reciprocal(double value) {
        return new Tensor(t.reciprocal().mul(new Scalar(value)));
    }

    /** To the nearest integer, ties to even. */
    public Tensor round() {
        return new Tensor(t.round());
    }

    public Tensor clamp(double low, double high) {
        return new Tensor(t.clamp(new ScalarOptional(new Scalar(low)), new ScalarOptional(new Scalar(high))));
    }

    public Tensor atLeast(double low) {
        return new Tensor(t.clamp_min(new Scalar(low)));
    }

    public Tensor abs() {
        return new Tensor(t.abs());
    }

    public Tensor neg() {
        return new Tensor(t.neg());
    }

    public Tensor square() {
        return new Tensor(t.square());
    }

    public Tensor relu() {
        return new Tensor(t.relu());
    }

    /** x / (1 + exp(-x)). */
    public Tensor silu() {
        return new Tensor(torch.silu(t));
    }

    /** 1 where above zero, else 0. */
    public Tensor positive() {
        return new Tensor(t.gt(new Scalar(0.0)).to(torch.ScalarType.Float));
    }

    /** 1 where equal, else 0. */
    public Tensor equal(Tensor other) {
        return new Tensor(t.eq(other.t).to(torch.ScalarType.Float));
    }

    /** 1 where equal to {@code value}, else 0. */
    public Tensor equal(double value) {
        return new Tensor(t.eq(new Scalar(value)).to(torch.ScalarType.Float));
    }

    // ---- over dimensions

    public Tensor mean() {
        return new Tensor(t.mean());
    }

    public Tensor sum() {
        return new Tensor(t.sum());
    }

    /** Largest magnitude along the last dimension, which stays with length 1. */
    public Tensor lastAbsmax() {
        return new Tensor(torch.linalg_vector_norm(
                t, new Scalar(Double.POSITIVE_INFINITY), new long[] {-1}, true, Torch.sameType()));
    }

    /** Mean along the last dimension, which stays with length 1. */
    public Tensor lastMean() {
        return new Tensor(t.mean(new long[] {-1}, true, Torch.sameType()));
    }

    // ---- shape

    public long[] shape() {
        long[] shape = new long[(int) t.dim()];
        for (int i = 0; i < shape.length; i++) {
            shape[i] = t.size(i);
        }
        return shape;
    }

    /** Number of values. */
    public long numel() {
        return t.numel();
    }

    public Tensor reshape(long... shape) {
        return new Tensor(t.reshape(shape));
    }

    public Tensor transpose(int a, int b) {
        return new Tensor(t.transpose(a, b));
    }

    /** {@code length} entries of dimension {@code dim} from {@code from} on; shares memory. */
    public Tensor narrow(int dim, long from, long length) {
        return new Tensor(t.narrow(dim, from, length));
    }

    /** The tensors one after the other along the last dimension. */
    public static Tensor cat(Tensor a, Tensor b) {
        return new Tensor(torch.cat(new TensorVector(a.t, b.t), -1));
    }

    /** All values of all tensors one after the other: [sum of their sizes]. */
    static Tensor flatten(List<Tensor> tensors) {
        TensorVector flat = new TensorVector();
        tensors.forEach(tensor -> flat.push_back(tensor.t.reshape(-1)));
        return new Tensor(torch.cat(flat, 0));
    }

    // ---- what a transformer is made of

    /** this [..., in] times {@code w} [out, in] transposed: [..., out]. */
    public Tensor linear(Tensor w) {
        return new Tensor(torch.linear(t, w.t));
    }

    /** As {@link #linear} of operands rounded to bfloat16, forward and backward; so are the products and the gradients. */
    public Tensor linearBf16(Tensor w) {
        var bf16 = torch.ScalarType.BFloat16;
        return new Tensor(torch.linear(t.to(bf16), w.t.to(bf16)).to(torch.ScalarType.Float));
    }

    /** Rows of this matrix [vocab, hidden] for {@code ids} [batch, tokens]: [batch, tokens, hidden]. */
    public Tensor embedding(Tensor ids) {
        return new Tensor(torch.embedding(t, ids.t));
    }

    /** x / sqrt(mean(x^2) + eps) * gain over the last dimension. */
    public Tensor rmsNorm(Tensor gain, double eps) {
        return new Tensor(
                torch.rms_norm(t, new long[] {gain.numel()}, new TensorOptional(gain.t), new DoubleOptional(eps)));
    }

    /**
     * Causal attention, scores scaled by 1 / sqrt(headDim).
     *
     * @param q [batch, heads, tokens, headDim]
     * @param k [batch, kvHeads, tokens, headDim]; query head j uses key head j / (heads / kvHeads)
     * @param v as {@code k}
     * @return [batch, heads, tokens, headDim]
     */
    public static Tensor causalAttention(Tensor q, Tensor k, Tensor v) {
        boolean grouped = q.t.size(1) != k.t.size(1);
        return new Tensor(torch.scaled_dot_product_attention(
                q.t, k.t, v.t, new TensorOptional(), 0.0, true, new DoubleOptional(), grouped));
    }

    /**
     * Mean cross-entropy, nats.
     *
     * @param targets token ids [n], for logits [n, vocab]
     */
    public Tensor crossEntropy(Tensor targets) {
        return new Tensor(torch.cross_entropy_loss(t, targets.t));
    }

    // ---- gradients

    /** The same values, without the history that gradients flow back through. */
    public Tensor detach() {
        return new Tensor(t.detach());
    }

    /** Records what is done with this tensor, so that {@link #backward} leaves its gradient in {@link #grad}. */
    public Tensor requireGrad() {
        t.requires_grad_(true);
        return this;
    }

    /** Adds the gradients of this scalar to {@link #grad} of all tensors that require them. */
    public void backward() {
        t.backward(new org.bytedeco.pytorch.Tensor(), new BoolOptional(false), false, new TensorArrayRefOptional());
    }

    /** Whether a gradient has been added. */
    public boolean hasGrad() {
        try (org.bytedeco.pytorch.Tensor grad = t.grad()) {
            return grad.defined();
        }
    }

    public Tensor grad() {
        return new Tensor(t.grad());
    }

    public void zeroGrad() {
        if (hasGrad()) {
            t.mutable_grad().zero_();
        }
    }

    // ---- in place

    public Tensor zero_() {
        t.zero_();
        return this;
    }

    public Tensor copy_(Tensor other) {
        t.copy_(other.t);
        return this;
    }

    public Tensor add_(Tensor other) {
        t.add_(other.t);
        return this;
    }

    public Tensor round_() {
        t.round_();
        return this;
    }

    public Tensor clamp_(double low, double high) {
        t.clamp_(new ScalarOptional(new Scalar(low)), new ScalarOptional(new Scalar(high)));
        return this;
    }

    public Tensor sub_(Tensor other) {
        t.sub_(other.t);
        return this;
    }

    public Tensor div_(Tensor divisor) {
        t.div_(divisor.t);
        return this;
    }

    public Tensor mul_(double factor) {
        t.mul_(new Scalar(factor));
        return this;
    }

    /** this = this + weight * (other - this). */
    public Tensor lerp_(Tensor other, double weight) {
        t.lerp_(other.t, new Scalar(weight));
        return this;
    }

    /** this = this + value * a * b. */
    public Tensor addcmul_(Tensor a, Tensor b, double value) {
        t.addcmul_(a.t, b.t, new Scalar(value));
        return this;
    }

    /** this = this + value * a / b. */
    public Tensor addcdiv_(Tensor a, Tensor b, double value) {
        t.addcdiv_(a.t, b.t, new Scalar(value));
        return this;
    }

    public Tensor sqrt() {
        return new Tensor(t.sqrt());
    }

    public Tensor div_(double divisor) {
        t.div_(new Scalar(divisor));
        return this;
    }

    public Tensor add_(double value) {
        t.add_(new Scalar(value));
        return this;
    }

    // ---- back to Java

    /** The only value. */
    public double item() {
        return t.item().toDouble();
    }

    /** All values, in row-major order. */
    public float[] toFloats() {
        float[] values = new float[Math.toIntExact(numel())];
        MemorySegment.copy(data(), java.lang.foreign.ValueLayout.JAVA_FLOAT, 0, values, 0, values.length);
        return values;
    }

    /**
     * The bytes of all values in row-major order, valid while the scope is open and this tensor lives. On the CPU a
     * contiguous tensor's own memory, else a copy.
     */
    public MemorySegment data() {
        org.bytedeco.pytorch.Tensor here = t.detach().cpu().contiguous();
        return MemorySegment.ofAddress(here.data_ptr().address()).reinterpret(here.numel() * here.element_size());
    }

    /** Overwrites all values, in row-major order. */
    public void set(MemorySegment bytes) {
        if (bytes.byteSize() != t.numel() * t.element_size()) {
            throw new IllegalArgumentException(
                    "expected %d bytes, got %d".formatted(t.numel() * t.element_size(), bytes.byteSize()));
        }
        try (Scope scope = new Scope()) {
            org.bytedeco.pytorch.Tensor here =
                    Torch.onGpu() ? torch.torch_empty_like(t.detach().cpu()) : t.detach();
            MemorySegment.ofAddress(here.data_ptr().address())
                    .reinterpret(bytes.byteSize())
                    .copyFrom(bytes);
            if (Torch.onGpu()) {
                Torch.noGrad(() -> {
                    t.copy_(here);
                });
            }
        }
    }

    /** Keeps this tensor until {@link #close}, whatever the scope. */
    public Tensor retain() {
        t.retainReference();
        return this;
    }

    org.bytedeco.pytorch.Tensor handle() {
        return t;
    }

    /** Frees a tensor that was {@link #retain retained}. */
    @Override
    public void close() {
        t.releaseReference();
    }
}
