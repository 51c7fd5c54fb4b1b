package dev.trit.model;

import java.util.List;
import org.jspecify.annotations.Nullable;

/** What happens to a {@link Completion}, in order: one PromptRead, tokens of all choices mixed, one Ended for each. */
public sealed interface Event {
    /**
     * The first token can be chosen.
     *
     * @param promptTokens tokens of the prompt
     * @param cachedTokens of these, how many other requests had already paid for
     * @param queueSeconds from submission until computing began
     * @param promptSeconds from then until now
     * @param tokens the prompt with its log-probabilities, empty unless {@link Request#promptLogprobs}; the first token's
     *     is NaN, since nothing comes before it
     */
    record PromptRead(int promptTokens, int cachedTokens, double queueSeconds, double promptSeconds, List<Token> tokens)
            implements Event {
        public PromptRead {
            tokens = List.copyOf(tokens);
        }
    }

    /**
     * One token more.
     *
     * @param choice 0 to {@link Request#choices} - 1
     */
    record TokenChosen(int choice, Token token) implements Event {}

    /**
     * A choice is over. Every choice gets exactly one, whatever happens.
     *
     * @param choice 0 to {@link Request#choices} - 1
     * @param generation all that was generated, and why it ended
     * @param failure what went wrong, where {@link StopReason#FAILED}; null otherwise
     */
    record Ended(
            int choice, Generation generation, @Nullable ModelException failure) implements Event {}
}
