package dev.trit.model;

/**
 * Guesses the tokens that come next, for a {@link Speculator} to check. A wrong guess costs time and never changes the
 * text.
 */
public interface Drafter extends AutoCloseable {
    /** Kinds of situation that {@link #look} tells apart. */
    int KINDS = 8;

    /**
     * Looks at the text so far.
     *
     * @param text ids; only the first {@code length} count. Read only
     * @return in which kind of situation it is, 0 to {@link #KINDS} - 1, so that how often guesses come true is counted
     *     for each; -1 if there is nothing to guess by
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
