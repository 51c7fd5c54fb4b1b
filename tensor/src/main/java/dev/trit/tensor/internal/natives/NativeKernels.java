package dev.trit.tensor.internal.natives;

import dev.trit.tensor.ActivationRows;
import dev.trit.tensor.DType;
import dev.trit.tensor.FloatTensor;
import dev.trit.tensor.HeadScreen;
import dev.trit.tensor.Kernels;
import dev.trit.tensor.KvRows;
import dev.trit.tensor.Q16K;
import dev.trit.tensor.ScalarKernels;
import dev.trit.tensor.Scales;
import dev.trit.tensor.TensorException;
import dev.trit.tensor.TernaryWeights;
import dev.trit.tensor.TernaryWeights.Layout;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** The verbs in C, bit-equal to {@link ScalarKernels}; rare groups of scales are left to others. */
public final class NativeKernels implements Kernels {
    /** Forces a {@link Variant} by its word. For tests and measurements; the default is the fastest here. */
    public static final String PROPERTY = "trit.native.variant";

    /** Columns of the panel that a prompt is multiplied with, PANEL_COLS in trit.h: no group of a scale may be wider. */
    private static final int PANEL_COLS = 4096;

    /** Groups of a row that fit the scratch, TOKENS * MAX_PANEL_ROWS in trit.h. */
    private static final int MAX_GROUPS = 4096;

    /** Rows of an ordinary matrix that are turned into floats together, DENSE_ROWS in trit.h. */
    private static final int DENSE_ROWS = 16;

    /** Tokens that meet Q6_K rows together, Q6K_TOKENS in q6k.h, and the bytes of their sums. */
    private static final int Q6K_TOKENS = 16;

    private static final int Q6K_ACC = DENSE_ROWS * Q6K_TOKENS * 16 * Float.BYTES;

    private static final MemorySegment NONE = MemorySegment.NULL;

    private static @Nullable String loadFailure;

    private final Variant variant;
    private final int v;
    private final List<Layout> layouts;
    private final Kernels others;
    private final long ternaryScratch; // bytes
    private final ThreadLocal<Scratch> scratch = ThreadLocal.withInitial(Scratch::new);

    /** Memory of one thread, 64-byte aligned; grows to what the largest call needs and stays. */
    private static final class Scratch {
        private MemorySegment memory = NONE;

        MemorySegment atLeast(long bytes) {
            if (memory.byteSize() < bytes) {
                memory = Arena.ofAuto().allocate(bytes, 64);
            }
            return memory;
        }
    }

    private NativeKernels(Variant variant, Kernels others) {
        this.variant = variant;
        this.v = variant.ordinal();
        this.layouts = variant.triples() ? List.of(Layout.BLOCKS, Layout.TRIPLES) : List.of(Layout.BLOCKS);
        this.others = others;
        this.ternaryScratch = Entry.ternaryScratch();
    }

    /**
     * One for each variant that runs here, the fastest first.
     *
     * @param others what computes the rest: weights packed for other kernels, groups that no vector fits
     * @throws TensorException if the library cannot be loaded, or has nothing for this processor
     */
    public static List<Kernels> all(Kernels others) {
        List<Variant> variants = runnable();
        if (variants.isEmpty()) {
            throw new TensorException("this processor lacks the instructions they need (AVX2 with FMA and F16C)");
        }
        String forced = System.getProperty(PROPERTY);
        if (forced != null) {
            variants = variants.stream().filter(v -> v.word().equals(forced)).toList();
            if (variants.isEmpty()) {
                throw new TensorException(
                        "there is no variant '" + forced + "' (" + PROPERTY + ") that runs on this processor");
            }
        }
        return variants.stream().<Kernels>map(v -> new NativeKernels(v, others)).toList();
    }

    /** The variants that run here; the library is loaded once, and if that fails the reason stays. */
    private static synchronized List<Variant> runnable() {
        if (loadFailure != null) {
            throw new TensorException(loadFailure);
        }
        try {
            return Variant.of(Entry.variants());
        } catch (ExceptionInInitializerError e) {
            Throwable cause = e.getCause() != null ? e.getCause() : e;
            loadFailure = String.valueOf(cause.getMessage());
            throw new TensorException(loadFailure, e);
        }
    }

    @Override
    public String name() {
        return "native";
    }

    @Override
    public String description() {
        return "native (%s, compiled by %s)".formatted(variant.title(), Entry.compiler());
    }

    @Override
    public Layout layout() {
        return Layout.BLOCKS;
    }

    @Override
    public List<Layout> layouts() {
        return layouts;
    }

    @Override
    public void quantize(float[] x, int at, ActivationRows out, int row) {
        MatrixCalls.quantize(v, x, at, out, row);
    }

