package dev.trit.model;

import org.jspecify.annotations.Nullable;

/**
 * Which logits the choice of a token can depend on: those of tokens that are both among the {@code
 * best} largest and within {@code -below} of the largest, and of some by name. The rest need not be known.
 *
 * @param best how many of the largest logits count; 0 for any number
 * @param below how far below the largest logit another still counts, at most 0; negative infinity for any distance. Not
 *     both without limit
 * @param named tokens whose logits are changed before the choice, by penalties or a bias: they are not among the best or
 *     the near, but beside them
 * @param allowed bit {@code id % 64} of word {@code id / 64}: the others do not count; null for all
 */
record Wanted(int best, float below, int[] named, long @Nullable [] allowed) {
    private static final int[] NONE = {};

    /** The largest logit. */
    static final Wanted GREEDY = new Wanted(1, Float.NEGATIVE_INFINITY, NONE, null);

    boolean allows(int id) {
        return allowed == null || (id >> 6 < allowed.length && (allowed[id >> 6] >>> id & 1) != 0);
    }
}
