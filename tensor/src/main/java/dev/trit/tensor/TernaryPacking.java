package dev.trit.tensor;

import static dev.trit.tensor.TernaryWeights.COLUMN_BLOCK;
import static dev.trit.tensor.TernaryWeights.TRIPLE_ROWS;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.List;

/** Fills the bytes of {@link TernaryWeights} from one or several matrices, a row group at a time. */
final class TernaryPacking {
    private static final VarHandle EIGHT = MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);
    private static final long ONES = 0x0101010101010101L;
    private static final long THREES = 3 * ONES;
    private static final long FIFTEENS = 15 * ONES;
    private static final long TOPS = ONES << 7;

    private TernaryPacking() {}

    /** Packs row groups in parallel; a group may span two parts. */
    static void pack(List<TernaryTensor> parts, TernaryWeights w, ThreadTeam team) {
        int rows = w.layout().rows();
        team.run(w.rowGroups(), 1, (from, to) -> {
            byte[] trits = new byte[rows * w.cols()]; // [rows of a group, cols]
            byte[] bytes = new byte[w.groupBytes()];
            for (int g = from; g < to; g++) {
                int have = Math.min(rows, w.rows() - g * rows);
                if (have < rows) {
                    Arrays.fill(trits, (byte) -1); // rows of padding get code 0
                }
                readRows(parts, g * rows, have, trits, w.cols());
                switch (w.layout()) {
                    case WORDS -> words(trits, w.cols(), bytes);
                    case BLOCKS -> blocks(trits, w.cols(), bytes);
                    case TRIPLES -> triples(trits, w.cols(), bytes);
                }
                MemorySegment.copy(bytes, 0, w.words(), ValueLayout.JAVA_BYTE, (long) g * bytes.length, bytes.length);
            }
        });
    }

    /** Rows {@code first ... first+n-1} of the parts one below the other. */
    private static void readRows(List<TernaryTensor> parts, int first, int n, byte[] out, int cols) {
        int start = 0; // row at which the part begins
        for (TernaryTensor part : parts) {
            int from = Math.max(first, start);
            int to = Math.min(first + n, start + part.rows());
            if (from < to) {
                part.trits().read(from - start, to - start, out, (from - first) * cols);
            }
            start += part.rows();
        }
    }

    /** Byte 2c + h = the codes of rows 4h ... 4h+3 at column c. */
    private static void words(byte[] trits, int cols, byte[] bytes) {
        for (int c = 0; c < cols; c++) {
            bytes[2 * c] = fourRows(trits, cols, c);
            bytes[2 * c + 1] = fourRows(trits, cols, 4 * cols + c);
        }
        Arrays.fill(bytes, 2 * cols, bytes.length, (byte) 0);
    }

    /** The same in blocks of 64 columns: 64 bytes of rows 0-3, then 64 of rows 4-7. */
    private static void blocks(byte[] trits, int cols, byte[] bytes) {
        Arrays.fill(bytes, 2 * (cols & -COLUMN_BLOCK), bytes.length, (byte) 0);
        int whole = cols & -8;
        for (int c = 0; c < whole; c += 8) {
            int at = 2 * (c & -COLUMN_BLOCK) + c % COLUMN_BLOCK;
            EIGHT.set(bytes, at, fourByEight(trits, cols, c));
            EIGHT.set(bytes, at + COLUMN_BLOCK, fourByEight(trits, cols, 4 * cols + c));
        }
        for (int c = whole; c < cols; c++) {
            int at = 2 * (c & -COLUMN_BLOCK) + c % COLUMN_BLOCK;
            bytes[at] = fourRows(trits, cols, c);
            bytes[at + COLUMN_BLOCK] = fourRows(trits, cols, 4 * cols + c);
        }
    }

    /** {@link #fourRows} for eight columns at once, a byte each. */
    private static long fourByEight(byte[] trits, int cols, int at) {
        long low = eightCodes(trits, at) | eightCodes(trits, at + cols) << 2;
        return low | eightCodes(trits, at + 2 * cols) << 4 | eightCodes(trits, at + 3 * cols) << 6;
    }

    /** trit + 1 in each byte: the mask makes -1 a 3, so that no sum passes its byte. */
    private static long eightCodes(byte[] trits, int at) {
        return ((long) EIGHT.get(trits, at) & THREES) + ONES & THREES;
    }

    /** Blocks of 64 columns: five lines of 64 bytes, see {@link TernaryWeights.Layout#TRIPLES}. */
    private static void triples(byte[] trits, int cols, byte[] bytes) {
        Arrays.fill(bytes, 5 * (cols & -COLUMN_BLOCK), bytes.length, (byte) 0);
        for (int c = 0; c < cols; c += 8) {
            int at = 5 * (c & -COLUMN_BLOCK) + c % COLUMN_BLOCK;
            int n = Math.min(8, cols - c);
            long signs = 0;
            for (int k = 0; k < TRIPLE_ROWS / 3; k += 2) {
                long low = triple(trits, 3 * k * cols + c, cols, n);
                long high = triple(trits, (3 * k + 3) * cols + c, cols, n);
                EIGHT.set(bytes, at + k / 2 * COLUMN_BLOCK, low & FIFTEENS | (high & FIFTEENS) << 4);
                signs |= (low >>> 7 & ONES) << k | (high >>> 7 & ONES) << k + 1;
            }
            EIGHT.set(bytes, at + 4 * COLUMN_BLOCK, signs);
        }
    }

    /** |9 a + 3 b + c| of the trits at {@code at} and the two rows below, for n of eight columns; bit 7 where negative. */
    private static long triple(byte[] trits, int at, int cols, int n) {
        long first = codes(trits, at, n);
        long second = codes(trits, at + cols, n);
        long u = 9 * first + 3 * second + codes(trits, at + 2 * cols, n); // 13 more than v in each byte, 0 to 26
        long negative = ~(u + 115 * ONES) & TOPS; // bit 7 where u < 13
        long down = (negative >>> 7) * 127;
        long v = (u | TOPS) - 13 * ONES & 127 * ONES; // modulo 128
        return (v ^ down) + (negative >>> 7) & 127 * ONES | negative;
    }

    /** {@link #eightCodes} of fewer columns at a row's end; those that are not there get the code of 0. */
    private static long codes(byte[] trits, int at, int n) {
        if (n == 8) {
            return eightCodes(trits, at);
        }
        long codes = ONES;
        for (int i = 0; i < n; i++) {
            codes += (long) trits[at + i] << 8 * i;
        }
        return codes;
    }

    /** Codes of the trits at {@code at} and in the three rows below, the first lowest. */
    private static byte fourRows(byte[] trits, int cols, int at) {
        int low = trits[at] + 1 | trits[at + cols] + 1 << 2;
        return (byte) (low | trits[at + 2 * cols] + 1 << 4 | trits[at + 3 * cols] + 1 << 6);
    }

    /** The scales of parts one below the other: row ranges if all have whole-row scales, else groups. */
    static Scales join(List<TernaryTensor> parts, int rows) {
        int groupSize =
                parts.stream().mapToInt(p -> p.scales().groupSize()).max().orElseThrow();
        int cols = parts.getFirst().cols();
        if (groupSize == 0) {
            int n = parts.stream().mapToInt(p -> p.scales().values().length).sum();
            int[] starts = new int[n];
            float[] values = new float[n];
            int i = 0;
            int start = 0;
            for (TernaryTensor part : parts) {
                for (int j = 0; j < part.scales().values().length; j++) {
                    starts[i] = start + part.scales().rowStarts()[j];
                    values[i++] = part.scales().values()[j];
                }
                start += part.rows();
            }
            return Scales.perRowRange(starts, values).coarsest(rows);
        }
        int groups = Math.ceilDiv(cols, groupSize);
        float[] values = new float[rows * groups];
        int at = 0;
        for (TernaryTensor part : parts) {
            Scales s = part.scales();
            if (s.grouped() && s.groupSize() != groupSize) {
                throw new TensorException(
                        "fused matrices need one group size, got %d and %d".formatted(groupSize, s.groupSize()));
            }
            for (int r = 0; r < part.rows(); r++) {
                for (int g = 0; g < groups; g++) {
                    values[at++] = s.grouped() ? s.values()[r * groups + g] : s.ofRow(r);
                }
            }
        }
        return Scales.perGroup(groupSize, values);
    }
}
