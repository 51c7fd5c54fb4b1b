package dev.trit.text;

/**
 * UTF-8 by the rules of Unicode (and WHATWG and Python): every maximal beginning of a character that cannot be completed
 * is one error. Errors become U+FFFD in text, and code points {@code ESCAPE + byte} where bytes must survive.
 */
final class Utf8 {
    static final int REPLACEMENT = 0xFFFD;

    /** A byte b that is not part of a valid character travels as the lone surrogate 0xDC00 + b, as in Python. */
    static final int ESCAPE = 0xDC00;

    private Utf8() {}

    /** How many bytes a character has that begins with {@code lead}; 0 if none does. */
    static int length(int lead) {
        if (lead < 0x80) {
            return 1;
        }
        return lead < 0xC2 ? 0 : lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : lead < 0xF5 ? 4 : 0;
    }

    /** Whether {@code b} may be byte number {@code index} (1 to 3) of a character that begins with {@code lead}. */
    static boolean continues(int lead, int index, int b) {
        if (index == 1) {
            int low = lead == 0xE0 ? 0xA0 : lead == 0xF0 ? 0x90 : 0x80; // no overlong forms
            int high = lead == 0xED ? 0x9F : lead == 0xF4 ? 0x8F : 0xBF; // no surrogates, nothing above U+10FFFF
            return b >= low && b <= high;
        }
        return (b & 0xC0) == 0x80;
    }

    /** Number of bytes from {@code at} that form a valid character, or minus the number that form one error. */
    static int span(byte[] bytes, int at, int end) {
        int lead = bytes[at] & 0xFF;
        int length = length(lead);
        if (length == 0) {
            return -1;
        }
        for (int i = 1; i < length; i++) {
            if (at + i >= end || !continues(lead, i, bytes[at + i] & 0xFF)) {
                return -i;
            }
        }
        return length;
    }

    /** The code point of the {@code length} valid bytes from {@code at}. */
    static int codePoint(byte[] bytes, int at, int length) {
        int lead = bytes[at];
        return switch (length) {
            case 1 -> lead;
            case 2 -> (lead & 0x1F) << 6 | bytes[at + 1] & 0x3F;
            case 3 -> (lead & 0x0F) << 12 | (bytes[at + 1] & 0x3F) << 6 | bytes[at + 2] & 0x3F;
            default ->
                (lead & 0x07) << 18 | (bytes[at + 1] & 0x3F) << 12 | (bytes[at + 2] & 0x3F) << 6 | bytes[at + 3] & 0x3F;
        };
    }

    static String decode(byte[] bytes) {
        StringBuilder out = new StringBuilder(bytes.length);
        for (int at = 0; at < bytes.length; ) {
            int span = span(bytes, at, bytes.length);
            out.appendCodePoint(span > 0 ? codePoint(bytes, at, span) : REPLACEMENT);
            at += Math.abs(span);
        }
        return out.toString();
    }

    /** Writes the bytes of a code point (or the one byte of an escape) to {@code out} and returns the end. */
    static int encode(int codePoint, byte[] out, int at) {
        if (codePoint < 0x80) {
            out[at++] = (byte) codePoint;
        } else if (codePoint < 0x800) {
            out[at++] = (byte) (0xC0 | codePoint >> 6);
            out[at++] = (byte) (0x80 | codePoint & 0x3F);
        } else if (codePoint < 0x10000) {
            if (isEscape(codePoint)) {
                out[at++] = (byte) codePoint;
                return at;
            }
            out[at++] = (byte) (0xE0 | codePoint >> 12);
            out[at++] = (byte) (0x80 | codePoint >> 6 & 0x3F);
            out[at++] = (byte) (0x80 | codePoint & 0x3F);
        } else {
            out[at++] = (byte) (0xF0 | codePoint >> 18);
            out[at++] = (byte) (0x80 | codePoint >> 12 & 0x3F);
            out[at++] = (byte) (0x80 | codePoint >> 6 & 0x3F);
            out[at++] = (byte) (0x80 | codePoint & 0x3F);
        }
        return at;
    }

    static boolean isEscape(int codePoint) {
        return codePoint >= ESCAPE + 0x80 && codePoint <= ESCAPE + 0xFF;
    }
}
