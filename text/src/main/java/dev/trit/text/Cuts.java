package dev.trit.text;

import java.util.Arrays;

/** Where a text is cut: the ends of its pieces, ascending, the last one the end of the text. */
final class Cuts {
    private int[] ends;
    private int count;

    /** One piece, the whole text, which is not empty. */
    Cuts(int length) {
        ends = new int[] {length};
        count = 1;
    }

    private Cuts(int[] ends, int count) {
        this.ends = ends;
        this.count = count;
    }

    int count() {
        return count;
    }

    /** Where piece {@code i} ends; -1 past the last one. */
    int end(int i) {
        return i < count ? ends[i] : -1;
    }

    /** Says where a piece ends in another alphabet. */
    void move(int i, int end) {
        ends[i] = end;
    }

    /** Every match of the pattern inside a piece becomes a piece of its own, and so does what lies between matches. */
    Cuts split(SplitPattern pattern, int[] text) {
        Cuts finer = new Cuts(new int[Math.max(16, count + (ends[count - 1] >> 2))], 0);
        int at = 0;
        for (int i = 0; i < count; i++) {
            int end = ends[i];
            int between = at; // where the text without a match began
            while (at < end) {
                int matched = pattern.match(text, at, end);
                if (matched <= at) {
                    at++;
                    continue;
                }
                if (between < at) {
                    finer.add(at);
                }
                finer.add(matched);
                at = matched;
                between = at;
            }
            if (between < end) {
                finer.add(end);
            }
        }
        return finer;
    }

    private void add(int end) {
        if (count == ends.length) {
            ends = Arrays.copyOf(ends, count * 2);
        }
        ends[count++] = end;
    }
}
