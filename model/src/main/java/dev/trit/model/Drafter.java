package dev.trit.model;

/**
 * Guesses the tokens that come next, for a {@link Speculator} to check. A wrong guess costs time and never changes the
 * text.
 */
public interface Drafter extends AutoCloseable {
    /** A match of that many tokens or more is as good as any. */
    int SURE = 24;

    /**
     * Looks at the text so far.
     *
     * @param text ids; only the first {@code length} count. Read only
     * @return how many tokens speak for the guess, so that how often guesses come true is counted by that; 0 if there is
     *     nothing to guess by
     */
    int look(int[] text, int length);

    /**
     * Guesses what follows the text looked at last.
     *
     * @param draft receives the tokens from {@code draft[1]} on; {@code draft[0]} is the caller's
     * @param count how many, at least 1
     * @return how many there are, at most {@code count}
     */
    int draft(int[] draft, int count);

    /** Whether a guess costs next to nothing, so that one may be made only to see whether it comes true. */
    boolean free();

    @Override
    void close();
}
