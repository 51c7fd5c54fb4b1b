package dev.trit.format;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/** Produces the bytes of one tensor when a writer has come to it, so that no more than a chunk is ever in memory. */
@FunctionalInterface
public interface TensorBody {
    /** Writes exactly as many bytes as were declared. */
    void writeTo(ByteSink out);

    /** All of {@code data} as it is. */
    static TensorBody of(MemorySegment data) {
        return out -> {
            byte[] chunk = new byte[(int) Math.min(1 << 20, data.byteSize())];
            for (long at = 0; at < data.byteSize(); at += chunk.length) {
                int n = (int) Math.min(chunk.length, data.byteSize() - at);
                MemorySegment.copy(data, ValueLayout.JAVA_BYTE, at, chunk, 0, n);
                out.write(chunk, 0, n);
            }
        };
    }

    /**
     * Runs {@code body}, which was declared to write {@code bytes} bytes.
     *
     * @throws FormatException if it writes more or fewer
     */
    static void writeExactly(long bytes, TensorBody body, String tensor, ByteSink out) {
        long[] left = {bytes};
        try {
            body.writeTo((b, from, length) -> {
                left[0] -= length;
                if (left[0] < 0) {
                    throw new FormatException("more bytes than declared", bytes, bytes - left[0]);
                }
                out.write(b, from, length);
            });
            if (left[0] != 0) {
                throw new FormatException("fewer bytes than declared", bytes, bytes - left[0]);
            }
        } catch (FormatException e) {
            throw e.at(null, tensor);
        }
    }
}
