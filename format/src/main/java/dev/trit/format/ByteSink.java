package dev.trit.format;

/** Where a writer puts the bytes of a tensor, in order: a file being written, a digest, an array in a test. */
@FunctionalInterface
public interface ByteSink {
    /**
     * Takes all {@code length} bytes from {@code from} on; the array may be reused afterwards.
     *
     * @throws FormatException if they cannot be stored (disk full, more bytes than declared)
     */
    void write(byte[] bytes, int from, int length);

    default void write(byte[] bytes) {
        write(bytes, 0, bytes.length);
    }
}
