package dev.trit.model;

import java.util.Arrays;

/**
 * How long a draft pays. Checking k tokens costs arithmetic, one token costs reading the weights, and how the two compare
 * depends on machine, kernels and model: so passes are timed as they happen, and how often guesses of each kind come true
 * is counted. With acceptance a, a draft of k tokens gives 1 + a + ... + a^k tokens for the time of a pass over k + 1.
 */
class Pace {
    /** Tokens in a pass; a draft is one shorter. */
    static final int[] ROWS = {1, 2, 4, 8, 16, 32};

    static final int MOST_ROWS = 32;

    /** Passes of each size beside one of a single token, before any was timed: what arithmetic allows at best. */
    private static final double[] COST = {1, 1.3, 1.8, 2.8, 5, 9};

    /** Chances of a guess before any was seen, by kind. */
    private static final double[] CHANCE = {0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9};

    private static final double MARGIN = 1.06; // a gain below is not worth the risk
    private static final double MEMORY = 40; // guesses that the count of a kind looks back on
    private static final int RETRY = 64; // passes after which sizes that looked bad are tried again
    private static final int SINGLE = 3; // passes of one token that come first

    private final double[] seconds = new double[ROWS.length]; // 0 where not timed
    private final double[] seen = new double[Drafter.KINDS];
    private final double[] right = new double[Drafter.KINDS];
    private int singles;
    private int passes;

    Pace() {
        for (int kind = 0; kind < Drafter.KINDS; kind++) {
            seen[kind] = 4;
            right[kind] = 4 * CHANCE[kind];
        }
    }

    /** The length of draft that gives most tokens in a second, at most {@code limit}; 0 for none. */
    int best(int kind, int limit) {
        if (singles < SINGLE || passes % RETRY == RETRY - 1) {
            return 0; // what a token costs alone must be known, and stay so
        }
        double a = right[kind] / seen[kind];
        double best = MARGIN / cost(0);
        int length = 0;
        double tokens = 1;
        double chance = 1;
        int k = 0;
        for (int size = 1; size < ROWS.length && ROWS[size] - 1 <= limit; size++) {
            for (; k < ROWS[size] - 1; k++) {
                chance *= a;
                tokens += chance;
            }
            double rate = tokens / cost(size);
            if (rate > best) {
                best = rate;
                length = k;
            }
        }
        return length;
    }

    /** A guess of that kind has come true, or not. */
    void guessed(int kind, boolean true_) {
        double keep = seen[kind] < MEMORY ? 1 : 1 - 1 / MEMORY;
        seen[kind] = seen[kind] * keep + 1;
        right[kind] = right[kind] * keep + (true_ ? 1 : 0);
    }

    /** A pass over {@code rows} tokens took that long, the draft included. */
    void timed(int rows, double took) {
        passes++;
        int size = Arrays.binarySearch(ROWS, rows);
        if (size == 0) {
            singles++;
        }
        if (size >= 0) {
            double before = seconds[size] == 0 ? took : seconds[size];
            seconds[size] = before + 0.25 * (Math.min(took, 2 * before) - before);
        }
        if (passes % RETRY == 0) {
            for (int i = 1; i < ROWS.length; i++) { // doubt what was measured long ago, perhaps before compilation
                seconds[i] = seconds[i] == 0 ? 0 : 0.9 * seconds[i] + 0.1 * Math.min(seconds[i], COST[i] * seconds[0]);
            }
        }
    }

    /** Seconds that a token takes alone; 0 before one was timed. */
    double single() {
        return seconds[0];
    }

    private double cost(int size) {
        return seconds[size] > 0 ? seconds[size] : COST[size] * seconds[0];
    }
}
