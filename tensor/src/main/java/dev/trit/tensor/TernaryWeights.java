package dev.trit.tensor;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.util.List;

/**
 * Ternary matrices in the in-memory layout of the kernels: what {@link TernaryTensor} becomes at load. Never written to
 * disk.
 *
 * <p>Eight rows share one stream of 16-bit words. Word {@code c} of row group {@code g} holds the codes
 * {@code trit + 1} of column {@code c} for rows {@code 8g ... 8g+7}, row {@code 8g+i} in bits {@code 2i+1 ... 2i}. One
 * load of activations therefore serves eight rows, no unpack crosses lanes, and a thread that owns a range of row groups
 * reads one address after the other (measured to matter more than the instruction set). Columns are padded to a
 * multiple of {@link #COLUMN_BLOCK}, rows to a multiple of 8; the padding has code 0 and meets activations of 0.
 */
public final class TernaryWeights {
    /** Rows that share one stream of words. */
    public static final int ROW_GROUP = 8;

    /** Columns are padded to a multiple of this: the 16-bit lanes of a 512-bit vector. */
    public static final int COLUMN_BLOCK = 32;

    static final ValueLayout.OfShort WORD = ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

    private final int rows;
    private final int cols;
    private final int paddedCols;
    private final MemorySegment words;
    private final Scales scales;

    private TernaryWeights(int rows, int cols, MemorySegment words, Scales scales) {
        this.rows = rows;
        this.cols = cols;
        this.paddedCols = paddedCols(cols);
        this.words = words;
        this.scales = scales;
    }

    /**
     * Packs matrices of equal width one below the other, so that projections that share an input (q, k, v; gate, up)
     * become one product. Each keeps its own scales.
     *
     * @param parts at least one matrix, all with the same number of columns
     * @param arena owns the packed bytes; shared or global, since every thread of the team writes
     * @param team packs row groups in parallel
     * @throws TensorException if widths differ, or if one part has scales per group and another has other groups
     */
    public static TernaryWeights pack(List<TernaryTensor> parts, Arena arena, ThreadTeam team) {
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
        MemorySegment words = arena.allocate(2L * groups * padded, 64);
        TernaryWeights weights = new TernaryWeights(rows, cols, words, TernaryPacking.join(coarse, rows));
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

    /** The 16-bit words, {@code [rowGroups, paddedCols]}. */
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
        int word = words.get(WORD, 2L * ((long) (row / ROW_GROUP) * paddedCols + col));
        return ((word >>> 2 * (row % ROW_GROUP)) & 3) - 1;
    }
}
