package dev.trit.tensor.internal.vector;

import dev.trit.tensor.ActivationRows;
import dev.trit.tensor.DType;
import dev.trit.tensor.FloatTensor;
import dev.trit.tensor.Kernels;
import dev.trit.tensor.KvRows;
import dev.trit.tensor.KvType;
import dev.trit.tensor.ScalarKernels;
import dev.trit.tensor.TensorException;
import dev.trit.tensor.TernaryWeights;
import org.jspecify.annotations.Nullable;

/** The verbs with the Vector API, bit-equal to {@link ScalarKernels}. */
public final class VectorKernels implements Kernels {
    /** Rows of an ordinary matrix that are turned into floats together and then meet all tokens. */
    private static final int PANEL = 16;

    /** Scratch of one thread: a panel of rows as floats. Grows to the widest matrix and stays. */
    private static final class Scratch {
        float[] rows = {};
        byte[] bytes = {}; // a row as stored
        short[] halves = {}; // a row of F16
        final float[] lanes = new float[192];
        final VectorQ6K q6k = new VectorQ6K();
        float[] kv = {}; // keys or values of some positions as floats

        void fit(int panel, FloatTensor w) {
            if (rows.length < panel * w.cols()) {
                rows = new float[panel * w.cols()];
            }
            if (bytes.length < w.rowBytes()) {
                bytes = new byte[Math.toIntExact(w.rowBytes())];
            }
            if (w.type() == DType.F16 && halves.length < w.cols()) {
                halves = new short[w.cols()];
            }
        }

        void floats(FloatTensor w, int row, float[] out, int at) {
            if (w.type() == DType.F16) {
                VectorHalves.row(w, row, out, at, halves);
            } else {
                VectorDequantize.row(w, row, out, at, bytes);
            }
        }

        /** The elements of those rows as floats. */
        float[] elements(KvRows rows, int row, int count) {
            if (kv.length < count * rows.cols()) {
                kv = new float[count * rows.cols()];
            }
            rows.elements(row, count, kv);
            return kv;
        }
    }

    private final ThreadLocal<Scratch> scratch = ThreadLocal.withInitial(Scratch::new);

    public VectorKernels() {
        if (Width.floatLanes() < 4) {
            throw new TensorException("vectors of %d bits are too narrow".formatted(Width.BITS));
        }
    }

    @Override
    public String name() {
        return "vector";
    }

    @Override
    public String description() {
        return "vector (%d-bit Vector API)".formatted(Width.BITS);
    }

    @Override
    public void quantize(float[] x, int at, ActivationRows out, int row) {
        VectorElements.quantize(x, at, out, row);
    }

    @Override
    public void ternaryMatmul(TernaryWeights w, ActivationRows x, int from, int to, float[] y, int yStride) {
        VectorTernary.matmul(w, x, from, to, y, yStride);
    }

    @Override
    public void matmul(
            FloatTensor w, float[] x, int xAt, int xStride, int tokens, int from, int to, float[] y, int yStride) {
        int n = w.cols();
        int panel = tokens == 1 ? 4 : PANEL;
        Scratch s = scratch.get();
        if (w.type() == DType.Q6_K) {
            s.q6k.matmul(w, x, xAt, xStride, tokens, from, to, y, yStride);
            return;
        }
        s.fit(panel, w);
        for (int first = from; first < to; first += panel) {
            int rows = Math.min(panel, to - first);
            for (int r = 0; r < rows; r++) {
                s.floats(w, first + r, s.rows, r * n);
            }
            int t = 0;
            if (Width.WIDE && n % 16 == 0) {
                for (; t + 3 <= tokens; t += 3) {
                    tiles(s, rows, n, x, xAt + t * xStride, xStride, y, t * yStride + first, yStride);
                }
            }
            for (; t < tokens; t++) {
                int r = 0;
                for (; r + 4 <= rows; r += 4) {
                    VectorFloats.dots4(s.rows, r * n, n, x, xAt + t * xStride, n, s.lanes, y, t * yStride + first + r);
                }
                for (; r < rows; r++) {
                    y[t * yStride + first + r] = VectorFloats.dot(s.rows, r * n, x, xAt + t * xStride, n);
                }
            }
        }
    }

