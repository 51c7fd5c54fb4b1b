package dev.trit.tensor.internal.vector;

import static dev.trit.tensor.TernaryWeights.ROW_GROUP;
import static java.nio.ByteOrder.LITTLE_ENDIAN;
import static jdk.incubator.vector.VectorOperators.LSHR;

import dev.trit.tensor.ActivationRows;
import dev.trit.tensor.ScalarKernels;
import dev.trit.tensor.Scales;
import dev.trit.tensor.TernaryWeights;
import java.lang.foreign.MemorySegment;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.ShortVector;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorSpecies;

/**
 * The ternary product with 16-bit lanes. A word holds the codes of eight rows at one column, two bits each; word >>> 2i
 * has row i's code in its low bits <em>and the later rows above it</em>. No mask removes those: with S'(i) = sum of x *
 * (word >>> 2i), the sum that belongs to row i is S'(i) - 4 S'(i+1), and since all of it is exact modulo 2^16 and the
 * true sum of {@link #BLOCK} products fits 16 bits, the difference is the true sum. That makes shift, multiply, add for
 * each row, a quarter less than with a mask.
 */
final class VectorTernary {
    private static final VectorSpecies<Short> S = Width.SHORT;
    private static final VectorSpecies<Integer> I = Width.INT;
    private static final int LANES = S.length();

    /** Vectors whose products a 16-bit lane can add up: 128 * 2 * 128 = 2^15 is reached only as -2^15. */
    private static final int BLOCK = 128;

    /** Row groups of a panel, whose words stay in the second-level cache while all tokens pass. */
    private static final int PANEL = 8;

    /** Tokens of a tile: 4 rows x 4 tokens of accumulators need the 32 registers of AVX-512, 4 x 2 fit in 16. */
    private static final int TILE = Width.BITS == 512 ? 4 : 2;

    private VectorTernary() {}

    static void matmul(TernaryWeights w, ActivationRows x, int from, int to, float[] y, int yStride) {
        ScalarKernels.checkTernary(w, x, from, to);
        if (w.scales().grouped()) {
            grouped(w, x, from, to, y, yStride);
            return;
        }
        int firstGroup = from / ROW_GROUP;
        int lastGroup = Math.ceilDiv(to, ROW_GROUP);
        int[] sums = new int[ROW_GROUP * TILE];
        if (x.rows() < TILE) {
            for (int g = firstGroup; g < lastGroup; g++) {
                for (int t = 0; t < x.rows(); t++) {
                    one(w, g, x, t, 0, w.paddedCols(), sums);
                    store(w, g, x, t, sums, 0, to, y, yStride);
                }
            }
            return;
        }
        for (int panel = firstGroup; panel < lastGroup; panel += PANEL) {
            int end = Math.min(panel + PANEL, lastGroup);
            int t = 0;
            for (; t + TILE <= x.rows(); t += TILE) {
                for (int g = panel; g < end; g++) {
                    tile(w, g, x, t, sums);
                    for (int k = 0; k < TILE; k++) {
                        store(w, g, x, t + k, sums, k * ROW_GROUP, to, y, yStride);
                    }
                }
            }
            for (; t < x.rows(); t++) {
                for (int g = panel; g < end; g++) {
                    one(w, g, x, t, 0, w.paddedCols(), sums);
                    store(w, g, x, t, sums, 0, to, y, yStride);
                }
            }
        }
    }

    /** y = (sum of code * x - sum of x) * (weight scale * activation scale), for the rows of one group. */
    private static void store(
            TernaryWeights w, int g, ActivationRows x, int t, int[] sums, int at, int to, float[] y, int yStride) {
        Scales scales = w.scales();
        int first = g * ROW_GROUP;
        int n = Math.min(to - first, ROW_GROUP);
        for (int i = 0; i < n; i++) {
            y[t * yStride + first + i] = (sums[at + i] - x.sums()[t]) * (scales.ofRow(first + i) * x.scales()[t]);
        }
    }

