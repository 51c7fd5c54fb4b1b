package dev.trit.format;

import java.util.Arrays;

/** Byte arrays as constants. */
final class Bytes {
    private Bytes() {}

    static byte[] repeated(int value, int n) {
        byte[] bytes = new byte[n];
        Arrays.fill(bytes, (byte) value);
        return bytes;
    }
}
