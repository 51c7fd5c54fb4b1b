package dev.trit.format;

/**
 * Five trits in a byte: with u the number whose base-3 digits are trit + 1, the byte is u * 256 / 243 rounded up, read as
 * a fraction of 256. Multiplying by 3 moves the next digit in front of the point, so no division is needed to read.
 */
final class Base3 {
    /** The byte of five zeros. */
    static final int ZEROS = encode(121);

    private static final long LOW_BYTES = 0x00ff00ff00ff00ffL;

    private Base3() {}

    /** The byte of five digits, or of fewer followed by zero digits; {@code u} in 0 ... 242. */
    static int encode(int u) {
        return (u * 256 + 242) / 243;
    }

    /** The most significant digit of a byte, 0 to 2. */
    static int digit(int b) {
        return b * 3 >> 8;
    }

    /** What remains of a byte after its first digit: the others, moved up. */
    static int rest(int b) {
        return b * 3 & 255;
    }

    /**
     * Unpacks {@code width} neighbouring bytes, digit n of byte m to {@code out[at + n * width + m]}, as trits.
     *
     * @param width a multiple of 8 (eight bytes share a long, in two halves of four 16-bit lanes)
     */
    static void unpack(byte[] raw, int from, int width, int digits, byte[] out, int at) {
        for (int m = 0; m < width; m += 8) {
            long v = (long) TwoBitPlanes.LONG.get(raw, from + m);
            long even = v & LOW_BYTES;
            long odd = v >>> 8 & LOW_BYTES;
            for (int n = 0; n < digits; n++) {
                even *= 3; // at most 765 in each lane
                odd *= 3;
                long codes = even >>> 8 & 0x0003000300030003L | odd & 0x0300030003000300L;
                TwoBitPlanes.LONG.set(out, at + n * width + m, TwoBitPlanes.trits(codes));
                even &= LOW_BYTES;
                odd &= LOW_BYTES;
            }
        }
    }

    /** The opposite of {@link #unpack}, for any width. */
    static void pack(byte[] trits, int from, int width, int digits, byte[] raw, int at) {
        for (int m = 0; m < width; m++) {
            int u = 0;
            for (int n = 0; n < 5; n++) {
                u = 3 * u + (n < digits ? trits[from + n * width + m] + 1 : 0);
            }
            raw[at + m] = (byte) encode(u);
        }
    }
}
