package dev.trit.format;

import dev.trit.tensor.DType;
import dev.trit.tensor.FloatTensor;
import dev.trit.tensor.Scales;
import dev.trit.tensor.TernaryTensor;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/**
 * The order of rows inside the heads of query and key projections. Rotary embedding turns pairs of rows: (j, j + n/2) in
 * Hugging Face checkpoints, (2j, 2j + 1) in GGUF files of architecture {@code llama}, whose converters move row
 * s * n/2 + j of a head to row 2j + s.
 *
 * @param headDim rows of a head, n
 * @param toInterleaved the direction: from halves to pairs of neighbours, or back
 */
record HeadRows(int headDim, boolean toInterleaved) {
    /** The row that goes to place {@code row}. */
    int source(int row) {
        int in = row % headDim;
        int half = headDim / 2;
        return row - in + (toInterleaved ? in % 2 * half + in / 2 : in % half * 2 + in / half);
    }

    /** A view whose trits are read row by row from where they are. */
    TernaryTensor apply(TernaryTensor t) {
        check(t.rows());
        TernaryTensor.Trits trits = (from, to, out, at) -> {
            for (int r = from; r < to; r++) {
                t.trits().read(source(r), source(r) + 1, out, at + (r - from) * t.cols());
            }
        };
        return new TernaryTensor(t.rows(), t.cols(), trits, apply(t.scales(), t.rows()));
    }

    private Scales apply(Scales s, int rows) {
        int perRow = s.grouped() ? s.values().length / rows : 1;
        float[] values = new float[rows * perRow];
        for (int r = 0; r < rows; r++) {
            if (s.grouped()) {
                System.arraycopy(s.values(), source(r) * perRow, values, r * perRow, perRow);
            } else {
                values[r] = s.ofRow(source(r));
            }
        }
        return (s.grouped() ? Scales.perGroup(s.groupSize(), values) : Scales.perRow(values)).coarsest(rows);
    }

    /** A copy with rows, or the values of a bias, in the other order. */
    FloatTensor apply(FloatTensor t, Arena arena) {
        boolean bias = t.rows() == 1;
        int rows = bias ? t.cols() : t.rows();
        long bytes = t.bytes() / rows;
        if (bias && t.type().blockElements() != 1) {
            throw new FormatException("a bias cannot be reordered in blocks", DType.F32, t.type());
        }
        check(rows);
        MemorySegment copy = arena.allocate(t.bytes(), 64);
        for (int r = 0; r < rows; r++) {
            MemorySegment.copy(t.data(), source(r) * bytes, copy, r * bytes, bytes);
        }
        return new FloatTensor(t.type(), t.rows(), t.cols(), copy);
    }

    private void check(int rows) {
        if (headDim < 2 || headDim % 2 != 0 || rows % headDim != 0) {
            throw new FormatException("rows are not whole heads of even size", "a multiple of " + headDim, rows);
        }
    }
}
