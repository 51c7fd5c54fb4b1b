package dev.trit.tensor;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.SegmentAllocator;
import java.util.List;
import java.util.Locale;

/**
 * Ternary matrices in the in-memory layout of the kernels: what {@link TernaryTensor} becomes at load. Never written to
 * disk.
 *
 * <p>Rows share streams in groups, {@link Layout} says how. One load of activations therefore serves a group, no unpack
 * crosses lanes, and a thread that owns a range of row groups reads one address after the other (measured to matter more
 * than the instruction set). Columns are padded to a multiple of {@link #COLUMN_BLOCK}, rows to a whole group; the padding
 * meets activations of 0 and gives rows that nobody asks for.
 */
public final class TernaryWeights {
    /** Rows that share one stream in the layouts of two bits a weight. */
    public static final int ROW_GROUP = 8;

    /** Rows that share one stream in {@link Layout#TRIPLES}. */
    public static final int TRIPLE_ROWS = 24;

    /** Columns are padded to a multiple of this: the bytes of a 512-bit vector. */
    public static final int COLUMN_BLOCK = 64;

    /** Kernels for many tokens like to get this many rows together, or a multiple: what they unpack at once divides it. */
    public static final int PANEL_ROWS = 96;

    /**
     * How a row group lies. With two bits a weight, codes {@code trit + 1}, a column of eight rows is two bytes; row
     * {@code 8g + i} has bits {@code 2i+1 ... 2i} of both.
     */
    public enum Layout {
        /** One after the other: a 16-bit word for each column, for kernels that multiply 16-bit lanes. */
        WORDS(ROW_GROUP, 16),
        /** The bytes of rows 0-3 of 64 columns, then those of rows 4-7: for kernels that multiply bytes. */
        BLOCKS(ROW_GROUP, 16),
        /**
         * 1.67 bits a weight: three rows at one column are v = 9 a + 3 b + c, from -13 to 13. In 64 columns of 24 rows, byte
         * c of the first 64 holds |v| of triple 0 in its low bits and of triple 1 in its high ones, three times 64 bytes
         * more hold those of triples 2 to 7, and bit k of byte c of the last 64 is set where v of triple k is negative.
         */
        TRIPLES(TRIPLE_ROWS, 40);

        private final int rows;
        private final int bits;

        Layout(int rows, int bits) {
            this.rows = rows;
            this.bits = bits;
        }

        /** Rows of a group. */
        public int rows() {
            return rows;
        }

        /** Bits that one weight takes. */
        public double bitsPerWeight() {
            return (double) bits / rows;
        }

        @Override
        public String toString() {
            return String.format(
                    Locale.ROOT, "%s, %.3g bits a weight", name().toLowerCase(Locale.ROOT), bitsPerWeight());
        }

        int groupBytes(int paddedCols) {
            return paddedCols / 8 * bits;
        }
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

    /** As {@link #pack(List, Layout, SegmentAllocator, ThreadTeam)} in {@link Layout#WORDS}, which all kernels take. */
    public static TernaryWeights pack(List<TernaryTensor> parts, SegmentAllocator memory, ThreadTeam team) {
        return pack(parts, Layout.WORDS, memory, team);
    }

    /**
     * Packs matrices of equal width one below the other, so that projections that share an input (q, k, v; gate, up)
     * become one product. Each keeps its own scales.
     *
     * @param parts at least one matrix, all with the same number of columns
     * @param layout what the kernels that will read them want: {@link Kernels#layout}
     * @param memory gives the packed bytes: a {@link PackedMemory}, or an arena; shared, since every thread of the team writes
     * @param team packs row groups in parallel
     * @throws TensorException if widths differ, if one part has scales per group and another has other groups, or if
     *     they are to be {@link Layout#TRIPLES} with scales per group
     */
    public static TernaryWeights pack(
            List<TernaryTensor> parts, Layout layout, SegmentAllocator memory, ThreadTeam team) {
        int cols = parts.getFirst().cols();
        int rows = 0;
        for (TernaryTensor part : parts) {
            if (part.cols() != cols) {
                throw new TensorException(
                        "fused matrices need one width, got %d and %d columns".formatted(cols, part.cols()));
            }
            rows = Math.addExact(rows, part.rows());
        }
        if (layout == Layout.TRIPLES
                && parts.stream().anyMatch(part -> part.scales().grouped())) {
            throw new TensorException("triples need scales of whole rows, got groups of columns");
        }
        List<TernaryTensor> coarse = parts.stream().map(TernaryTensor::coarsest).toList();
        TernaryWeights weights = allocate(rows, cols, layout, TernaryPacking.join(coarse, rows), memory);
        TernaryPacking.pack(coarse, weights, team);
        return weights;
    }

    /** A matrix whose bytes are all 0. */
    static TernaryWeights allocate(int rows, int cols, Layout layout, Scales scales, SegmentAllocator memory) {
        long bytes = Math.ceilDiv(rows, layout.rows()) * (long) layout.groupBytes(paddedCols(cols));
        return new TernaryWeights(rows, cols, layout, memory.allocate(bytes, COLUMN_BLOCK), scales);
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
        return Math.ceilDiv(rows, layout.rows());
    }

    public Layout layout() {
        return layout;
    }

    /** The packed codes, {@code [rowGroups, groupBytes]}. */
    public MemorySegment words() {
        return words;
    }

    public Scales scales() {
        return scales;
    }

    /** Bytes of one row group. */
    int groupBytes() {
        return layout.groupBytes(paddedCols);
    }

    /** Bytes that one pass over the matrix reads. */
    public long bytes() {
        return words.byteSize() + 4L * scales.values().length;
    }

    /** The trit of one weight, -1, 0 or +1; the reading that every kernel is held to. */
    public int trit(int row, int col) {
        long group = (long) (row / layout.rows()) * groupBytes();
        int r = row % layout.rows();
        return switch (layout) {
            case WORDS -> twoBits(group + 2L * col + r / 4, r);
            case BLOCKS -> twoBits(group + 2L * (col & -COLUMN_BLOCK) + r / 4 * COLUMN_BLOCK + col % COLUMN_BLOCK, r);
            case TRIPLES -> {
                long block = group + 5L * (col & -COLUMN_BLOCK) + col % COLUMN_BLOCK;
                int triple = r / 3;
                int magnitude = words.get(JAVA_BYTE, block + triple / 2 * COLUMN_BLOCK) >>> triple % 2 * 4 & 15;
                boolean negative = (words.get(JAVA_BYTE, block + 4 * COLUMN_BLOCK) >>> triple & 1) != 0;
                int v = 13 + (negative ? -magnitude : magnitude);
                yield (r % 3 == 0 ? v / 9 : r % 3 == 1 ? v / 3 % 3 : v % 3) - 1;
            }
        };
    }

    private int twoBits(long at, int row) {
        return (words.get(JAVA_BYTE, at) >>> 2 * (row % 4) & 3) - 1;
    }
}
