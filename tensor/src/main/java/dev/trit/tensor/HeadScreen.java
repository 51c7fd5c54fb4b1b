package dev.trit.tensor;

import static dev.trit.tensor.TernaryWeights.COLUMN_BLOCK;
import static dev.trit.tensor.TernaryWeights.ROW_GROUP;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.SegmentAllocator;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;

/**
 * A rough copy of an output head with an error bar for each row: reading it tells which few rows of the head itself must be
 * read to find the largest logits. Four bits per weight and eight bytes per row.
 *
 * <p>Columns are first made equally large, and the inputs' coordinates larger in turn: hidden states are large where heads
 * are small, and would spread that into the errors of all. Then rows are rotated (orthonormally, so that products with a
 * rotated input stay what they were): Walsh-Hadamard transforms of the first and of the last 2^k columns by turns, 2^k being
 * the largest power of two that fits, four in all, each after fixed random signs. What comes out looks like normal noise
 * whatever went in (fewer turns are not enough: a row of few weights comes out in few values, and its error then points
 * where single columns do). So one scale per row and the sixteen levels
 * that are best for normal noise (Lloyd 1982, Max 1960) lose a tenth of a row's length, and what is lost, e, points nowhere
 * in particular: its product with a hidden state h has mean 0 and standard deviation |e| |h| / sqrt(cols). That, with what
 * rounding h adds, is {@link #deviations} times |h|. It is a statistical statement, not a bound.
 */
public final class HeadScreen {
    /** Level k, as an integer; a row's scale makes it a weight. The sixteen best levels for normal noise, times 23.05. */
    private static final int[] LEVELS = {-63, -48, -37, -29, -22, -15, -9, -3, 3, 9, 15, 22, 29, 37, 48, 63};

    private static final float LEVEL_OF_SIGMA = 23.05f;

    /** What quantizing a rotated hidden state to 8 bits may lose of its length, to be covered by {@link #deviations}. */
    public static final float INPUT_ERROR = 0.015f;

    /** The nearest level's number for values from -4 to 4 standard deviations in steps of 1/32. */
    private static final byte[] NEAREST = nearest();

    private static final int STEPS = 32;

    /** Bytes of 64 columns of a row group. */
    private static final int BLOCK_BYTES = ROW_GROUP * COLUMN_BLOCK / 2;

    /** Transforms, by turns of the first and of the last columns. */
    private static final int TURNS = 4;

    /** Rows that the sizes of columns are taken from. */
    private static final int SAMPLED_ROWS = 512;

    private static final long SIGN_SEED = 0x9e3779b97f4a7c15L;

    private final int rows;
    private final int cols;
    private final int paddedCols;
    private final float[] rowFactors; // [cols], one over the column's size
    private final float[] inputFactors; // [cols], the column's size
    private final float[][] signs; // [TURNS][cols], -1 or 1 over the root of the length of a transform
    private final MemorySegment codes;
    private final float[] scales;
    private final float[] deviations;

    private HeadScreen(int rows, int cols, float[] columns, SegmentAllocator memory) {
        this.rows = rows;
        this.cols = cols;
        this.paddedCols = TernaryWeights.paddedCols(cols);
        this.inputFactors = columns;
        this.rowFactors = new float[cols];
        for (int c = 0; c < cols; c++) {
            rowFactors[c] = 1 / columns[c];
        }
        this.signs = new float[TURNS][];
        for (int turn = 0; turn < TURNS; turn++) {
            signs[turn] = signs(cols, turn * SIGN_SEED);
        }
        this.codes = memory.allocate((long) Math.ceilDiv(rows, ROW_GROUP) * ROW_GROUP / 2 * paddedCols, COLUMN_BLOCK);
        this.scales = new float[rows];
        this.deviations = new float[rows];
    }

    /**
     * Makes the screen of a head.
     *
     * @param head [rows, cols], finite values; at most 65,536 columns, so that sums fit 32 bits
     * @param kernels read and rotate the rows
     * @param memory gives the screen: a {@link PackedMemory}, or an arena; shared, since every thread of the team writes
     */
    public static HeadScreen pack(FloatTensor head, Kernels kernels, SegmentAllocator memory, ThreadTeam team) {
        if (head.cols() > 65_536) {
            throw new TensorException("a screen holds rows of up to 65536 columns, got " + head.cols());
        }
        HeadScreen screen = new HeadScreen(head.rows(), head.cols(), columns(head, kernels), memory);
        team.run(head.rows(), ROW_GROUP, (from, to) -> {
            float[] row = new float[head.cols()];
            float[] levels = new float[head.cols()];
            byte[] group = new byte[ROW_GROUP / 2 * screen.paddedCols];
            for (int r = from; r < to; r += ROW_GROUP) {
                Arrays.fill(group, (byte) 0);
                for (int i = 0; i < ROW_GROUP && r + i < to; i++) {
                    kernels.row(head, r + i, row, 0);
                    screen.rotate(kernels, row, 0, screen.rowFactors);
                    screen.quantize(kernels, row, levels, r + i, group, i / 2 * COLUMN_BLOCK, i % 2 * 4);
                }
                MemorySegment.copy(
                        group,
                        0,
                        screen.codes,
                        ValueLayout.JAVA_BYTE,
                        (long) r / ROW_GROUP * group.length,
                        group.length);
            }
        });
        return screen;
    }

    /** Turns a hidden state in place, as products with the rows of this screen need it: [cols] at {@code at}. */
    public void rotate(Kernels kernels, float[] x, int at) {
        rotate(kernels, x, at, inputFactors);
    }

