package dev.trit.tensor.internal.vector;

import static jdk.incubator.vector.VectorOperators.I2F;
import static jdk.incubator.vector.VectorOperators.LSHL;
import static jdk.incubator.vector.VectorOperators.LSHR;

import dev.trit.tensor.FloatTensor;
import dev.trit.tensor.Q16K;
import dev.trit.tensor.ScalarMath;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;
import jdk.incubator.vector.ByteVector;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorSpecies;

/**
 * The product with Q6_K as {@link Q16K} defines it. Weights times their sub-block's scale and codes lie in the order of the
 * sums' lanes, sixteen to a step: step k = 0 ... 3 of 64 columns holds columns 4l + k.
 */
final class VectorQ6K {
    private static final VectorSpecies<Integer> INTS = Width.INT;
    private static final VectorSpecies<Float> FLOATS = Width.FLOAT;
    private static final VectorSpecies<Byte> BYTES = VectorSpecies.of(byte.class, INTS.vectorShape());
    private static final int LANES = 16;
    private static final int BLOCK_BYTES = 210;

    private byte[] stored = {}; // a row
    private int[] weights = {}; // of a row
    private float[] factors = {}; // of a row, one for each block
    private Q16K quantized = new Q16K(0);
    private int[] codes = {}; // [tokens, cols]
    private float[] scales = {}; // [tokens, blocks]
    private int[] bias = {}; // 32 times the codes of each four columns, of the last token
    private final int[] subScales = new int[4 * LANES]; // of a block, for each four columns
    private final float[] acc = new float[LANES];

    /** As {@link dev.trit.tensor.Kernels#matmul}. */
    void matmul(FloatTensor w, float[] x, int xAt, int xStride, int tokens, int from, int to, float[] y, int yStride) {
        int n = w.cols();
        int blocks = n / Q16K.BLOCK;
        fit(n, tokens);
        for (int t = 0; t < tokens; t++) {
            quantize(x, xAt + t * xStride, t, n);
        }
        for (int r = from; r < to; r++) {
            MemorySegment.copy(w.data(), ValueLayout.JAVA_BYTE, r * w.rowBytes(), stored, 0, (int) w.rowBytes());
            if (tokens == 1) {
                y[r] = dot(n);
                continue;
            }
            for (int b = 0; b < blocks; b++) {
                weights(b);
            }
            for (int t = 0; t < tokens; t++) {
                y[t * yStride + r] = dot(t, n);
            }
        }
    }

    private void fit(int n, int tokens) {
        int blocks = n / Q16K.BLOCK;
        if (quantized.codes().length != n) {
            quantized = new Q16K(n);
        }
        if (weights.length < n) {
            stored = new byte[blocks * BLOCK_BYTES];
            weights = new int[n];
            factors = new float[blocks];
            bias = new int[n / 4];
        }
        if (codes.length < tokens * n) {
            codes = new int[tokens * n];
        }
        if (scales.length < tokens * blocks) {
            scales = new float[tokens * blocks];
        }
    }

    private void quantize(float[] x, int at, int token, int n) {
        quantized.quantize(x, at);
        short[] plain = quantized.codes();
        for (int i = 0; i < n; i++) {
            codes[token * n + (i & -64) + i % 4 * LANES + i % 64 / 4] = plain[i];
        }
        for (int i = 0; i < n; i += 4) {
            bias[i / 4] = 32 * (plain[i] + plain[i + 1] + plain[i + 2] + plain[i + 3]);
        }
        int blocks = n / Q16K.BLOCK;
        System.arraycopy(quantized.scales(), 0, scales, token * blocks, blocks);
    }

