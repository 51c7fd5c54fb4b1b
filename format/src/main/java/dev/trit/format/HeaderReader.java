package dev.trit.format;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/**
 * Little-endian reading of a file's header, front to back. Nothing is believed: every read first checks that the file
 * still has those bytes, so a lying length costs neither memory nor time.
 *
 * <p>Bytes go through an array, not a mapping: a vocabulary of 128K tokens and 280K merges is parsed before the JIT
 * has seen this code, and interpreted array access is several times as fast as an interpreted memory segment.
 */
final class HeaderReader {
    /** No header is longer: the largest vocabularies with their merges take about 20 MB. */
    static final long MAX_HEADER = 128 << 20;

    private static final int BUFFER = 1 << 18;

    private final FileChannel channel;
    private final long fileSize;
    private final long size; // of what may be header
    private final byte[] buffer;
    private long bufferStart; // file position of buffer[0]
    private int at;
    private int limit;

    HeaderReader(FileChannel channel, long size) {
        this.channel = channel;
        this.fileSize = size;
        this.size = Math.min(size, MAX_HEADER);
        this.buffer = new byte[(int) Math.min(BUFFER, Math.max(size, 16))];
    }

    long position() {
        return bufferStart + at;
    }

    /** Bytes between here and the end of the file, or of the longest header. */
    long remaining() {
        return size - position();
    }

    /** Checks a count read from the file: each of the things counted takes at least {@code minBytes} more. */
    int count(long n, int minBytes, String what) {
        if (n < 0 || n > Integer.MAX_VALUE - 8 || n > remaining() / minBytes) {
            throw new FormatException(
                    "the number of %s cannot be right".formatted(what),
                    "at most %d in the %d bytes left".formatted(remaining() / minBytes, remaining()),
                    Long.toUnsignedString(n),
                    "The file is truncated or damaged; download it again.");
        }
        return (int) n;
    }

    int u8(String what) {
        need(1, what);
        return buffer[at++] & 0xff;
    }

    int u16(String what) {
        need(2, what);
        int v = buffer[at] & 0xff | (buffer[at + 1] & 0xff) << 8;
        at += 2;
        return v;
    }

    int i32(String what) {
        need(4, what);
        int v = buffer[at] & 0xff | (buffer[at + 1] & 0xff) << 8 | (buffer[at + 2] & 0xff) << 16 | buffer[at + 3] << 24;
        at += 4;
        return v;
    }

    long u32(String what) {
        return i32(what) & 0xffffffffL;
    }

    long i64(String what) {
        need(8, what);
        return u32(what) | (long) i32(what) << 32;
    }

    /** u64 length, then that many bytes of UTF-8. */
    String string(String what) {
        long length = i64(what);
        if (length < 0 || length > remaining()) {
            throw new FormatException(
                    "%s has a length beyond the end of the file".formatted(what),
                    "at most " + remaining(),
                    Long.toUnsignedString(length),
                    "The file is truncated or damaged; download it again.");
        }
        int n = count(length, 1, "bytes of " + what);
        if (n == 0) {
            return "";
        }
        String s;
        if (n <= buffer.length) {
            need(n, what);
            s = utf8(buffer, at, n, what);
            at += n;
        } else {
            byte[] bytes = bytes(n, what);
            s = utf8(bytes, 0, n, what);
        }
        return s;
    }

    /** {@code n} strings; one loop over the buffer, since vocabularies are most of what a header holds. */
    List<String> strings(int n, String what) {
        List<String> out = new ArrayList<>(Math.min(n, 1 << 18));
        byte[] b = buffer;
        while (out.size() < n) {
            int p = at;
            int end = limit - 8;
            int left = n - out.size();
            while (left > 0 && p <= end) {
                int length = b[p] & 0xff | (b[p + 1] & 0xff) << 8;
                int high = b[p + 2] | b[p + 3] | b[p + 4] | b[p + 5] | b[p + 6] | b[p + 7];
                if (high != 0 || length > end - p) {
                    break; // long, lying, or not in the buffer as a whole
                }
                out.add(length == 0 ? "" : utf8(b, p + 8, length, what));
                p += 8 + length;
                left--;
            }
            at = p;
            if (left > 0) {
                out.add(string(what));
            }
        }
        return Collections.unmodifiableList(out);
    }

    /** The next {@code n} bytes; {@code n} was checked against {@link #remaining}. */
    byte[] bytes(int n, String what) {
        if (n > remaining()) {
            throw truncated(n, what);
        }
        byte[] out = new byte[n];
        for (int done = 0; done < n; ) {
            need(1, what);
            int part = Math.min(n - done, limit - at);
            System.arraycopy(buffer, at, out, done, part);
            at += part;
            done += part;
        }
        return out;
    }

    static String utf8(byte[] bytes, int from, int length, String what) {
        String s = new String(bytes, from, length, StandardCharsets.UTF_8);
        // Malformed bytes decode to U+FFFD; only then is the slow, strict decoder needed to tell them from a real one.
        if (s.indexOf('\uFFFD') >= 0) {
            try {
                StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes, from, length));
            } catch (CharacterCodingException e) {
                throw new FormatException("%s is not UTF-8".formatted(what), "valid UTF-8", s).causedBy(e);
            }
        }
        return s;
    }

    private void need(int n, String what) {
        if (limit - at >= n) {
            return;
        }
        if (n > remaining()) {
            throw truncated(n, what);
        }
        System.arraycopy(buffer, at, buffer, 0, limit - at);
        bufferStart += at;
        limit -= at;
        at = 0;
        try {
            while (limit < n) {
                int got = channel.read(ByteBuffer.wrap(buffer, limit, buffer.length - limit), bufferStart + limit);
                if (got < 0) {
                    throw truncated(n, what);
                }
                limit += got;
            }
        } catch (IOException e) {
            throw new FormatException("%s cannot be read: %s".formatted(what, e.getMessage())).causedBy(e);
        }
    }

    private FormatException truncated(long n, String what) {
        if (size < fileSize) {
            return new FormatException(
                    "the header does not end inside the first %d bytes".formatted(MAX_HEADER),
                    "a shorter header",
                    what);
        }
        return new FormatException(
                "the file ends inside %s".formatted(what),
                n + " more bytes",
                remaining(),
                "The file is truncated or damaged; download it again.");
    }
}
