package dev.trit.tensor.internal.vector;

import static dev.trit.tensor.TernaryWeights.ROW_GROUP;
import static java.nio.ByteOrder.LITTLE_ENDIAN;
import static jdk.incubator.vector.VectorOperators.ADD;
import static jdk.incubator.vector.VectorOperators.ASHR;
import static jdk.incubator.vector.VectorOperators.LSHL;
import static jdk.incubator.vector.VectorOperators.LSHR;

import dev.trit.tensor.ActivationRows;
import dev.trit.tensor.ScalarKernels;
import dev.trit.tensor.Scales;
import dev.trit.tensor.TensorException;
import dev.trit.tensor.TernaryWeights;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.ShortVector;
import jdk.incubator.vector.VectorSpecies;

/**
 * The ternary product with 16-bit lanes. A word holds the codes of eight rows at one column, two bits each; word >>> 2i
 * has row i's code in its low bits <em>and the later rows above it</em>. No mask removes those: with S'(i) = sum of x *
 * (word >>> 2i), the sum that belongs to row i is S'(i) - 4 S'(i+1), and since all of it is exact modulo 2^16 and the
 * true sum of {@link #BLOCK} products fits 16 bits, the difference is the true sum. That makes shift, multiply, add for
 * each row, a quarter less than with a mask.
 *
 * <p>Every hot loop stands alone in its method and leaves its accumulators in scratch memory; {@link #sum} reads them
 * back. With the sums in the same method the compiler's inlining budget runs out half-way, and a vector that meets a call
 * left uninlined is boxed in every iteration (measured: five times slower).
 */
