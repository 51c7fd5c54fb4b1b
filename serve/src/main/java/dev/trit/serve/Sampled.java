package dev.trit.serve;

import dev.trit.model.ModelException;
import dev.trit.model.Sampling;
import java.util.List;
import java.util.concurrent.ThreadLocalRandom;

/** The members of a request that say how to choose tokens: those of OpenAI, and those llama.cpp and vLLM add. */
final class Sampled {
    private static final Sampling DEFAULTS = Sampling.defaults();
    private static final int MOST_TOKENS = 1 << 30;

    private Sampled() {}

    /** Whether no token is asked for at all: {@code max_tokens} is there and 0. */
    static boolean isEmpty(Fields body) {
        return body.integer(maxTokensName(body), -1, -1, MOST_TOKENS) == 0;
    }

    private static String maxTokensName(Fields body) {
        return body.has("max_completion_tokens") ? "max_completion_tokens" : "max_tokens";
    }

    /**
     * Reads them; what is absent is as in {@link Sampling#defaults}, but the seed is another each time.
     *
     * @param maxTokens if the request does not say; 0 for no limit
     * @param limit of what may be asked for; 0 for none
     * @param logprobs alternatives to report, -1 for no log-probabilities
     * @throws ServeException if one is out of its range
     */
    static Sampling of(Fields body, int maxTokens, int limit, int logprobs) {
        int most = Math.max(0, body.integer(maxTokensName(body), maxTokens, -1, MOST_TOKENS)); // -1: llama.cpp's word
        most = limit > 0 && (most == 0 || most > limit) ? limit : most;
        List<String> stop = body.strings("stop", 16);
        if (stop.stream().anyMatch(String::isEmpty)) {
            throw ServeException.invalid("stop", "stop must not be an empty string");
        }
        String repetition = body.has("repeat_penalty") ? "repeat_penalty" : "repetition_penalty";
        try {
            return new Sampling(
                    body.number("temperature", DEFAULTS.temperature(), 0, 100),
                    Math.max(0, body.integer("top_k", DEFAULTS.topK(), -1, 1 << 20)), // -1: vLLM's word for all
                    body.number("top_p", DEFAULTS.topP(), 0, 1),
                    body.number("min_p", DEFAULTS.minP(), 0, 1),
                    body.number("typical_p", DEFAULTS.typicalP(), 0, 1),
                    body.number(repetition, DEFAULTS.repetitionPenalty(), 0, 10),
                    body.number("presence_penalty", 0, -2, 2),
                    body.number("frequency_penalty", 0, -2, 2),
                    -1, // penalties look back on everything, as OpenAI's do
                    body.biases("logit_bias"),
                    body.whole("seed", ThreadLocalRandom.current().nextLong(1L << 53), Long.MIN_VALUE, Long.MAX_VALUE),
                    most,
                    stop,
                    logprobs);
        } catch (ModelException e) {
            throw ServeException.invalid(null, String.valueOf(e.getMessage()));
        }
    }
}
