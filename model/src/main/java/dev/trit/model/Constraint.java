package dev.trit.model;

/**
 * What a generation is allowed to say, as a set of tokens before each one: a grammar, a JSON schema
 * ({@code dev.trit.model.grammar}). Immutable in what it means, and shared by any number of generations and threads.
 */
public interface Constraint {
    /** The state of one generation at its beginning. */
    Guide begin();

    /** Follows one generation, token by token; belongs to it. */
    interface Guide {
        /**
         * The tokens that may come next: bit {@code id % 64} of word {@code id / 64}. End-of-generation tokens are among
         * them where the text may end. Read only; ids beyond the array are not allowed.
         */
        long[] allowed();

        /**
         * The token to take in place of {@code id}, so that the text can still be finished within {@code remaining}
         * tokens, this one included: {@code id} itself as long as it leaves room.
         *
         * @param id allowed
         */
        int within(int id, int remaining);

        /** Goes on with an allowed token. */
        void accept(int id);

        /** Whether the text is complete and nothing but its end may follow. */
        boolean finished();
    }
}