final class VectorTernary {
    private static final VectorSpecies<Short> S = Width.SHORT;
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
        if (w.layout() != TernaryWeights.Layout.WORDS) {
            throw new TensorException("a matrix packed as %s was given to vector kernels".formatted(w.layout()));
        }
        if (w.scales().grouped()) {
            grouped(w, x, from, to, y, yStride);
            return;
        }
        int firstGroup = from / ROW_GROUP;
        int lastGroup = Math.ceilDiv(to, ROW_GROUP);
        int[] sums = new int[ROW_GROUP * TILE];
        short[] lanes = new short[Math.max(ROW_GROUP, 4 * TILE) * LANES];
        if (x.rows() < TILE) {
            for (int g = firstGroup; g < lastGroup; g++) {
                for (int t = 0; t < x.rows(); t++) {
                    one(w, g, x, t, 0, w.paddedCols(), lanes, sums);
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
                    tile(w, g, x, t, lanes, sums);
                    for (int k = 0; k < TILE; k++) {
                        store(w, g, x, t + k, sums, k * ROW_GROUP, to, y, yStride);
                    }
                }
            }
            for (; t < x.rows(); t++) {
                for (int g = panel; g < end; g++) {
                    one(w, g, x, t, 0, w.paddedCols(), lanes, sums);
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
    private static void one(
            TernaryWeights w, int g, ActivationRows x, int t, int from, int to, short[] lanes, int[] sums) {
        Arrays.fill(sums, 0, ROW_GROUP, 0);
        long at = 2L * g * w.paddedCols();
        int xAt = t * x.stride();
        for (int block = from; block < to; block += BLOCK * LANES) {
            int end = Math.min(block + BLOCK * LANES, to);
            eightRows(w.words(), at + 2L * block, x.codes(), xAt + block, end - block, lanes);
            for (int i = 0; i < ROW_GROUP; i++) {
                sums[i] += sum(lanes, i * LANES, i == ROW_GROUP - 1);
            }
        }
    }

    /** S'(0) ... S'(7) of one row group and one token over {@code n} columns, at most {@link #BLOCK} vectors. */
    private static void eightRows(MemorySegment words, long at, short[] x, int xAt, int n, short[] lanes) {
        ShortVector a0 = ShortVector.zero(S);
        ShortVector a1 = a0, a2 = a0, a3 = a0, a4 = a0, a5 = a0, a6 = a0, a7 = a0;
        for (int c = 0; c < n; c += LANES) {
            ShortVector v = ShortVector.fromMemorySegment(S, words, at + 2L * c, LITTLE_ENDIAN);
            ShortVector q = ShortVector.fromArray(S, x, xAt + c);
            a0 = a0.add(v.mul(q));
            a1 = a1.add(v.lanewise(LSHR, 2).mul(q));
            a2 = a2.add(v.lanewise(LSHR, 4).mul(q));
            a3 = a3.add(v.lanewise(LSHR, 6).mul(q));
            a4 = a4.add(v.lanewise(LSHR, 8).mul(q));
            a5 = a5.add(v.lanewise(LSHR, 10).mul(q));
            a6 = a6.add(v.lanewise(LSHR, 12).mul(q));
            a7 = a7.add(v.lanewise(LSHR, 14).mul(q));
        }
        a0.intoArray(lanes, 0);
        a1.intoArray(lanes, LANES);
        a2.intoArray(lanes, 2 * LANES);
        a3.intoArray(lanes, 3 * LANES);
        a4.intoArray(lanes, 4 * LANES);
        a5.intoArray(lanes, 5 * LANES);
        a6.intoArray(lanes, 6 * LANES);
        a7.intoArray(lanes, 7 * LANES);
    }

    /** As {@link #one} over all columns for {@link #TILE} tokens; {@code sums[k * 8 + i]} for token t+k and row i. */
    private static void tile(TernaryWeights w, int g, ActivationRows x, int t, short[] lanes, int[] sums) {
        Arrays.fill(sums, 0);
        long at = 2L * g * w.paddedCols();
        int xAt = t * x.stride();
        for (int block = 0; block < w.paddedCols(); block += BLOCK * LANES) {
            int n = Math.min(BLOCK * LANES, w.paddedCols() - block);
            for (int half = 0; half < 2; half++) {
                if (TILE == 4) {
                    fourTokens(w.words(), at + 2L * block, x.codes(), xAt + block, x.stride(), n, half == 0, lanes);
                } else {
                    twoTokens(w.words(), at + 2L * block, x.codes(), xAt + block, x.stride(), n, half == 0, lanes);
                }
                for (int k = 0; k < TILE; k++) {
                    for (int i = 0; i < 4; i++) {
                        sums[k * ROW_GROUP + 4 * half + i] += sum(lanes, (4 * k + i) * LANES, i == 3);
                    }
                }
            }
        }
    }

    /** Four rows (0-3 if {@code low}, else 4-7) by four tokens; token k's sums at {@code lanes[4 * k * LANES]}. */
    private static void fourTokens(
            MemorySegment words, long at, short[] x, int x0, int stride, int n, boolean low, short[] lanes) {
        int x1 = x0 + stride, x2 = x1 + stride, x3 = x2 + stride;
        ShortVector z = ShortVector.zero(S);
        ShortVector a00 = z, a01 = z, a02 = z, a03 = z, a10 = z, a11 = z, a12 = z, a13 = z;
        ShortVector a20 = z, a21 = z, a22 = z, a23 = z, a30 = z, a31 = z, a32 = z, a33 = z;
        for (int c = 0; c < n; c += LANES) {
            ShortVector v = ShortVector.fromMemorySegment(S, words, at + 2L * c, LITTLE_ENDIAN);
            ShortVector r0 = low ? v.and((short) 0xff) : v.lanewise(LSHR, 8);
            ShortVector r1 = r0.lanewise(LSHR, 2), r2 = r0.lanewise(LSHR, 4), r3 = r0.lanewise(LSHR, 6);
            ShortVector q = ShortVector.fromArray(S, x, x0 + c);
            a00 = a00.add(r0.mul(q));
            a10 = a10.add(r1.mul(q));
            a20 = a20.add(r2.mul(q));
            a30 = a30.add(r3.mul(q));
            q = ShortVector.fromArray(S, x, x1 + c);
            a01 = a01.add(r0.mul(q));
            a11 = a11.add(r1.mul(q));
            a21 = a21.add(r2.mul(q));
            a31 = a31.add(r3.mul(q));
            q = ShortVector.fromArray(S, x, x2 + c);
            a02 = a02.add(r0.mul(q));
            a12 = a12.add(r1.mul(q));
            a22 = a22.add(r2.mul(q));
            a32 = a32.add(r3.mul(q));
            q = ShortVector.fromArray(S, x, x3 + c);
            a03 = a03.add(r0.mul(q));
            a13 = a13.add(r1.mul(q));
            a23 = a23.add(r2.mul(q));
            a33 = a33.add(r3.mul(q));
        }
        a00.intoArray(lanes, 0);
        a10.intoArray(lanes, LANES);
        a20.intoArray(lanes, 2 * LANES);
        a30.intoArray(lanes, 3 * LANES);
        a01.intoArray(lanes, 4 * LANES);
        a11.intoArray(lanes, 5 * LANES);
        a21.intoArray(lanes, 6 * LANES);
        a31.intoArray(lanes, 7 * LANES);
        a02.intoArray(lanes, 8 * LANES);
        a12.intoArray(lanes, 9 * LANES);
        a22.intoArray(lanes, 10 * LANES);
        a32.intoArray(lanes, 11 * LANES);
        a03.intoArray(lanes, 12 * LANES);
        a13.intoArray(lanes, 13 * LANES);
        a23.intoArray(lanes, 14 * LANES);
        a33.intoArray(lanes, 15 * LANES);
    }

    /** As {@link #fourTokens} by two tokens. */
    private static void twoTokens(
            MemorySegment words, long at, short[] x, int x0, int stride, int n, boolean low, short[] lanes) {
        int x1 = x0 + stride;
        ShortVector z = ShortVector.zero(S);
        ShortVector a00 = z, a01 = z, a10 = z, a11 = z, a20 = z, a21 = z, a30 = z, a31 = z;
        for (int c = 0; c < n; c += LANES) {
            ShortVector v = ShortVector.fromMemorySegment(S, words, at + 2L * c, LITTLE_ENDIAN);
            ShortVector r0 = low ? v.and((short) 0xff) : v.lanewise(LSHR, 8);
            ShortVector r1 = r0.lanewise(LSHR, 2), r2 = r0.lanewise(LSHR, 4), r3 = r0.lanewise(LSHR, 6);
            ShortVector q = ShortVector.fromArray(S, x, x0 + c);
            a00 = a00.add(r0.mul(q));
            a10 = a10.add(r1.mul(q));
            a20 = a20.add(r2.mul(q));
            a30 = a30.add(r3.mul(q));
            q = ShortVector.fromArray(S, x, x1 + c);
            a01 = a01.add(r0.mul(q));
            a11 = a11.add(r1.mul(q));
            a21 = a21.add(r2.mul(q));
            a31 = a31.add(r3.mul(q));
        }
        a00.intoArray(lanes, 0);
        a10.intoArray(lanes, LANES);
        a20.intoArray(lanes, 2 * LANES);
        a30.intoArray(lanes, 3 * LANES);
        a01.intoArray(lanes, 4 * LANES);
        a11.intoArray(lanes, 5 * LANES);
        a21.intoArray(lanes, 6 * LANES);
        a31.intoArray(lanes, 7 * LANES);
    }

    /**
     * The sum that belongs to one row: the lanes of S'(i) - 4 S'(i+1), which stand one after the other, or of S'(i) alone
     * for the last row of a word. Odd and even lanes are sign extended in place and added in 32 bits.
     */
    private static int sum(short[] lanes, int at, boolean last) {
        ShortVector v = ShortVector.fromArray(S, lanes, at);
        if (!last) {
            v = v.sub(ShortVector.fromArray(S, lanes, at + LANES).lanewise(LSHL, 2));
        }
        IntVector pairs = v.reinterpretAsInts();
        IntVector odd = pairs.lanewise(ASHR, 16);
        IntVector even = pairs.lanewise(LSHL, 16).lanewise(ASHR, 16);
        return odd.add(even).reduceLanes(ADD);
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
        short[] lanes = new short[ROW_GROUP * LANES];
        float[] acc = new float[ROW_GROUP];
        for (int g = from / ROW_GROUP; g < Math.ceilDiv(to, ROW_GROUP); g++) {
            int first = g * ROW_GROUP;
            int n = Math.min(to - first, ROW_GROUP);
            for (int t = 0; t < x.rows(); t++) {
                Arrays.fill(acc, 0f);
                for (int k = 0; k < groups; k++) {
                    int start = k * size;
                    one(w, g, x, t, start, Math.min(start + size, w.paddedCols()), lanes, sums);
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
