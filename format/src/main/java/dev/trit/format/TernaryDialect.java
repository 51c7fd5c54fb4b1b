package dev.trit.format;

import dev.trit.tensor.TernaryTensor;
import java.lang.foreign.MemorySegment;

/**
 * One way in which files spell a ternary or binary matrix: bytes to trits and scales, and back.
 *
 * <p>A dialect is a small codec and knows nothing of containers. What a blob does not hold (a scale tensor beside it,
 * the direction of {@code weight_scale}, tile sizes) it takes in its constructor.
 */
public interface TernaryDialect {
    /** The name that people use: "I2_S", "TQ2_0", "HF packed". */
    String name();

    /**
     * Bytes of the blob that holds a matrix of this shape.
     *
     * @throws FormatException if the dialect cannot hold that shape
     */
    long bytes(int rows, int cols);

    /**
     * Reads a matrix; trits are decoded when they are read, so {@code blob} must stay open as long as the tensor.
     *
     * @param blob at least {@link #bytes} bytes, usually mapped; never trusted
     * @throws FormatException if {@code blob} is too small or holds something that no writer of the dialect makes
     */
    TernaryTensor decode(MemorySegment blob, int rows, int cols);

    /** Whether {@link #encode} is implemented: some dialects are only read. */
    default boolean canEncode() {
        return false;
    }

    /**
     * Whether {@link #encode}, where it accepts the matrix, keeps every scale to the bit. Codes always survive; a scale
     * stored in half precision is rounded if it needs more than 11 bits.
     */
    default boolean lossless(TernaryTensor tensor) {
        return true;
    }

    /**
     * Writes a matrix, {@link #bytes} bytes exactly.
     *
     * @throws FormatException if the dialect has no writer ({@link #canEncode}), or cannot hold these scales
     */
    default void encode(TernaryTensor tensor, ByteSink out) {
        throw new FormatException(
                "%s is read but not written".formatted(name()),
                "a type with a writer",
                name(),
                "Convert to I2_S, TQ1_0, TQ2_0 or HF packed.");
    }
}
