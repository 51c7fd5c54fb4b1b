package dev.trit.tensor;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The verbs of math. {@link ScalarKernels} is the specification in plain loops; every other implementation gives the
 * same bits, for any number of threads and any batch.
 *
 * <p>Integer sums are exact. Float steps have one defined order:
 *
 * <ul>
 *   <li>a reduction over n values runs in sixteen virtual lanes, value i in lane i mod 16, in ascending order and with a
 *       fused multiply-add where it multiplies; then lanes i and i+8 are added, i and i+4, i and i+2, i and i+1;
 *   <li>everything else is element by element, with the operations in the order its Javadoc writes them;
 *   <li>exp is {@link ScalarMath#exp}, everywhere.
 * </ul>
 *
 * <p>Verbs work on a range of rows of the result, so that a {@link ThreadTeam} can split them.
 */
public interface Kernels {
    /** {@code scalar}, {@code vector} or {@code native}: the word of {@code --kernels}. */
    String name();

    /** One line for people: the name, the width and why it was chosen. */
    String description();

    /** How these kernels want ternary codes packed; others may refuse that layout. */
    default TernaryWeights.Layout layout() {
        return TernaryWeights.Layout.WORDS;
    }

    /** How they want matrices packed that have scales of whole rows and come from memory: {@link LayoutProbe} chooses. */
    default List<TernaryWeights.Layout> layouts() {
        return List.of(layout());
    }

    /**
     * Per-token absmax quantization to int8 (b1.58, equation for INT8 activations): gamma = max(max|x|, 1e-5), code =
     * clamp(rint(x * (127 / gamma)), -128, 127) with ties to even.
     *
     * @param x [n] from {@code at}; must be finite
     * @param out row {@code row} receives codes, scale gamma / 127 and the sum of codes; sized by
     *     {@link ActivationRows#resize}
     */
    void quantize(float[] x, int at, ActivationRows out, int row);

    /**
     * The ternary product y = (T q) * (weight scale * activation scale) for output rows {@code from ... to-1}.
     *
     * <p>With one scale per row: an exact 32-bit sum S, then {@code (float) S * (weightScale * activationScale)}. With
     * scales per group: {@code acc = fma((float) S_g, scale_g, acc)} over groups in ascending order from 0, then
     * {@code acc * activationScale}.
     *
     * @param x [tokens, cols] quantized
     * @param from first output row, a multiple of the rows of a group of the layout
     * @param to one past the last output row, likewise or {@code w.rows()}
     * @param y receives {@code y[t * yStride + r]}
     */
    void ternaryMatmul(TernaryWeights w, ActivationRows x, int from, int to, float[] y, int yStride);

    /**
     * The ordinary product y = W x for output rows {@code from ... to-1}, weights as stored ({@link Dequantize}),
     * activations in float; a reduction over columns for each output. With Q6_K weights activations are taken in 16 bits
     * ({@link Q16K}), and most of the work is in whole numbers.
     *
     * @param x [tokens, cols] at {@code xAt}, rows {@code xStride} apart
     * @param y receives {@code y[t * yStride + r]}
     */
    void matmul(FloatTensor w, float[] x, int xAt, int xStride, int tokens, int from, int to, float[] y, int yStride);

    /**
     * Approximate products with a matrix: y = (float) S * (row scale * activation scale), S the exact sum of level *
     * code, for rows {@code from ... to-1}.
     *
     * @param x [tokens, cols] rotated by {@link HeadScreen#rotate} and quantized
     * @param from first row, a multiple of {@link TernaryWeights#ROW_GROUP}
     * @param to one past the last row, a multiple of the row group or {@code w.rows()}
     * @param y receives {@code y[t * yStride + r]}
     */
    default void screen(HeadScreen w, ActivationRows x, int from, int to, float[] y, int yStride) {
        for (int r = from; r < to; r++) {
            for (int t = 0; t < x.rows(); t++) {
                int sum = 0;
                for (int c = 0; c < w.cols(); c++) {
                    sum += w.level(r, c) * x.codes()[t * x.stride() + c];
                }
                y[t * yStride + r] = sum * (w.scales()[r] * x.scales()[t]);
            }
        }
    }

    /**
     * The unscaled Walsh-Hadamard transform in place: for h = 1, 2, 4 ... n / 2, every pair (a, b) = (x[i], x[i + h])
     * with bit h of i clear becomes (a + b, a - b).
     *
     * @param n a power of two
     */
    default void hadamard(float[] x, int at, int n) {
        for (int h = 1; h < n; h *= 2) {
            for (int i = 0; i < n; i++) {
                if ((i & h) == 0) {
                    float a = x[at + i];
                    float b = x[at + i + h];
                    x[at + i] = a + b;
                    x[at + i + h] = a - b;
                }
            }
        }
    }

    /** Row {@code row} of {@code w} as floats: an embedding lookup. */
    void row(FloatTensor w, int row, float[] out, int at);

    /** The reduction sum of a[i] * b[i]. */
    float dot(float[] a, int aAt, float[] b, int bAt, int n);

    /** y[i] = fma(alpha, x[i], y[i]). */
    void axpy(float alpha, float[] x, int xAt, float[] y, int yAt, int n);

    /** y[i] = y[i] + x[i]: the residual. */
    void add(float[] x, int xAt, float[] y, int yAt, int n);

    /**
     * RMSNorm with gain: s = reduction of x[i] * x[i]; r = (float) (1 / sqrt((double) (s / n + eps))); y[i] = (x[i] * r)
     * * gain[i]. x and y may be the same.
     */
    void rmsNorm(float[] x, int xAt, float[] gain, float eps, float[] y, int yAt, int n);

    /** In place: m = max, e[i] = exp(x[i] - m), s = lane sum of e, x[i] = e[i] / s. */
    void softmax(float[] x, int at, int n);

    /**
     * Rotate-half (NeoX) rotary embedding of one head in place, h = n / 2: (a, b) = (x[i], x[i+h]) becomes
     * (fma(-b, sin[i], a * cos[i]), fma(a, sin[i], b * cos[i])).
     *
     * @param cos [n / 2] at {@code csAt}
     * @param sin [n / 2] at {@code csAt}
     */
    void rope(float[] x, int at, int n, float[] cos, float[] sin, int csAt);

    /** out[i] = (g[i] / (1 + exp(-g[i]))) * up[i]. */
    void swiglu(float[] gate, int gAt, float[] up, int uAt, float[] out, int oAt, int n);

    /** out[i] = (max(g[i], 0) * max(g[i], 0)) * up[i]: the squared-ReLU gated unit. */
    void relu2glu(float[] gate, int gAt, float[] up, int uAt, float[] out, int oAt, int n);

    /** Writes {@code x[at ...]} to a row of a cache: {@link KvRows#put}. */
    default void store(float[] x, int at, KvRows out, int row) {
        out.put(row, x, at);
    }

    /**
     * Scores of attention for query heads that share keys: out[h][j] = {@link #dot}(q[h], elements of key j) * (scale *
     * factor of key j).
     *
     * @param q [queries, keys.cols()] at {@code qAt}
     * @param keys [positions, cols] from {@code row} on
     * @param out receives {@code out[at + h * outStride + j]}
     * @param next of the same type, whose rows from {@code row} on the next call will read: fetched meanwhile; or null
     */
    default void scores(
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
        float[] key = new float[n];
        for (int j = 0; j < positions; j++) {
            keys.elements(row + j, 1, key);
            float factor = keys.scaled(row + j, scale);
            for (int h = 0; h < queries; h++) {
                out[at + h * outStride + j] = dot(q, qAt + h * n, key, 0, n) * factor;
            }
        }
    }

    /**
     * Values weighted by attention, for query heads that share them: {@link #axpy}(weights[h][j] * factor of value j,
     * elements of value j, out[h]) for ascending j.
     *
     * @param weights {@code weights[at + h * stride + j]}
     * @param values [positions, cols] from {@code row} on
     * @param out [queries, cols] at {@code oAt}, added to
     * @param next as in {@link #scores}
     */
    default void mix(
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
        float[] value = new float[n];
        for (int j = 0; j < positions; j++) {
            values.elements(row + j, 1, value);
            for (int h = 0; h < queries; h++) {
                axpy(values.scaled(row + j, weights[at + h * stride + j]), value, 0, out, oAt + h * n, n);
            }
        }
    }
}
