package dev.trit.train;

/**
 * Tokens in a fixed order, addressed by position: where training stands in its data is one number, and reading again
 * gives the same tokens.
 */
public interface TokenSource {
    /** Number of token ids; every id is below it. */
    int vocab();

    /** How many tokens there are. */
    long tokens();

    /** Copies {@code count} tokens from position {@code from} on to {@code out[at ...]}. */
    void read(long from, int[] out, int at, int count);
}