    /** All rows of the panel by three tokens. */
    private static void tiles(
            Scratch s, int rows, int n, float[] x, int xAt, int xStride, float[] y, int yAt, int yStride) {
        int r = 0;
        if (Width.BITS == 512) {
            for (; r + 4 <= rows; r += 4) {
                VectorFloats.tile4x3(s.rows, r * n, n, x, xAt, xStride, n, s.lanes, y, yAt + r, yStride);
            }
        }
        for (; r + 2 <= rows; r += 2) {
            VectorFloats.tile2x3(s.rows, r * n, n, x, xAt, xStride, n, s.lanes, y, yAt + r, yStride);
        }
        for (; r < rows; r++) {
            for (int t = 0; t < 3; t++) {
                y[yAt + t * yStride + r] = VectorFloats.dot(s.rows, r * n, x, xAt + t * xStride, n);
            }
        }
    }

    @Override
    public void row(FloatTensor w, int row, float[] out, int at) {
        Scratch s = scratch.get();
        s.fit(0, w);
        s.floats(w, row, out, at);
    }

    @Override
    public float dot(float[] a, int aAt, float[] b, int bAt, int n) {
        return VectorFloats.dot(a, aAt, b, bAt, n);
    }

    @Override
    public void axpy(float alpha, float[] x, int xAt, float[] y, int yAt, int n) {
        VectorElements.axpy(alpha, x, xAt, y, yAt, n);
    }

    @Override
    public void add(float[] x, int xAt, float[] y, int yAt, int n) {
        VectorElements.add(x, xAt, y, yAt, n);
    }

    @Override
    public void rmsNorm(float[] x, int xAt, float[] gain, float eps, float[] y, int yAt, int n) {
        float r = ScalarKernels.inverseRms(VectorFloats.dot(x, xAt, x, xAt, n), n, eps);
        VectorElements.scaleBy(x, xAt, r, gain, y, yAt, n);
    }

    @Override
    public void softmax(float[] x, int at, int n) {
        VectorElements.softmax(x, at, n);
    }

    @Override
    public void rope(float[] x, int at, int n, float[] cos, float[] sin, int csAt) {
        VectorElements.rope(x, at, n, cos, sin, csAt);
    }

    @Override
    public void swiglu(float[] gate, int gAt, float[] up, int uAt, float[] out, int oAt, int n) {
        VectorElements.swiglu(gate, gAt, up, uAt, out, oAt, n);
    }

    @Override
    public void relu2glu(float[] gate, int gAt, float[] up, int uAt, float[] out, int oAt, int n) {
        VectorElements.relu2glu(gate, gAt, up, uAt, out, oAt, n);
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
        int n = keys.cols();
        boolean direct = keys.type() == KvType.F32;
        float[] elements = direct ? keys.floats() : scratch.get().elements(keys, row, positions);
        int from = direct ? row * n : 0;
        for (int h = 0; h < queries; h++) {
            for (int j = 0; j < positions; j++) {
                float dot = VectorFloats.dot(q, qAt + h * n, elements, from + j * n, n);
                out[at + h * outStride + j] = dot * keys.scaled(row + j, scale);
            }
        }
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
        int n = values.cols();
        boolean direct = values.type() == KvType.F32;
        float[] elements = direct ? values.floats() : scratch.get().elements(values, row, positions);
        int from = direct ? row * n : 0;
        for (int h = 0; h < queries; h++) {
            for (int j = 0; j < positions; j++) {
                float w = values.scaled(row + j, weights[at + h * stride + j]);
                VectorElements.axpy(w, elements, from + j * n, out, oAt + h * n, n);
            }
        }
    }
}
