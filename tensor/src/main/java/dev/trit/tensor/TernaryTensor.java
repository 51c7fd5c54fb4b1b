package dev.trit.tensor;

/**
 * The one canonical ternary matrix to which every dialect decodes: trits in {-1, 0, +1}, row-major, and their scales.
 * Binary matrices are the special case without zeros.
 *
 * <p>Trits are read through {@link Trits}, a few rows at a time, so that decoding a 2 GB file into a kernel's packed
 * layout never holds a whole matrix as bytes.
 *
 * @param rows out-features N
 * @param cols in-features K
 * @param trits reads rows of trits
 * @param scales what one trit is worth
 */
public record TernaryTensor(int rows, int cols, Trits trits, Scales scales) {
    /** Where trits come from: an array, or the mapped bytes of a file. Safe to use from several threads. */
    @FunctionalInterface
    public interface Trits {
        /**
         * Reads rows {@code from} (inclusive) to {@code to} (exclusive).
         *
         * @param out receives -1, 0 or +1 in {@code out[at + (r - from) * cols + c]}
         */
        void read(int from, int to, byte[] out, int at);
    }

    public TernaryTensor {
        if (rows < 1 || cols < 1) {
            throw new TensorException("a tensor needs at least one row and column, got [%d, %d]".formatted(rows, cols));
        }
        int expected = scales.grouped()
                ? Math.multiplyExact(rows, (cols + scales.groupSize() - 1) / scales.groupSize())
                : scales.values().length;
        if (scales.values().length != expected
                || (!scales.grouped() && scales.rowStarts()[scales.rowStarts().length - 1] >= rows)) {
            throw new TensorException("%s does not fit a matrix of [%d, %d]".formatted(scales, rows, cols));
        }
    }

    /** A matrix over {@code codes}, [rows, cols] values in {-1, 0, +1}; the array is not copied. */
    public static TernaryTensor of(int rows, int cols, byte[] codes, Scales scales) {
        if (codes.length != Math.multiplyExact(rows, cols)) {
            throw new TensorException(
                    "[%d, %d] needs %d trits, got %d".formatted(rows, cols, rows * cols, codes.length));
        }
        return new TernaryTensor(
                rows,
                cols,
                (from, to, out, at) -> System.arraycopy(codes, from * cols, out, at, (to - from) * cols),
                scales);
    }

    /** All trits, [rows, cols]; for tests and small matrices. */
    public byte[] toBytes() {
        byte[] out = new byte[Math.multiplyExact(rows, cols)];
        trits.read(0, rows, out, 0);
        return out;
    }

    /** The matrix with its scales in the coarsest form that means the same. */
    public TernaryTensor coarsest() {
        return new TernaryTensor(rows, cols, trits, scales.coarsest(rows));
    }
}
