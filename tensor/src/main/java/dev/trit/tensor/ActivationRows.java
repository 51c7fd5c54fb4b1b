package dev.trit.tensor;

/**
 * A batch of activation rows quantized to 8 bits, the input of a ternary product; reused from call to call.
 *
 * <p>Codes are kept as 8-bit integers, which native kernels multiply, and as 16-bit ones, which the Vector API does;
 * {@link Kernels#quantize} writes both. Columns beyond {@code cols} up to the next multiple of {@link
 * TernaryWeights#COLUMN_BLOCK} are zero.
 */
public final class ActivationRows {
    final int capacity;
    final int stride;
    final short[] codes; // [capacity, stride], -127 ... 127
    final byte[] bytes; // the same
    final float[] scales; // [capacity], value of code 1
    final int[] sums; // [capacity], sum of the codes of a row

    private int rows;
    private int cols;

    /**
     * @param capacity rows that fit
     * @param maxCols widest row that fits
     */
    public ActivationRows(int capacity, int maxCols) {
        this.capacity = capacity;
        // An odd number of cache lines, so that the rows of a tile do not meet in the same set of the cache.
        this.stride =
                (TernaryWeights.paddedCols(maxCols) / TernaryWeights.COLUMN_BLOCK | 1) * TernaryWeights.COLUMN_BLOCK;
        this.codes = new short[Math.multiplyExact(capacity, stride)];
        this.bytes = new byte[codes.length];
        this.scales = new float[capacity];
        this.sums = new int[capacity];
    }

    /**
     * Sets the shape of the next batch and clears the padding after each row.
     *
     * @throws TensorException if it does not fit
     */
    public void resize(int rows, int cols) {
        if (rows < 0 || rows > capacity || cols < 1 || TernaryWeights.paddedCols(cols) > stride) {
            throw new TensorException(
                    "[%d, %d] activations do not fit [%d, %d]".formatted(rows, cols, capacity, stride));
        }
        this.rows = rows;
        this.cols = cols;
        int padded = TernaryWeights.paddedCols(cols);
        for (int r = 0; r < rows; r++) {
            for (int c = cols; c < padded; c++) {
                codes[r * stride + c] = 0;
                bytes[r * stride + c] = 0;
            }
        }
    }

    public int rows() {
        return rows;
    }

    public int cols() {
        return cols;
    }

    /** Distance between rows in {@link #codes()} and {@link #bytes()}. */
    public int stride() {
        return stride;
    }

    public short[] codes() {
        return codes;
    }

    /** The codes once more, as bytes. */
    public byte[] bytes() {
        return bytes;
    }

    /** The value of code 1 in each row: gamma / 127. */
    public float[] scales() {
        return scales;
    }

    /** The sum of each row's codes; kernels that store {@code trit + 1} subtract it once. */
    public int[] sums() {
        return sums;
    }
}
