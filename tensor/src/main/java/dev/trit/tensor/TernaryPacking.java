package dev.trit.tensor;

import static dev.trit.tensor.TernaryWeights.ROW_GROUP;

import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.List;

/** Fills the words of {@link TernaryWeights} from one or several matrices, a row group at a time. */
final class TernaryPacking {
    private TernaryPacking() {}

    /** Packs row groups in parallel; a group may span two parts. */
    static void pack(List<TernaryTensor> parts, TernaryWeights w, ThreadTeam team) {
        team.run(w.rowGroups(), 1, (from, to) -> {
            byte[] trits = new byte[ROW_GROUP * w.cols()]; // [8, cols]
            short[] words = new short[w.paddedCols()];
            for (int g = from; g < to; g++) {
                int have = Math.min(ROW_GROUP, w.rows() - g * ROW_GROUP);
                if (have < ROW_GROUP) {
                    Arrays.fill(trits, (byte) -1); // rows of padding get code 0
                }
                readRows(parts, g * ROW_GROUP, have, trits, w.cols());
                interleave(trits, w.cols(), words);
                long at = 2L * g * w.paddedCols();
                MemorySegment.copy(words, 0, w.words(), TernaryWeights.WORD, at, words.length);
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

    /** Word c = sum over the eight rows i of (trit[i][c] + 1) << 2i. */
    private static void interleave(byte[] trits, int cols, short[] words) {
        for (int c = 0; c < cols; c++) {
            int word = 0;
            for (int i = ROW_GROUP - 1; i >= 0; i--) {
                word = word << 2 | trits[i * cols + c] + 1;
            }
            words[c] = (short) word;
        }
        Arrays.fill(words, cols, words.length, (short) 0);
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
