package dev.trit.text;

/**
 * Streaming detokenizer: takes bytes as tokens bring them and gives out whole characters only, never half of one. Bytes
 * that can no longer become a character turn into U+FFFD exactly where Python's and WHATWG's decoders put it.
 *
 * <p>Belongs to one generation; not thread-safe.
 */
public final class Utf8Stream {
    private final byte[] held = new byte[4];
    private int heldCount;

    /** The characters that {@code bytes} complete; empty while one is still open. */
    public String append(byte[] bytes) {
        StringBuilder out = new StringBuilder(bytes.length);
        for (byte b : bytes) {
            append(b, out);
        }
        return out.toString();
    }

    /** The characters that the bytes of {@code id} complete; control tokens bring none. */
    public String append(Tokenizer tokenizer, int id) {
        return tokenizer.isSpecial(id) ? "" : append(tokenizer.tokenBytes(id));
    }

    private void append(byte b, StringBuilder out) {
        if (heldCount > 0 && !Utf8.continues(held[0] & 0xFF, heldCount, b & 0xFF)) {
            out.appendCodePoint(Utf8.REPLACEMENT);
            heldCount = 0;
        }
        held[heldCount++] = b;
        int length = Utf8.length(held[0] & 0xFF);
        if (length == 0) {
            out.appendCodePoint(Utf8.REPLACEMENT);
            heldCount = 0;
        } else if (length == heldCount) {
            out.appendCodePoint(Utf8.codePoint(held, 0, length));
            heldCount = 0;
        }
    }

    /** True if bytes of an unfinished character are waiting. */
    public boolean isOpen() {
        return heldCount > 0;
    }

    /** Ends the text: U+FFFD if a character was left unfinished, else nothing. The stream can be used again. */
    public String flush() {
        boolean open = isOpen();
        heldCount = 0;
        return open ? "\uFFFD" : "";
    }
}