    private void rotate(Kernels kernels, float[] x, int at, float[] factors) {
        for (int c = 0; c < cols; c++) {
            x[at + c] *= factors[c];
        }
        int n = Integer.highestOneBit(cols);
        for (int turn = 0; turn < TURNS; turn++) {
            int first = turn % 2 * (cols - n);
            for (int c = first; c < first + n; c++) {
                x[at + c] *= signs[turn][c];
            }
            kernels.hadamard(x, at + first, n);
        }
    }

    /** Root mean square of each column, from some rows of the head: [cols], none 0. */
    private static float[] columns(FloatTensor head, Kernels kernels) {
        double[] squares = new double[head.cols()];
        float[] row = new float[head.cols()];
        int samples = Math.min(head.rows(), SAMPLED_ROWS);
        for (int i = 0; i < samples; i++) {
            kernels.row(head, (int) ((long) i * head.rows() / samples), row, 0);
            for (int c = 0; c < row.length; c++) {
                squares[c] += row[c] * row[c];
            }
        }
        double mean = Arrays.stream(squares).sum() / row.length;
        float[] columns = new float[row.length];
        for (int c = 0; c < row.length; c++) {
            columns[c] = mean > 0 ? (float) Math.sqrt(Math.max(squares[c], 1e-6 * mean) / mean) : 1;
        }
        return columns;
    }

    /** Level numbers into bits {@code shift ... shift+3} of a group's bytes, from {@code at} on; scale and error. */
    private void quantize(Kernels kernels, float[] x, float[] levels, int row, byte[] group, int at, int shift) {
        float energy = kernels.dot(x, 0, x, 0, cols);
        double sigma = Math.sqrt(energy / cols);
        float steps = sigma > 0 ? (float) (STEPS / sigma) : 0;
        for (int c = 0; c < cols; c++) {
            byte number = NEAREST[Math.clamp((int) (x[c] * steps + NEAREST.length / 2), 0, NEAREST.length - 1)];
            levels[c] = LEVELS[number];
            group[at + (c & -COLUMN_BLOCK) * (BLOCK_BYTES / COLUMN_BLOCK) + c % COLUMN_BLOCK] |=
                    (byte) (number << shift);
        }
        float product = kernels.dot(x, 0, levels, 0, cols);
        float square = kernels.dot(levels, 0, levels, 0, cols);
        // Not the scale with the least error but the one whose error is orthogonal to the row, one part in two hundred
        // longer: otherwise rows that point where the hidden state does would all come out too small.
        scales[row] = product > 0 ? energy / product : 0;
        double error = product > 0 ? Math.max(0, (double) energy * energy / product * square / product - energy) : 0;
        deviations[row] = (float) Math.sqrt((error + INPUT_ERROR * INPUT_ERROR * energy) / cols);
    }

    private static byte[] nearest() {
        byte[] nearest = new byte[8 * 32];
        for (int i = 0; i < nearest.length; i++) {
            double level = (i - nearest.length / 2 + 0.5) / 32 * LEVEL_OF_SIGMA;
            for (byte k = 1; k < LEVELS.length; k++) {
                if (Math.abs(LEVELS[k] - level) < Math.abs(LEVELS[nearest[i]] - level)) {
                    nearest[i] = k;
                }
            }
        }
        return nearest;
    }

    private static float[] signs(int cols, long seed) {
        float scale = (float) (1 / Math.sqrt(Integer.highestOneBit(cols))); // makes the transform orthonormal
        float[] signs = new float[cols];
        long state = seed * cols;
        for (int c = 0; c < cols; c++) { // SplitMix64 (Steele, Lea, Flood 2014)
            state += SIGN_SEED;
            long z = (state ^ state >>> 30) * 0xbf58476d1ce4e5b9L;
            z = (z ^ z >>> 27) * 0x94d049bb133111ebL;
            signs[c] = (z ^ z >>> 31) < 0 ? -scale : scale;
        }
        return signs;
    }

    public int rows() {
        return rows;
    }

    public int cols() {
        return cols;
    }

    /** The level numbers, {@code [row groups, paddedCols / 64, 4, 64]} bytes of two rows each. */
    public MemorySegment codes() {
        return codes;
    }

    /** What a level of 1 is worth in each row, [rows]. */
    public float[] scales() {
        return scales;
    }

    /**
     * Standard deviation of the error of each row's product with a hidden state that {@link #rotate} gave length 1, which
     * loses at most {@link #INPUT_ERROR} when it is quantized, [rows].
     */
    public float[] deviations() {
        return deviations;
    }

    /** Bytes that one pass reads. */
    public long bytes() {
        return codes.byteSize() + 4L * rows;
    }

    /** The level of one rotated weight; the reading that every kernel is held to. */
    int level(int row, int col) {
        long group = (long) (row / ROW_GROUP) * (ROW_GROUP / 2) * paddedCols;
        long at = (long) (col & -COLUMN_BLOCK) * (ROW_GROUP / 2)
                + row % ROW_GROUP / 2 * COLUMN_BLOCK
                + col % COLUMN_BLOCK;
        return LEVELS[codes.get(ValueLayout.JAVA_BYTE, group + at) >>> row % 2 * 4 & 15];
    }

    /** @throws TensorException if {@link Kernels#screen} cannot be asked for this */
    public void check(ActivationRows x, int from, int to) {
        boolean whole = from % ROW_GROUP == 0 && (to % ROW_GROUP == 0 || to == rows);
        if (x.cols() != cols || from < 0 || to > rows || !whole) {
            throw new TensorException("a screen of [%d, %d] cannot meet inputs of %d in rows %d to %d"
                    .formatted(rows, cols, x.cols(), from, to));
        }
    }
}
