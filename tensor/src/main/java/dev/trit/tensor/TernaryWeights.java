package dev.trit.tensor;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.List;

/**
 * Ternary matrices in the in-memory layout of the kernels: what {@link TernaryTensor} becomes at load. Never written to
 * disk.
 *
 * <p>Eight rows share one stream, in which two bits hold the code {@code trit + 1} of a weight; {@link Layout} says where.
 * One load of activations therefore serves eight rows, no unpack crosses lanes, and a thread that owns a range of row
 * groups reads one address after the other (measured to matter more than the instruction set). Columns are padded to a
 * multiple of {@link #COLUMN_BLOCK}, rows to a multiple of 8; the padding has code 0 and meets activations of 0.
 */
public final class TernaryWeights {
    /** Rows that share one stream of words. */
    public static final int ROW_GROUP = 8;

    /** Columns are padded to a multiple of this: the bytes of a 512-bit vector. */
    public static final int COLUMN_BLOCK = 64;

    /** Kernels for many tokens like to get this many rows together, or a multiple: what they unpack at once divides it. */
    public static final int PANEL_ROWS = 96;

    /** How the two bytes that hold one column of a row group lie. Row {@code 8g + i} has bits {@code 2i+1 ... 2i} of both. */
    public enum Layout {
        /** One after the other: a 16-bit word for each column, for kernels that multiply 16-bit lanes. */
        WORDS,
        /** The bytes of rows 0-3 of 64 columns, then those of rows 4-7: for kernels that multiply bytes. */
        BLOCKS
    }

    private final int rows;
    private final int cols;
    private final int paddedCols;
    private final Layout layout;
    private final MemorySegment words;
    private final Scales scales;

    private TernaryWeights(int rows, int cols, Layout layout, MemorySegment words, Scales scales) {
        this.rows = rows;
        this.cols = cols;
        this.paddedCols = paddedCols(cols);
        this.layout = layout;
        this.words = words;
        this.scales = scales;
    }

    /** As {@link #pack(List, Layout, Arena, ThreadTeam)} in {@link Layout#WORDS}, which all kernels take. */
    public static TernaryWeights pack(List<TernaryTensor> parts, Arena arena, ThreadTeam team) {
        return pack(parts, Layout.WORDS, arena, team);
    }

    /**
     * Packs matrices of equal width one below the other, so that projections that share an input (q, k, v; gate, up)
     * become one product. Each keeps its own scales.
     *
     * @param parts at least one matrix, all with the same number of columns
     * @param layout what the kernels that will read them want: {@link Kernels#layout}
     * @param arena owns the packed bytes; shared or global, since every thread of the team writes
     * @param team packs row groups in parallel
     * @throws TensorException if widths differ, or if one part has scales per group and another has other groups
     */
    public static TernaryWeights pack(List<TernaryTensor> parts, Layout layout, Arena arena, ThreadTeam team) {
        int cols = parts.getFirst().cols();
        int rows = 0;
        for (TernaryTensor part : parts) {
            if (part.cols() != cols) {
                throw new TensorException(
                        "fused matrices need one width, got %d and %d columns".formatted(cols, part.cols()));
            }
            rows = Math.addExact(rows, part.rows());
        }
        List<TernaryTensor> coarse = parts.stream().map(TernaryTensor::coarsest).toList();
        int groups = (rows + ROW_GROUP - 1) / ROW_GROUP;
        int padded = paddedCols(cols);
        MemorySegment words = PackedMemory.allocate(2L * groups * padded, arena);
        TernaryWeights weights = new TernaryWeights(rows, cols, layout, words, TernaryPacking.join(coarse, rows));
        TernaryPacking.pack(coarse, weights, team);
        return weights;
    }

    static int paddedCols(int cols) {
        return Math.ceilDiv(cols, COLUMN_BLOCK) * COLUMN_BLOCK;
    }

    public int rows() {
        return rows;
    }

    public int cols() {
        return cols;
    }

    /** Columns with padding: what {@link ActivationRows} must be as wide as. */
    public int paddedCols() {
        return paddedCols;
    }

    public int rowGroups() {
        return Math.ceilDiv(rows, ROW_GROUP);
    }

    public Layout layout() {
        return layout;
    }

    /** The packed codes, {@code [rowGroups, 2 * paddedCols]} bytes. */
    public MemorySegment words() {
        return words;
    }

    public Scales scales() {
        return scales;
    }

    /** Bytes that one pass over the matrix reads. */
    public long bytes() {
        return words.byteSize() + 4L * scales.values().length;
    }

    /** The trit of one weight, -1, 0 or +1; the reading that every kernel is held to. */
    public int trit(int row, int col) {
        long group = 2L * (row / ROW_GROUP) * paddedCols;
        int half = row % ROW_GROUP / 4; // rows 0-3 or 4-7
        long at = layout == Layout.WORDS
                ? 2L * col + half
                : 2L * (col & -COLUMN_BLOCK) + half * COLUMN_BLOCK + col % COLUMN_BLOCK;
        return (words.get(ValueLayout.JAVA_BYTE, group + at) >>> 2 * (row % 4) & 3) - 1;
    }
}