    /** Sums of code * x over columns {@code from ... to-1} for the eight rows of a group and one token. */
    private static void one(TernaryWeights w, int g, ActivationRows x, int t, int from, int to, int[] sums) {
        MemorySegment words = w.words();
        short[] codes = x.codes();
        long at = 2L * g * w.paddedCols();
        int xAt = t * x.stride();
        for (int i = 0; i < ROW_GROUP; i++) {
            sums[i] = 0;
        }
        for (int block = from; block < to; block += BLOCK * LANES) {
            int end = Math.min(block + BLOCK * LANES, to);
            ShortVector a0 = ShortVector.zero(S);
            ShortVector a1 = a0, a2 = a0, a3 = a0, a4 = a0, a5 = a0, a6 = a0, a7 = a0;
            for (int c = block; c < end; c += LANES) {
                ShortVector v = ShortVector.fromMemorySegment(S, words, at + 2L * c, LITTLE_ENDIAN);
                ShortVector q = ShortVector.fromArray(S, codes, xAt + c);
                a0 = a0.add(v.mul(q));
                a1 = a1.add(v.lanewise(LSHR, 2).mul(q));
                a2 = a2.add(v.lanewise(LSHR, 4).mul(q));
                a3 = a3.add(v.lanewise(LSHR, 6).mul(q));
                a4 = a4.add(v.lanewise(LSHR, 8).mul(q));
                a5 = a5.add(v.lanewise(LSHR, 10).mul(q));
                a6 = a6.add(v.lanewise(LSHR, 12).mul(q));
                a7 = a7.add(v.lanewise(LSHR, 14).mul(q));
            }
            sums[0] += sum(less4(a0, a1));
            sums[1] += sum(less4(a1, a2));
            sums[2] += sum(less4(a2, a3));
            sums[3] += sum(less4(a3, a4));
            sums[4] += sum(less4(a4, a5));
            sums[5] += sum(less4(a5, a6));
            sums[6] += sum(less4(a6, a7));
            sums[7] += sum(a7);
        }
    }

    /** As {@link #one} for {@link #TILE} tokens; {@code sums[k * 8 + i]} for token t+k and row i. */
    private static void tile(TernaryWeights w, int g, ActivationRows x, int t, int[] sums) {
        java.util.Arrays.fill(sums, 0);
        for (int block = 0; block < w.paddedCols(); block += BLOCK * LANES) {
            int end = Math.min(block + BLOCK * LANES, w.paddedCols());
            if (TILE == 4) {
                four(w, g, x, t, block, end, true, sums);
                four(w, g, x, t, block, end, false, sums);
            } else {
                two(w, g, x, t, block, end, true, sums);
                two(w, g, x, t, block, end, false, sums);
            }
        }
    }

    /** Four rows (0-3 if {@code low}, else 4-7) by four tokens over at most {@link #BLOCK} vectors. */
    private static void four(
            TernaryWeights w, int g, ActivationRows x, int t, int from, int to, boolean low, int[] sums) {
        MemorySegment words = w.words();
        short[] codes = x.codes();
        long at = 2L * g * w.paddedCols();
        int x0 = t * x.stride(), x1 = x0 + x.stride(), x2 = x1 + x.stride(), x3 = x2 + x.stride();
        ShortVector z = ShortVector.zero(S);
        ShortVector a00 = z, a01 = z, a02 = z, a03 = z, a10 = z, a11 = z, a12 = z, a13 = z;
        ShortVector a20 = z, a21 = z, a22 = z, a23 = z, a30 = z, a31 = z, a32 = z, a33 = z;
        for (int c = from; c < to; c += LANES) {
            ShortVector v = ShortVector.fromMemorySegment(S, words, at + 2L * c, LITTLE_ENDIAN);
            ShortVector r0 = low ? v.and((short) 0xff) : v.lanewise(LSHR, 8);
            ShortVector r1 = r0.lanewise(LSHR, 2), r2 = r0.lanewise(LSHR, 4), r3 = r0.lanewise(LSHR, 6);
            ShortVector q = ShortVector.fromArray(S, codes, x0 + c);
            a00 = a00.add(r0.mul(q));
            a10 = a10.add(r1.mul(q));
            a20 = a20.add(r2.mul(q));
            a30 = a30.add(r3.mul(q));
            q = ShortVector.fromArray(S, codes, x1 + c);
            a01 = a01.add(r0.mul(q));
            a11 = a11.add(r1.mul(q));
            a21 = a21.add(r2.mul(q));
            a31 = a31.add(r3.mul(q));
            q = ShortVector.fromArray(S, codes, x2 + c);
            a02 = a02.add(r0.mul(q));
            a12 = a12.add(r1.mul(q));
            a22 = a22.add(r2.mul(q));
            a32 = a32.add(r3.mul(q));
            q = ShortVector.fromArray(S, codes, x3 + c);
            a03 = a03.add(r0.mul(q));
            a13 = a13.add(r1.mul(q));
            a23 = a23.add(r2.mul(q));
            a33 = a33.add(r3.mul(q));
        }
        int o = low ? 0 : 4;
        add(sums, o, a00, a10, a20, a30);
        add(sums, o + ROW_GROUP, a01, a11, a21, a31);
        add(sums, o + 2 * ROW_GROUP, a02, a12, a22, a32);
        add(sums, o + 3 * ROW_GROUP, a03, a13, a23, a33);
    }

