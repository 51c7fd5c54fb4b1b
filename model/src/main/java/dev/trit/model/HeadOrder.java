package dev.trit.model;

import dev.trit.tensor.FloatTensor;
import dev.trit.tensor.Scales;
import dev.trit.tensor.TernaryTensor;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/**
 * Undoes the order in which GGUF files of architecture {@code llama} keep the rows of the query and key projections:
 * for interleaved rotation, pairs (2j, 2j + 1), while {@link Rope} rotates halves, pairs (j, j + n/2). Row s * n/2 + j of
 * a head is stored as row 2j + s.
 *
 * @param headDim rows of a head, n
 */
record HeadOrder(int headDim) {
    /** Where row {@code row} of the rotate-half order is stored. */
    int stored(int row) {
        int inHead = row % headDim;
        int half = headDim / 2;
        return row - inHead + 2 * (inHead % half) + inHead / half;
    }

    /** A view whose trits are read row by row from where they are stored. */
    TernaryTensor undo(TernaryTensor t) {
        TernaryTensor.Trits trits = (from, to, out, at) -> {
            for (int r = from; r < to; r++) {
                int stored = stored(r);
                t.trits().read(stored, stored + 1, out, at + (r - from) * t.cols());
            }
        };
        return new TernaryTensor(t.rows(), t.cols(), trits, undo(t.scales(), t.rows()));
    }

    private Scales undo(Scales s, int rows) {
        if (s.grouped()) {
            int groups = s.values().length / rows;
            float[] values = new float[s.values().length];
            for (int r = 0; r < rows; r++) {
                System.arraycopy(s.values(), stored(r) * groups, values, r * groups, groups);
            }
            return Scales.perGroup(s.groupSize(), values);
        }
        float[] values = new float[rows];
        for (int r = 0; r < rows; r++) {
            values[r] = s.ofRow(stored(r));
        }
        return Scales.perRow(values).coarsest(rows);
    }

    /** A copy with rows in place, owned by {@code arena}. */
    FloatTensor undo(FloatTensor t, Arena arena) {
        MemorySegment copy = arena.allocate(t.bytes(), 64);
        for (int r = 0; r < t.rows(); r++) {
            MemorySegment.copy(t.data(), stored(r) * t.rowBytes(), copy, r * t.rowBytes(), t.rowBytes());
        }
        return new FloatTensor(t.type(), t.rows(), t.cols(), copy);
    }

    /** A copy with values in place. */
    float[] undo(float[] values) {
        float[] copy = new float[values.length];
        for (int r = 0; r < copy.length; r++) {
            copy[r] = values[stored(r)];
        }
        return copy;
    }
}
