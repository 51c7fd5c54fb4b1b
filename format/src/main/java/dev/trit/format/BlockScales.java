package dev.trit.format;

import dev.trit.tensor.Scales;
import dev.trit.tensor.TernaryTensor;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * The scales of blocks along a row, each a half-precision float inside its block: TQ1_0, TQ2_0, Q1_0 and Q2_0.
 *
 * @param dialect name for messages
 * @param elements columns that share a scale
 * @param bytes bytes of a block
 * @param scaleAt where in its block the scale is
 * @param zeros what the codes of a block of zeros look like, from the first byte that is not the scale on; null if the
 *     dialect has no zero
 */
record BlockScales(String dialect, int elements, int bytes, int scaleAt, byte @Nullable [] zeros) {
    private static final ValueLayout.OfShort F16 = ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

    /** Bytes of a row. */
    int rowBytes(int cols) {
        return cols / elements * bytes;
    }

    /**
     * Reads all scales of a matrix, in the coarsest form that means the same.
     *
     * <p>ggml gives a block of zeros the scale 0. Its neighbour's would do as well, and then the matrix keeps one scale
     * per row, which kernels multiply once; so a block that has both zeros and scale 0 counts as undecided.
     */
    Scales read(MemorySegment blob, int rows, int cols) {
        int groups = cols / elements;
        float[] scales = new float[Math.multiplyExact(rows, groups)];
        float last = 0;
        int undecided = 0; // blocks of zeros before the first scale
        for (int i = 0; i < scales.length; i++) {
            float d = Float.float16ToFloat(blob.get(F16, (long) i * bytes + scaleAt));
            if (!Float.isFinite(d)) {
                PackedRows.checkScale(dialect, d, "at row %d, column %d".formatted(i / groups, i % groups * elements));
            }
            if (d == 0 && isZeros(blob, (long) i * bytes)) {
                undecided += i == undecided ? 1 : 0;
                scales[i] = last;
            } else {
                scales[i] = last = d;
            }
        }
        if (undecided < scales.length) {
            Arrays.fill(scales, 0, undecided, scales[undecided]);
        }
        return Scales.perGroup(elements, scales).coarsest(rows);
    }

    private boolean isZeros(MemorySegment blob, long block) {
        if (zeros == null) {
            return false;
        }
        long codes = block + (scaleAt == 0 ? 2 : 0);
        return blob.asSlice(codes, zeros.length).mismatch(MemorySegment.ofArray(zeros)) < 0;
    }

    /**
     * The scale of every block of a matrix, row-major, in half precision.
     *
     * @throws FormatException if columns of one block have different scales, or a scale is too large or too small
     */
    short[] halves(TernaryTensor t) {
        PackedRows.checkBlocks(dialect, t.rows(), t.cols(), elements);
        int groups = t.cols() / elements;
        short[] halves = new short[Math.multiplyExact(t.rows(), groups)];
        for (int i = 0; i < halves.length; i++) {
            halves[i] = half(dialect, scale(t, i / groups, i % groups * elements));
        }
        return halves;
    }

    /** Whether every scale is a half-precision number. */
    static boolean lossless(TernaryTensor t) {
        for (float scale : t.scales().values()) {
            if (Float.float16ToFloat(Float.floatToFloat16(scale)) != scale) {
                return false;
            }
        }
        return true;
    }

    /** Puts a half-precision float where the block that begins at {@code block} keeps it. */
    void put(short half, byte[] raw, int block) {
        raw[block + scaleAt] = (byte) half;
        raw[block + scaleAt + 1] = (byte) (half >> 8);
    }

    /** The scale of columns {@code from ... from + elements - 1}. */
    private float scale(TernaryTensor t, int row, int from) {
        Scales s = t.scales();
        if (!s.grouped()) {
            return s.ofRow(row);
        }
        int groups = Math.ceilDiv(t.cols(), s.groupSize());
        float first = s.values()[row * groups + from / s.groupSize()];
        for (int g = from / s.groupSize() + 1; g <= (from + elements - 1) / s.groupSize(); g++) {
            if (s.values()[row * groups + g] != first) {
                throw new FormatException(
                        "%s has one scale for %d columns".formatted(dialect, elements),
                        "equal scales in each block",
                        "%s and %s in row %d".formatted(first, s.values()[row * groups + g], row),
                        "Q2_0 keeps a scale for every 64 columns.");
            }
        }
        return first;
    }

    /** A scale in half precision; rounded if it must, but never to zero or infinity. */
    static short half(String dialect, float scale) {
        short half = Float.floatToFloat16(scale);
        float back = Float.float16ToFloat(half);
        if (!Float.isFinite(back) || (back == 0 && scale != 0)) {
            throw new FormatException(
                    "%s keeps scales in half precision".formatted(dialect),
                    "a magnitude of 6e-8 to 65504",
                    scale,
                    "I2_S keeps the scale as a float.");
        }
        return half;
    }
}
