package dev.trit.model.grammar;

import java.util.Arrays;

/**
 * A set of Unicode characters (code points without surrogates), as ascending, disjoint ranges.
 *
 * @param bounds first and last of each range, [2 n]
 */
record Ranges(int[] bounds) {
    private static final int LAST = 0x10FFFF;
    private static final int SURROGATES = 0xD800;
    private static final int SURROGATES_END = 0xE000;

    static final Ranges NONE = new Ranges(new int[0]);

    /** Every character. */
    static final Ranges ALL = new Ranges(new int[] {0, SURROGATES - 1, SURROGATES_END, LAST});

    static Ranges of(int first, int last) {
        return new Ranges(new int[] {first, last}).and(ALL);
    }

    /** Every character of {@code text}. */
    static Ranges anyOf(String text) {
        Ranges all = NONE;
        for (int c : text.codePoints().toArray()) {
            all = all.or(of(c, c));
        }
        return all;
    }

    boolean isEmpty() {
        return bounds.length == 0;
    }

    boolean contains(int c) {
        for (int i = 0; i < bounds.length; i += 2) {
            if (c >= bounds[i] && c <= bounds[i + 1]) {
                return true;
            }
        }
        return false;
    }

    Ranges or(Ranges other) {
        return not().and(other.not()).not();
    }

    Ranges without(Ranges other) {
        return and(other.not());
    }

    Ranges and(Ranges other) {
        int[] both = new int[bounds.length + other.bounds.length];
        int n = 0;
        int i = 0;
        int j = 0;
        while (i < bounds.length && j < other.bounds.length) {
            int first = Math.max(bounds[i], other.bounds[j]);
            int last = Math.min(bounds[i + 1], other.bounds[j + 1]);
            if (first <= last) {
                both[n++] = first;
                both[n++] = last;
            }
            if (bounds[i + 1] < other.bounds[j + 1]) {
                i += 2;
            } else {
                j += 2;
            }
        }
        return new Ranges(Arrays.copyOf(both, n));
    }

    /** All characters that are not in this set. */
    Ranges not() {
        int[] gaps = new int[bounds.length + 2];
        int n = 0;
        int next = 0;
        for (int i = 0; i < bounds.length; i += 2) {
            if (next < bounds[i]) {
                gaps[n++] = next;
                gaps[n++] = bounds[i] - 1;
            }
            next = bounds[i + 1] + 1;
        }
        if (next <= LAST) {
            gaps[n++] = next;
            gaps[n++] = LAST;
        }
        return new Ranges(Arrays.copyOf(gaps, n)).and(ALL);
    }
}
