package dev.trit.cli;

/**
 * Random numbers by position: value i of a stream is the same whoever asks, in whatever order. The mixing function is
 * SplitMix64's (Steele, Lea and Flood, OOPSLA 2014).
 */
final class RandomTrits {
    private static final long GOLDEN = 0x9E3779B97F4A7C15L;
    private static final int PER_WORD = 32; // 3^32 is far below 2^64, so all 32 digits are close to uniform

    private RandomTrits() {}

    static long mix(long x) {
        long z = x * GOLDEN;
        z = (z ^ (z >>> 30)) * 0xBF58476D1CE4E5B9L;
        z = (z ^ (z >>> 27)) * 0x94D049BB133111EBL;
        return z ^ (z >>> 31);
    }

    /** Fills {@code out} with values {@code first ...} of the stream, each from -limit to limit. */
    static void uniform(long stream, long first, float limit, float[] out) {
        for (int i = 0; i < out.length; i++) {
            out[i] = limit * ((mix(stream ^ mix(first + i + 1)) >> 40) * 0x1p-23f);
        }
    }

    /** Writes trits {@code first ... first + count - 1} of the stream to {@code out[at ...]}. */
    static void fill(long stream, long first, byte[] out, int at, int count) {
        long i = first;
        int to = at + count;
        while (at < to) {
            long fraction = mix(stream ^ mix(i / PER_WORD + 1)); // of 2^64; its base-3 digits are the trits
            for (int digit = 0; digit < PER_WORD && at < to; digit++) {
                if (digit >= i % PER_WORD) {
                    out[at++] = (byte) (Math.unsignedMultiplyHigh(fraction, 3) - 1);
                }
                fraction *= 3;
            }
            i += PER_WORD - i % PER_WORD;
        }
    }
}