    /** The stored row by the only token. */
    private float dot(int n) {
        Arrays.fill(acc, 0);
        for (int b = 0; b < n / Q16K.BLOCK; b++) {
            open(b);
            float factor = factors[b] * scales[b];
            for (int l = 0; l < LANES; l += INTS.length()) {
                IntVector sum = IntVector.zero(INTS);
                for (int group = 0; group < 4; group++) {
                    IntVector six = six(b, group, l);
                    int x = b * Q16K.BLOCK + 64 * group + l;
                    IntVector part = six.and(63)
                            .mul(code(x))
                            .add(six.lanewise(LSHR, 8).and(63).mul(code(x + LANES)))
                            .add(six.lanewise(LSHR, 16).and(63).mul(code(x + 2 * LANES)))
                            .add(six.lanewise(LSHR, 24).mul(code(x + 3 * LANES)))
                            .sub(IntVector.fromArray(INTS, bias, b * (Q16K.BLOCK / 4) + LANES * group + l));
                    sum = sum.add(part.mul(IntVector.fromArray(INTS, subScales, LANES * group + l)));
                }
                accumulate(sum, factor, l);
            }
        }
        return ScalarMath.tree(acc);
    }

    private IntVector code(int at) {
        return IntVector.fromArray(INTS, codes, at);
    }

    /** Scales of block {@code b} of the stored row: 128 bytes of nibbles, 64 of bit pairs, sixteen scales, a half. */
    private void open(int b) {
        int at = b * BLOCK_BYTES + 192;
        for (int i = 0; i < LANES; i++) {
            int scale = stored[at + i];
            subScales[4 * i] = scale;
            subScales[4 * i + 1] = scale;
            subScales[4 * i + 2] = scale;
            subScales[4 * i + 3] = scale;
        }
        factors[b] = Float.float16ToFloat((short) (stored[at + 16] & 0xff | stored[at + 17] << 8));
    }

    /** Weights + 32 of lanes {@code l} on, of 64 columns, four to a lane. */
    private IntVector six(int b, int group, int l) {
        int nibbles = b * BLOCK_BYTES + group / 2 * 64 + 4 * l;
        int pairs = b * BLOCK_BYTES + 128 + group / 2 * 32 + 4 * l % 32;
        IntVector four = ints(nibbles).lanewise(LSHR, 4 * (group % 2)).and(0x0f0f0f0f);
        IntVector two =
                ints(pairs).lanewise(LSHR, 2 * (2 * (group % 2) + l / 8)).and(0x03030303);
        return four.or(two.lanewise(LSHL, 4));
    }

    private IntVector ints(int at) {
        return ByteVector.fromArray(BYTES, stored, at).reinterpretAsInts();
    }

    /** Block {@code b} of the stored row, weights times sub-scales. */
    private void weights(int b) {
        open(b);
        for (int group = 0; group < 4; group++) {
            for (int l = 0; l < LANES; l += INTS.length()) {
                IntVector six = six(b, group, l);
                IntVector scale = IntVector.fromArray(INTS, subScales, LANES * group + l);
                for (int k = 0; k < 4; k++) {
                    IntVector q = six.lanewise(LSHR, 8 * k).and(63).sub(32);
                    q.mul(scale).intoArray(weights, b * Q16K.BLOCK + 64 * group + LANES * k + l);
                }
            }
        }
    }

    private float dot(int token, int n) {
        int blocks = n / Q16K.BLOCK;
        Arrays.fill(acc, 0);
        for (int b = 0; b < blocks; b++) {
            int w = b * Q16K.BLOCK;
            for (int l = 0; l < LANES; l += INTS.length()) {
                IntVector sum = IntVector.zero(INTS);
                for (int i = l; i < Q16K.BLOCK; i += LANES) {
                    sum = sum.add(IntVector.fromArray(INTS, weights, w + i).mul(code(token * n + w + i)));
                }
                accumulate(sum, factors[b] * scales[token * blocks + b], l);
            }
        }
        return ScalarMath.tree(acc);
    }

    private void accumulate(IntVector sum, float factor, int l) {
        ((FloatVector) sum.convertShape(I2F, FLOATS, 0))
                .fma(FloatVector.broadcast(FLOATS, factor), FloatVector.fromArray(FLOATS, acc, l))
                .intoArray(acc, l);
    }
}