    @Override
    public void ternaryMatmul(TernaryWeights w, ActivationRows x, int from, int to, float[] y, int yStride) {
        ScalarKernels.checkTernary(w, x, from, to);
        Scales scales = w.scales();
        if (!layouts.contains(w.layout()) || !fits(scales, w.cols())) {
            others.ternaryMatmul(w, x, from, to, y, yStride);
            return;
        }
        if (x.rows() == 0 || from == to) {
            return;
        }
        Objects.checkIndex((x.rows() - 1) * yStride + to - 1, y.length);
        MatrixCalls.ternary(
                v,
                w.words(),
                w.rows(),
                w.cols(),
                scales.rowStarts(),
                scales.values(),
                scales.rowStarts().length,
                scales.groupSize(),
                w.layout() == Layout.TRIPLES,
                x.bytes(),
                x.stride(),
                x.rows(),
                x.sums(),
                x.scales(),
                from,
                to,
                y,
                yStride,
                scratch.get().atLeast(ternaryScratch));
    }

    private static boolean fits(Scales scales, int cols) {
        int size = scales.groupSize();
        return size == 0 || (size % 4 == 0 && size <= PANEL_COLS - 64 && Math.ceilDiv(cols, size) <= MAX_GROUPS);
    }

    @Override
    public void matmul(
            FloatTensor w, float[] x, int xAt, int xStride, int tokens, int from, int to, float[] y, int yStride) {
        if (tokens < 1 || from >= to) {
            return;
        }
        Objects.checkFromToIndex(from, to, w.rows());
        long bytes = denseScratch(w, tokens);
        MemorySegment s = bytes == 0 ? NONE : scratch.get().atLeast(bytes);
        MatrixCalls.dense(
                v,
                w.type().ordinal(),
                w.data(),
                w.rowBytes(),
                w.cols(),
                x,
                xAt,
                xStride,
                tokens,
                from,
                to,
                y,
                yStride,
                s);
    }

    /** Bytes of scratch that {@code trit_dense} needs: sums and 16-bit activations for Q6_K, rows as floats for other types. */
    private static long denseScratch(FloatTensor w, int tokens) {
        if (w.type() == DType.Q6_K) {
            return Q6K_ACC + (long) Q6K_TOKENS * (w.cols() * Short.BYTES + w.cols() / Q16K.BLOCK * Float.BYTES);
        }
        return tokens == 1 ? 0 : (long) DENSE_ROWS * w.cols() * Float.BYTES;
    }

    @Override
    public void screen(HeadScreen w, ActivationRows x, int from, int to, float[] y, int yStride) {
        w.check(x, from, to);
        if (x.rows() == 0 || from == to) {
            return;
        }
        Objects.checkIndex((x.rows() - 1) * yStride + to - 1, y.length);
        MatrixCalls.screen(v, w.codes(), w.rows(), w.cols(), w.scales(), x, from, to, y, yStride);
    }

    @Override
    public void hadamard(float[] x, int at, int n) {
        if (Integer.bitCount(n) != 1) {
            throw new TensorException("the transform needs a power of two, got " + n);
        }
        VectorCalls.hadamard(v, x, at, n);
    }

    @Override
    public void row(FloatTensor w, int row, float[] out, int at) {
        MatrixCalls.row(v, w.type().ordinal(), w.data().asSlice(row * w.rowBytes(), w.rowBytes()), w.cols(), out, at);
    }

    @Override
    public float dot(float[] a, int aAt, float[] b, int bAt, int n) {
        return VectorCalls.dot(v, a, aAt, b, bAt, n);
    }

    @Override
    public void axpy(float alpha, float[] x, int xAt, float[] y, int yAt, int n) {
        VectorCalls.axpy(v, alpha, x, xAt, y, yAt, n);
    }

    @Override
    public void add(float[] x, int xAt, float[] y, int yAt, int n) {
        VectorCalls.add(v, x, xAt, y, yAt, n);
    }

    @Override
    public void rmsNorm(float[] x, int xAt, float[] gain, float eps, float[] y, int yAt, int n) {
        VectorCalls.rmsNorm(v, x, xAt, gain, eps, y, yAt, n);
    }

    @Override
    public void softmax(float[] x, int at, int n) {
        VectorCalls.softmax(v, x, at, n);
    }

    @Override
    public void rope(float[] x, int at, int n, float[] cos, float[] sin, int csAt) {
        VectorCalls.rope(v, x, at, n, cos, sin, csAt);
    }

    @Override
    public void swiglu(float[] gate, int gAt, float[] up, int uAt, float[] out, int oAt, int n) {
        VectorCalls.swiglu(v, gate, gAt, up, uAt, out, oAt, n);
    }

    @Override
    public void relu2glu(float[] gate, int gAt, float[] up, int uAt, float[] out, int oAt, int n) {
        VectorCalls.relu2glu(v, gate, gAt, up, uAt, out, oAt, n);
    }

    @Override
    public void scores(
            float[] q,
            int qAt,
            int queries,
            KvRows keys,
            int row,
            int positions,
            float scale,
            float[] out,
            int at,
            int outStride,
            @Nullable KvRows next) {
        AttentionCalls.scores(v, q, qAt, queries, keys, row, positions, scale, out, at, outStride, next);
    }

    @Override
    public void mix(
            float[] weights,
            int at,
            int stride,
            int queries,
            KvRows values,
            int row,
            int positions,
            float[] out,
            int oAt,
            @Nullable KvRows next) {
        AttentionCalls.mix(v, weights, at, stride, queries, values, row, positions, out, oAt, next);
    }
}
