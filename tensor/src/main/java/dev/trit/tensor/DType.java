package dev.trit.tensor;

/**
 * Element types of ordinary (not ternary) tensors: a row of a matrix is a sequence of blocks, each of
 * {@link #blockElements()} values in {@link #blockBytes()} bytes, little-endian.
 *
 * <p>Layouts are those of GGUF; {@link Dequantize} holds the meaning of every block, value by value.
 */
public enum DType {
    F32(1, 4),
    F16(1, 2),
    BF16(1, 2),
    Q8_0(32, 34),
    Q4_0(32, 18),
    Q4_1(32, 20),
    Q5_0(32, 22),
    Q5_1(32, 24),
    Q4_K(256, 144),
    Q5_K(256, 176),
    Q6_K(256, 210);

    private final int blockElements;
    private final int blockBytes;

    DType(int blockElements, int blockBytes) {
        this.blockElements = blockElements;
        this.blockBytes = blockBytes;
    }

    /** Values in one block: 1, 32 or 256. */
    public int blockElements() {
        return blockElements;
    }

    /** Bytes of one block, scales included. */
    public int blockBytes() {
        return blockBytes;
    }

    /**
     * Bytes of one row.
     *
     * @param cols values in the row, a multiple of {@link #blockElements()}
     * @throws TensorException if {@code cols} does not fill whole blocks
     */
    public long rowBytes(long cols) {
        if (cols < 0 || cols % blockElements != 0) {
            throw new TensorException(
                    "a row of %s needs a multiple of %d values, got %d".formatted(this, blockElements, cols));
        }
        return cols / blockElements * blockBytes;
    }

    /** Bits per value, scales included. */
    public double bitsPerWeight() {
        return 8.0 * blockBytes / blockElements;
    }
}
