package dev.trit.text;

import java.util.Arrays;

/**
 * A text as code points: what splitters and segmenters read. Bytes that are not UTF-8 are escapes (see {@link Utf8}), so
 * any bytes pass through unharmed.
 *
 * @param at the code points; the array may be longer than the text
 * @param length number of code points
 */
record CodePoints(int[] at, int length) {
    static CodePoints of(String text) {
        int[] out = new int[text.length()];
        int n = 0;
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (!Character.isSurrogate(c)) {
                out[n++] = c;
            } else if (Character.isHighSurrogate(c)
                    && i + 1 < text.length()
                    && Character.isLowSurrogate(text.charAt(i + 1))) {
                out[n++] = Character.toCodePoint(c, text.charAt(++i));
            } else {
                out[n++] = Utf8.REPLACEMENT;
            }
        }
        return new CodePoints(out, n);
    }

    static CodePoints of(byte[] utf8) {
        int[] out = new int[utf8.length];
        int n = 0;
        for (int at = 0; at < utf8.length; ) {
            int span = Utf8.span(utf8, at, utf8.length);
            if (span > 0) {
                out[n++] = Utf8.codePoint(utf8, at, span);
                at += span;
            } else {
                for (int end = at - span; at < end; at++) {
                    out[n++] = Utf8.ESCAPE + (utf8[at] & 0xFF);
                }
            }
        }
        return new CodePoints(out, n);
    }

    /** A copy of the code points from {@code from} to {@code to}, exclusive. */
    CodePoints slice(int from, int to) {
        return from == 0 && to == length ? this : new CodePoints(Arrays.copyOfRange(at, from, to), to - from);
    }

    /** The text with escapes as the lone surrogates they are. */
    String escapedText() {
        return new String(at, 0, length);
    }

    /** The code points of a text in which lone low surrogates are escapes. */
    static CodePoints ofEscapedText(String text) {
        int[] cps = text.codePoints().toArray();
        return new CodePoints(cps, cps.length);
    }
}
