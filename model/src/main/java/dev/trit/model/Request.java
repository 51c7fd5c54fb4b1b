package dev.trit.model;

import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * What an {@link Engine} is asked for. {@code Request.of(prompt, sampling).withChoices(2)}.
 *
 * @param prompt token ids, at least one
 * @param sampling how to choose tokens, when to stop, and how many log-probabilities to report; choice i uses seed + i
 * @param choices continuations of the same prompt, at least 1; they share its keys and values
 * @param promptLogprobs whether to report log-probabilities of the prompt's tokens too, with as many alternatives as
 *     {@link Sampling#logprobs} says
 * @param scoreOnly ends after the prompt, without generating: {@code max_tokens = 0} of the OpenAI protocol
 * @param constraint what the text must look like, or null for anything
 * @param timeLimit from submission to the last token, or null for none
 * @param client whose it is: the queue takes clients in turn
 */
public record Request(
        int[] prompt,
        Sampling sampling,
        int choices,
        boolean promptLogprobs,
        boolean scoreOnly,
        @Nullable Constraint constraint,
        @Nullable Duration timeLimit,
        String client) {
    /** @throws ModelException if the prompt is empty or a number out of range */
    public Request {
        prompt = prompt.clone();
        if (prompt.length == 0) {
            throw new ModelException("the prompt is empty: there is nothing to continue");
        }
        if (choices < 1) {
            throw new ModelException("choices must be 1 or more, got " + choices);
        }
        if (timeLimit != null && (timeLimit.isNegative() || timeLimit.isZero())) {
            throw new ModelException("the time limit must be above 0, got " + timeLimit);
        }
    }

    /** One choice, nothing else asked for. */
    public static Request of(int[] prompt, Sampling sampling) {
        return new Request(prompt, sampling, 1, false, false, null, null, "");
    }

    public Request withChoices(int value) {
        return new Request(prompt, sampling, value, promptLogprobs, scoreOnly, constraint, timeLimit, client);
    }

    public Request withPromptLogprobs(boolean value) {
        return new Request(prompt, sampling, choices, value, scoreOnly, constraint, timeLimit, client);
    }

    public Request withScoreOnly(boolean value) {
        return new Request(prompt, sampling, choices, promptLogprobs, value, constraint, timeLimit, client);
    }

    public Request withConstraint(@Nullable Constraint value) {
        return new Request(prompt, sampling, choices, promptLogprobs, scoreOnly, value, timeLimit, client);
    }

    public Request withTimeLimit(@Nullable Duration value) {
        return new Request(prompt, sampling, choices, promptLogprobs, scoreOnly, constraint, value, client);
    }

    public Request withClient(String value) {
        return new Request(prompt, sampling, choices, promptLogprobs, scoreOnly, constraint, timeLimit, value);
    }
}