    /** As {@link #four} by two tokens. */
    private static void two(
            TernaryWeights w, int g, ActivationRows x, int t, int from, int to, boolean low, int[] sums) {
        MemorySegment words = w.words();
        short[] codes = x.codes();
        long at = 2L * g * w.paddedCols();
        int x0 = t * x.stride(), x1 = x0 + x.stride();
        ShortVector z = ShortVector.zero(S);
        ShortVector a00 = z, a01 = z, a10 = z, a11 = z, a20 = z, a21 = z, a30 = z, a31 = z;
        for (int c = from; c < to; c += LANES) {
            ShortVector v = ShortVector.fromMemorySegment(S, words, at + 2L * c, LITTLE_ENDIAN);
            ShortVector r0 = low ? v.and((short) 0xff) : v.lanewise(LSHR, 8);
            ShortVector r1 = r0.lanewise(LSHR, 2), r2 = r0.lanewise(LSHR, 4), r3 = r0.lanewise(LSHR, 6);
            ShortVector q = ShortVector.fromArray(S, codes, x0 + c);
            a00 = a00.add(r0.mul(q));
            a10 = a10.add(r1.mul(q));
            a20 = a20.add(r2.mul(q));
            a30 = a30.add(r3.mul(q));
            q = ShortVector.fromArray(S, codes, x1 + c);
            a01 = a01.add(r0.mul(q));
            a11 = a11.add(r1.mul(q));
            a21 = a21.add(r2.mul(q));
            a31 = a31.add(r3.mul(q));
        }
        int o = low ? 0 : 4;
        add(sums, o, a00, a10, a20, a30);
        add(sums, o + ROW_GROUP, a01, a11, a21, a31);
    }

    private static void add(int[] sums, int at, ShortVector a0, ShortVector a1, ShortVector a2, ShortVector a3) {
        sums[at] += sum(less4(a0, a1));
        sums[at + 1] += sum(less4(a1, a2));
        sums[at + 2] += sum(less4(a2, a3));
        sums[at + 3] += sum(a3);
    }

    /** a - 4 b, modulo 2^16. */
    private static ShortVector less4(ShortVector a, ShortVector b) {
        return a.sub(b.lanewise(VectorOperators.LSHL, 2));
    }

    /** The sum of signed lanes, in 32 bits. */
    private static int sum(ShortVector v) {
        IntVector low = (IntVector) v.convertShape(VectorOperators.S2I, I, 0);
        IntVector high = (IntVector) v.convertShape(VectorOperators.S2I, I, 1);
        return low.add(high).reduceLanes(VectorOperators.ADD);
    }

    /** Scales per group of columns: an exact sum for each group, then a fused multiply-add in group order. */
    private static void grouped(TernaryWeights w, ActivationRows x, int from, int to, float[] y, int yStride) {
        Scales scales = w.scales();
        int size = scales.groupSize();
        if (size % LANES != 0) { // groups that split a vector: a rare shape, left to the specification
            new ScalarKernels().ternaryMatmul(w, x, from, to, y, yStride);
            return;
        }
        int groups = Math.ceilDiv(w.cols(), size);
        int[] sums = new int[ROW_GROUP];
        float[] acc = new float[ROW_GROUP];
        for (int g = from / ROW_GROUP; g < Math.ceilDiv(to, ROW_GROUP); g++) {
            int first = g * ROW_GROUP;
            int n = Math.min(to - first, ROW_GROUP);
            for (int t = 0; t < x.rows(); t++) {
                java.util.Arrays.fill(acc, 0f);
                for (int k = 0; k < groups; k++) {
                    int start = k * size;
                    one(w, g, x, t, start, Math.min(start + size, w.paddedCols()), sums);
                    int codes = sumOfCodes(x, t, start, Math.min(start + size, w.cols()));
                    for (int i = 0; i < n; i++) {
                        acc[i] = Math.fma((float) (sums[i] - codes), scales.values()[(first + i) * groups + k], acc[i]);
                    }
                }
                for (int i = 0; i < n; i++) {
                    y[t * yStride + first + i] = acc[i] * x.scales()[t];
                }
            }
        }
    }

    private static int sumOfCodes(ActivationRows x, int t, int from, int to) {
        int sum = 0;
        for (int c = from; c < to; c++) {
            sum += x.codes()[t * x.stride() + c];
        }
        return sum;
    }
}
