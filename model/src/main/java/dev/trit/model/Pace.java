package dev.trit.model;

import java.util.Arrays;

/**
 * How long a draft pays. Checking k tokens costs arithmetic, one token costs reading the weights, and how the two compare
 * depends on machine, kernels, model and context: so passes are timed as they happen. How often guesses come true is
 * counted by what they rest on, a match of so many tokens; a guess that came true makes the match one longer. With chances
 * a, b, c ... a draft of k tokens gives 1 + a + ab + abc + ... tokens for the time of a pass over k + 1.
 */
class Pace {
    /** Tokens in a pass; a draft is one shorter. Kernels take two, three or six tokens for one reading of the weights. */
    static final int[] ROWS = {1, 2, 3, 6, 12, 24};

    static final int MOST_ROWS = 24;

    /** Passes of each size beside one of a single token, before any was timed: what arithmetic allows at best. */
    private static final double[] COST = {1, 1.3, 1.5, 1.9, 3, 5};

    /** Longest match of each kind; the last kind is all that are longer. */
    private static final int[] LONGEST = {1, 2, 3, 4, 6, 10, 23};

    /** Chances of a guess before any was seen, by kind; somewhat less than SmolLM2's texts showed (docs/performance.md). */
    private static final double[] CHANCE = {0.1, 0.3, 0.4, 0.5, 0.65, 0.8, 0.9, 0.95};

    private static final double PRIOR = 8; // guesses that these count for
    private static final double MEMORY = 40; // guesses that the count of a kind looks back on
    private static final double MARGIN = 1.1; // a gain below is not worth the risk,
    private static final double CAREFUL = 1.3; // nor one below this after a loss
    private static final int RETRY = 64; // passes after which what looked bad looks a little better
    private static final int SINGLE = 3; // passes of one token that come first
    private static final int SELDOM = 32; // passes between two of one token, once the compiler has long seen them

    private final Times[] times = new Times[ROWS.length];
    private final double[] seen = new double[CHANCE.length];
    private final double[] right = new double[CHANCE.length];
    private int passes;
    private int lastSingle; // the pass

    private int tokens; // of this text, as are the next two
    private double alone; // seconds that they would have taken one by one
    private double spent; // seconds that they took

    Pace() {
        Arrays.setAll(times, size -> new Times());
        for (int kind = 0; kind < CHANCE.length; kind++) {
            seen[kind] = PRIOR;
            right[kind] = PRIOR * CHANCE[kind];
        }
    }

    /** A new text. */
    void begin() {
        tokens = 0;
        alone = 0;
        spent = 0;
    }

    /**
     * The length of draft that gives most tokens in a second, at most {@code limit}; 0 for none.
     *
     * @param match tokens that the first guess rests on, at least 1
     */
    int best(int match, int limit) {
        // What a token takes alone must be known and stay so: often at first, when the compiler still makes it less.
        if (times[0].count < SINGLE || passes - lastSingle >= Math.min(SELDOM, 4 + passes / 4)) {
            return 0;
        }
        double best = (alone < spent ? CAREFUL : MARGIN) / single();
        int length = 0;
        double expected = 1;
        double chance = 1;
        int k = 0;
        for (int size = 1; size < ROWS.length && ROWS[size] - 1 <= limit; size++) {
            for (; k < ROWS[size] - 1; k++) {
                int kind = kind(match + k);
                chance *= right[kind] / seen[kind];
                expected += chance;
            }
            double rate = expected / cost(size);
            if (rate > best) {
                best = rate;
                length = k;
            }
        }
        return length;
    }

    /** A guess that rested on {@code match} tokens has come true, or not. */
    void guessed(int match, boolean true_) {
        int kind = kind(match);
        double keep = seen[kind] < MEMORY ? 1 : 1 - 1 / MEMORY;
        seen[kind] = seen[kind] * keep + 1;
        right[kind] = right[kind] * keep + (true_ ? 1 : 0);
    }

    /** A pass over {@code rows} tokens gave {@code gained} of them and took that many seconds, the draft included. */
    void timed(int rows, int gained, double took) {
        passes++;
        int size = Arrays.binarySearch(ROWS, rows);
        if (size >= 0) {
            times[size].add(took);
        }
        if (size == 0) {
            lastSingle = passes;
        }
        tokens += gained;
        // A token alone takes longer as the text grows; where it took less than before, it was compiled in between.
        alone = Math.min(alone + gained * single(), tokens * single());
        spent += size >= 0 ? times[size].typical() : took;
        if (passes % RETRY == 0) {
            doubt();
        }
    }

    /** What the tokens of this text would have taken one by one, against what they took; pauses count on neither side. */
    double speedUp() {
        return spent > 0 ? alone / spent : 1;
    }

    /** Seconds that a token takes alone; 0 before one was timed. */
    double single() {
        return times[0].count == 0 ? 0 : times[0].typical();
    }

    /** Moves what was measured long ago, perhaps before compilation, a tenth of the way to what was assumed at first. */
    private void doubt() {
        for (int size = 1; size < ROWS.length; size++) {
            times[size].lower(COST[size] * single());
        }
        for (int kind = 0; kind < CHANCE.length; kind++) {
            seen[kind] = 0.9 * seen[kind] + 0.1 * PRIOR;
            right[kind] = 0.9 * right[kind] + 0.1 * PRIOR * CHANCE[kind];
        }
    }

    private double cost(int size) {
        double assumed = COST[size] * single();
        return switch (times[size].count) {
            case 0 -> assumed;
            case 1 -> Math.sqrt(assumed * times[size].typical()); // a first time may be anything
            default -> times[size].typical();
        };
    }

    private static int kind(int match) {
        int kind = 0;
        while (kind < LONGEST.length && match > LONGEST[kind]) {
            kind++;
        }
        return kind;
    }

    /** The latest times of a size. */
    private static final class Times {
        private final double[] latest = new double[5];
        private final double[] sorted = new double[5];
        private int count;
        private int next;

        void add(double seconds) {
            latest[next] = seconds;
            next = (next + 1) % latest.length;
            count = Math.min(count + 1, latest.length);
        }

        /** The median, the lower one of two: a pause of the machine is not seen. */
        double typical() {
            System.arraycopy(latest, 0, sorted, 0, count);
            Arrays.sort(sorted, 0, count);
            return sorted[(count - 1) / 2];
        }

        void lower(double floor) {
            for (int i = 0; i < count; i++) {
                latest[i] = Math.min(latest[i], 0.9 * latest[i] + 0.1 * floor);
            }
        }
    }
}
