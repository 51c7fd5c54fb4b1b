package dev.trit.train;

/**
 * The order in which training visits its windows of tokens: in each epoch every window once, in an order that depends on
 * the seed and the epoch alone. Any place in it is computed, not stored, so that a resumed run needs no state.
 *
 * <p>A Feistel network of four rounds permutes the numbers below a power of four; numbers that fall outside are permuted
 * again until they fall inside.
 */
final class WindowOrder {
    private static final int ROUNDS = 4;

    private final long windows;
    private final long seed;
    private final int halfBits;

    /** @param windows how many there are, at least 1 */
    WindowOrder(long windows, long seed) {
        this.windows = windows;
        this.seed = seed;
        this.halfBits = Math.max(1, (64 - Long.numberOfLeadingZeros(windows - 1) + 1) / 2);
    }

    /** The window at place {@code n} of the endless sequence of epochs. */
    long window(long n) {
        long epoch = n / windows;
        long at = n % windows;
        do {
            at = permute(at, epoch);
        } while (at >= windows);
        return at;
    }

    private long permute(long value, long epoch) {
        long mask = (1L << halfBits) - 1;
        long left = value >>> halfBits;
        long right = value & mask;
        for (int round = 0; round < ROUNDS; round++) {
            long mixed = left ^ (mix(right ^ mix(seed + epoch * ROUNDS + round)) & mask);
            left = right;
            right = mixed;
        }
        return left << halfBits | right;
    }

    /** The finalizer of SplitMix64: every bit of the result depends on every bit of {@code z}. */
    private static long mix(long z) {
        z = (z + 0x9E3779B97F4A7C15L) * 0xBF58476D1CE4E5B9L;
        z = (z ^ z >>> 30) * 0xBF58476D1CE4E5B9L;
        z = (z ^ z >>> 27) * 0x94D049BB133111EBL;
        return z ^ z >>> 31;
    }
}
