package dev.trit.tensor;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * Activations in blocks of 256 with 16-bit codes and one scale each, which Q6_K weights are multiplied with: what Q8_K is to
 * other engines, 256 times finer. A code's rounding loses at most 2^-16 of its block's largest value, where reading the
 * weights in float would round every product and sum; and sums of a block are whole numbers, exact in any order.
 *
 * <p>The specification of the product of a row and a token: in block b lane l of sixteen sums {@code (q * s) * code} over
 * the columns 4l ... 4l + 3 of each 64, in 32 bits, q the 6-bit weight and s its sub-block's scale; then {@code acc[l] =
 * fma((float) sum, d * scale_b, acc[l])} for ascending b, from 0; then the tree of {@link Kernels}. A sum has sixteen terms of
 * at most 4096 * 32767: that fits.
 */
public final class Q16K {
    /** Columns that share a scale. */
    public static final int BLOCK = 256;

    private static final int BLOCK_BYTES = DType.Q6_K.blockBytes();
    private static final int LANES = 16;

    /** What a block's largest value counts for at least, so that its inverse is finite. */
    private static final float LEAST = 1e-30f;

    private final short[] codes; // [cols], -32767 ... 32767
    private final float[] scales; // [cols / 256], value of code 1

    /** @param cols a multiple of {@link #BLOCK} */
    public Q16K(int cols) {
        codes = new short[cols];
        scales = new float[cols / BLOCK];
    }

    /** The codes, [cols]. */
    public short[] codes() {
        return codes;
    }

    /** The values of code 1, [cols / 256]; NaN for a block in which a value is not finite, whose codes are 0. */
    public float[] scales() {
        return scales;
    }

    /**
     * Takes x: gamma = max(max|x|, 1e-30) of a block, code = rint(x * (32767 / gamma)) with ties to even, scale = gamma /
     * 32767.
     *
     * @param x [cols] at {@code at}
     */
    public void quantize(float[] x, int at) {
        for (int b = 0; b < scales.length; b++) {
            int first = b * BLOCK;
            float gamma = LEAST;
            for (int i = first; i < first + BLOCK; i++) {
                gamma = Math.max(gamma, Math.abs(x[at + i]));
            }
            boolean finite = gamma <= Float.MAX_VALUE;
            float inverse = finite ? 32767f / gamma : 0;
            for (int i = first; i < first + BLOCK; i++) {
                codes[i] = finite ? (short) Math.rint(x[at + i] * inverse) : 0;
            }
            scales[b] = finite ? gamma / 32767f : Float.NaN;
        }
    }

    /** The product with row {@code row} of {@code w}, Q6_K of as many columns. */
    float dot(FloatTensor w, int row) {
        MemorySegment data = w.data();
        float[] acc = new float[LANES];
        for (int b = 0; b < scales.length; b++) {
            long block = row * w.rowBytes() + (long) b * BLOCK_BYTES;
            int[] sums = new int[LANES];
            for (int i = 0; i < BLOCK; i++) {
                int scale = data.get(ValueLayout.JAVA_BYTE, block + 192 + i / 16);
                sums[i % 64 / 4] += Dequantize.q6k(data, block, i) * scale * codes[b * BLOCK + i];
            }
            float factor = Dequantize.f16(data, block + 208) * scales[b];
            for (int l = 0; l < LANES; l++) {
                acc[l] = Math.fma((float) sums[l], factor, acc[l]);
            }
        }
        return ScalarMath.tree(acc);
    }
}
