package dev.trit.tensor;

/**
 * The specification: every verb of {@link Kernels} in plain loops. Slow, portable, and what all other kernels must equal
 * to the bit.
 */
public final class ScalarKernels implements Kernels {
    private static final int LANES = 16;

    @Override
    public String name() {
        return "scalar";
    }

    @Override
    public String description() {
        return "scalar (plain loops, the specification)";
    }

    @Override
    public void quantize(float[] x, int at, ActivationRows out, int row) {
        float max = 1e-5f;
        for (int i = 0; i < out.cols(); i++) {
            max = Math.max(max, Math.abs(x[at + i]));
        }
        float s = 127f / max;
        int sum = 0;
        for (int i = 0; i < out.cols(); i++) {
            int code = (int) Math.max(-128f, Math.min(127f, (float) Math.rint(x[at + i] * s)));
            out.codes()[row * out.stride() + i] = (short) code;
            out.bytes()[row * out.stride() + i] = (byte) code;
            sum += code;
        }
        out.sums()[row] = sum;
        out.scales()[row] = max / 127f;
    }

    @Override
    public void ternaryMatmul(TernaryWeights w, ActivationRows x, int from, int to, float[] y, int yStride) {
        checkTernary(w, x, from, to);
        Scales scales = w.scales();
        for (int r = from; r < to; r++) {
            for (int t = 0; t < x.rows(); t++) {
                float out;
                if (!scales.grouped()) {
                    int sum = sum(w, r, x, t, 0, w.cols());
                    out = sum * (scales.ofRow(r) * x.scales()[t]);
                } else {
                    int size = scales.groupSize();
                    int groups = Math.ceilDiv(w.cols(), size);
                    float acc = 0;
                    for (int g = 0; g < groups; g++) {
                        int sum = sum(w, r, x, t, g * size, Math.min(w.cols(), (g + 1) * size));
                        acc = Math.fma((float) sum, scales.values()[r * groups + g], acc);
                    }
                    out = acc * x.scales()[t];
                }
                y[t * yStride + r] = out;
            }
        }
    }

    /** The exact sum of trit * code over columns {@code from ... to-1}. */
    private static int sum(TernaryWeights w, int row, ActivationRows x, int t, int from, int to) {
        int sum = 0;
        for (int c = from; c < to; c++) {
            sum += w.trit(row, c) * x.codes()[t * x.stride() + c];
        }
        return sum;
    }

    @Override
    public void matmul(
            FloatTensor w, float[] x, int xAt, int xStride, int tokens, int from, int to, float[] y, int yStride) {
        if (w.type() == DType.Q6_K) {
            Q16K codes = new Q16K(w.cols());
            for (int t = 0; t < tokens; t++) {
                codes.quantize(x, xAt + t * xStride);
                for (int r = from; r < to; r++) {
                    y[t * yStride + r] = codes.dot(w, r);
                }
            }
            return;
        }
        float[] row = new float[w.cols()];
        for (int r = from; r < to; r++) {
            Dequantize.row(w, r, 0, w.cols(), row, 0);
            for (int t = 0; t < tokens; t++) {
                y[t * yStride + r] = dot(row, 0, x, xAt + t * xStride, w.cols());
            }
        }
    }

    @Override
    public void row(FloatTensor w, int row, float[] out, int at) {
        Dequantize.row(w, row, 0, w.cols(), out, at);
    }

    @Override
    public float dot(float[] a, int aAt, float[] b, int bAt, int n) {
        float[] lanes = new float[LANES];
        for (int i = 0; i < n; i++) {
            lanes[i % LANES] = Math.fma(a[aAt + i], b[bAt + i], lanes[i % LANES]);
        }
        return ScalarMath.tree(lanes);
    }

    @Override
    public void axpy(float alpha, float[] x, int xAt, float[] y, int yAt, int n) {
        for (int i = 0; i < n; i++) {
            y[yAt + i] = Math.fma(alpha, x[xAt + i], y[yAt + i]);
        }
    }

    @Override
    public void add(float[] x, int xAt, float[] y, int yAt, int n) {
        for (int i = 0; i < n; i++) {
            y[yAt + i] = y[yAt + i] + x[xAt + i];
        }
    }

    @Override
    public void rmsNorm(float[] x, int xAt, float[] gain, float eps, float[] y, int yAt, int n) {
        float r = inverseRms(dot(x, xAt, x, xAt, n), n, eps);
        for (int i = 0; i < n; i++) {
            y[yAt + i] = x[xAt + i] * r * gain[i];
        }
    }

    /** The factor of {@link Kernels#rmsNorm} from the sum of squares. */
    public static float inverseRms(float sumOfSquares, int n, float eps) {
        return (float) (1 / Math.sqrt((double) (sumOfSquares / n + eps)));
    }

    @Override
    public void softmax(float[] x, int at, int n) {
        float max = Float.NEGATIVE_INFINITY;
        for (int i = 0; i < n; i++) {
            max = Math.max(max, x[at + i]);
        }
        float[] lanes = new float[LANES];
        for (int i = 0; i < n; i++) {
            float e = ScalarMath.exp(x[at + i] - max);
            x[at + i] = e;
            lanes[i % LANES] = lanes[i % LANES] + e;
        }
        float sum = ScalarMath.tree(lanes);
        for (int i = 0; i < n; i++) {
            x[at + i] = x[at + i] / sum;
        }
    }

    @Override
    public void rope(float[] x, int at, int n, float[] cos, float[] sin, int csAt) {
        int h = n / 2;
        for (int i = 0; i < h; i++) {
            float a = x[at + i];
            float b = x[at + i + h];
            float c = cos[csAt + i];
            float s = sin[csAt + i];
            x[at + i] = Math.fma(-b, s, a * c);
            x[at + i + h] = Math.fma(a, s, b * c);
        }
    }

    @Override
    public void swiglu(float[] gate, int gAt, float[] up, int uAt, float[] out, int oAt, int n) {
        for (int i = 0; i < n; i++) {
            float g = gate[gAt + i];
            out[oAt + i] = g / (1 + ScalarMath.exp(-g)) * up[uAt + i];
        }
    }

    @Override
    public void relu2glu(float[] gate, int gAt, float[] up, int uAt, float[] out, int oAt, int n) {
        for (int i = 0; i < n; i++) {
            float g = Math.max(gate[gAt + i], 0f);
            out[oAt + i] = g * g * up[uAt + i];
        }
    }

    /** The checks of {@link Kernels#ternaryMatmul}, shared by all kernels. */
    public static void checkTernary(TernaryWeights w, ActivationRows x, int from, int to) {
        if (x.cols() != w.cols()) {
            throw new TensorException("a matrix of [%d, %d] needs inputs of %d, got %d"
                    .formatted(w.rows(), w.cols(), w.cols(), x.cols()));
        }
        boolean whole = from % w.layout().rows() == 0 && (to % w.layout().rows() == 0 || to == w.rows());
        if (from < 0 || to > w.rows() || !whole) {
            throw new TensorException("rows %d to %d are not whole row groups of %d".formatted(from, to, w.rows()));
        }
    }
}
