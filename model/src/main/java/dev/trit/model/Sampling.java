package dev.trit.model;

import java.util.List;
import java.util.Map;

/**
 * How tokens are chosen and when to stop. Steps run in this order: penalties, bias, top-k, typical, top-p, min-p,
 * temperature, draw (that of llama.cpp). {@code Sampling.defaults().withTemperature(0.5f).withSeed(7)}.
 *
 * @param temperature divides the logits; 0 takes the best token (greedy)
 * @param topK keeps that many best tokens; 0 keeps all
 * @param topP keeps the best tokens whose probabilities first add up to this, in (0, 1]; 1 keeps all
 * @param minP keeps tokens at least this likely in proportion to the best, in [0, 1]; 0 keeps all
 * @param typicalP keeps the tokens nearest to the expected surprise (locally typical sampling, arXiv 2202.00666) whose
 *     probabilities first add up to this, in (0, 1]; 1 keeps all
 * @param repetitionPenalty divides positive and multiplies negative logits of tokens in the window (arXiv 1909.05858);
 *     1 changes nothing
 * @param presencePenalty subtracted once from the logit of every token in the window
 * @param frequencyPenalty subtracted from the logit of a token for each time it is in the window
 * @param penaltyWindow tokens that penalties look back on, prompt included; -1 for all
 * @param logitBias added to the logits of these tokens; negative infinity forbids one
 * @param seed of the random numbers: the same seed gives the same text, whatever kernels and threads
 * @param maxTokens tokens to generate at most; 0 for as many as the context holds
 * @param stop texts that end the generation; they are not part of its text
 * @param logprobs best alternatives to report with each token; 0 for the token alone, -1 for no log-probabilities
 */
public record Sampling(
        float temperature,
        int topK,
        float topP,
        float minP,
        float typicalP,
        float repetitionPenalty,
        float presencePenalty,
        float frequencyPenalty,
        int penaltyWindow,
        Map<Integer, Float> logitBias,
        long seed,
        int maxTokens,
        List<String> stop,
        int logprobs) {
    private static final Sampling DEFAULTS =
            new Sampling(0.8f, 40, 0.95f, 0.05f, 1f, 1f, 0f, 0f, 64, Map.of(), 0, 0, List.of(), -1);

    /** @throws ModelException if a value is out of range */
    public Sampling {
        logitBias = Map.copyOf(logitBias);
        stop = List.copyOf(stop);
        check(temperature >= 0 && Float.isFinite(temperature), "temperature", "0 or more", temperature);
        check(topK >= 0, "top-k", "0 or more", topK);
        check(topP > 0 && topP <= 1, "top-p", "above 0 and at most 1", topP);
        check(minP >= 0 && minP <= 1, "min-p", "from 0 to 1", minP);
        check(typicalP > 0 && typicalP <= 1, "typical-p", "above 0 and at most 1", typicalP);
        check(
                repetitionPenalty > 0 && Float.isFinite(repetitionPenalty),
                "repetition penalty",
                "above 0",
                repetitionPenalty);
        check(Float.isFinite(presencePenalty), "presence penalty", "finite", presencePenalty);
        check(Float.isFinite(frequencyPenalty), "frequency penalty", "finite", frequencyPenalty);
        check(penaltyWindow >= -1, "penalty window", "-1 or more", penaltyWindow);
        check(maxTokens >= 0, "max tokens", "0 or more", maxTokens);
        check(logprobs >= -1, "logprobs", "-1 or more", logprobs);
        check(stop.stream().noneMatch(String::isEmpty), "a stop text", "not empty", "\"\"");
        logitBias.forEach((id, bias) -> check(
                !Float.isNaN(bias) && bias < Float.POSITIVE_INFINITY, "logit bias of " + id, "finite or -inf", bias));
    }

    private static void check(boolean ok, String what, String expected, Object got) {
        if (!ok) {
            throw new ModelException("%s must be %s, got %s".formatted(what, expected, got));
        }
    }

    /** Temperature 0.8, top-k 40, top-p 0.95, min-p 0.05, no penalties, seed 0, until the model or the context ends. */
    public static Sampling defaults() {
        return DEFAULTS;
    }

    /** Always the best token. */
    public static Sampling greedy() {
        return DEFAULTS.withTemperature(0);
    }

    public Sampling withTemperature(float value) {
        return new Sampling(
                value,
                topK,
                topP,
                minP,
                typicalP,
                repetitionPenalty,
                presencePenalty,
                frequencyPenalty,
                penaltyWindow,
                logitBias,
                seed,
                maxTokens,
                stop,
                logprobs);
    }

    public Sampling withTopK(int value) {
        return new Sampling(
                temperature,
                value,
                topP,
                minP,
                typicalP,
                repetitionPenalty,
                presencePenalty,
                frequencyPenalty,
                penaltyWindow,
                logitBias,
                seed,
                maxTokens,
                stop,
                logprobs);
    }

    public Sampling withTopP(float value) {
        return new Sampling(
                temperature,
                topK,
                value,
                minP,
                typicalP,
                repetitionPenalty,
                presencePenalty,
                frequencyPenalty,
                penaltyWindow,
                logitBias,
                seed,
                maxTokens,
                stop,
                logprobs);
    }

    public Sampling withMinP(float value) {
        return new Sampling(
                temperature,
                topK,
                topP,
                value,
                typicalP,
                repetitionPenalty,
                presencePenalty,
                frequencyPenalty,
                penaltyWindow,
                logitBias,
                seed,
                maxTokens,
                stop,
                logprobs);
    }

    public Sampling withTypicalP(float value) {
        return new Sampling(
                temperature,
                topK,
                topP,
                minP,
                value,
                repetitionPenalty,
                presencePenalty,
                frequencyPenalty,
                penaltyWindow,
                logitBias,
                seed,
                maxTokens,
                stop,
                logprobs);
    }

    public Sampling withRepetitionPenalty(float value) {
        return new Sampling(
                temperature,
                topK,
                topP,
                minP,
                typicalP,
                value,
                presencePenalty,
                frequencyPenalty,
                penaltyWindow,
                logitBias,
                seed,
                maxTokens,
                stop,
                logprobs);
    }

    public Sampling withPresencePenalty(float value) {
        return new Sampling(
                temperature,
                topK,
                topP,
                minP,
                typicalP,
                repetitionPenalty,
                value,
                frequencyPenalty,
                penaltyWindow,
                logitBias,
                seed,
                maxTokens,
                stop,
                logprobs);
    }

    public Sampling withFrequencyPenalty(float value) {
        return new Sampling(
                temperature,
                topK,
                topP,
                minP,
                typicalP,
                repetitionPenalty,
                presencePenalty,
                value,
                penaltyWindow,
                logitBias,
                seed,
                maxTokens,
                stop,
                logprobs);
    }

    public Sampling withPenaltyWindow(int value) {
        return new Sampling(
                temperature,
                topK,
                topP,
                minP,
                typicalP,
                repetitionPenalty,
                presencePenalty,
                frequencyPenalty,
                value,
                logitBias,
                seed,
                maxTokens,
                stop,
                logprobs);
    }

    public Sampling withLogitBias(Map<Integer, Float> value) {
        return new Sampling(
                temperature,
                topK,
                topP,
                minP,
                typicalP,
                repetitionPenalty,
                presencePenalty,
                frequencyPenalty,
                penaltyWindow,
                value,
                seed,
                maxTokens,
                stop,
                logprobs);
    }

    public Sampling withSeed(long value) {
        return new Sampling(
                temperature,
                topK,
                topP,
                minP,
                typicalP,
                repetitionPenalty,
                presencePenalty,
                frequencyPenalty,
                penaltyWindow,
                logitBias,
                value,
                maxTokens,
                stop,
                logprobs);
    }

    public Sampling withMaxTokens(int value) {
        return new Sampling(
                temperature,
                topK,
                topP,
                minP,
                typicalP,
                repetitionPenalty,
                presencePenalty,
                frequencyPenalty,
                penaltyWindow,
                logitBias,
                seed,
                value,
                stop,
                logprobs);
    }

    public Sampling withStop(List<String> value) {
        return new Sampling(
                temperature,
                topK,
                topP,
                minP,
                typicalP,
                repetitionPenalty,
                presencePenalty,
                frequencyPenalty,
                penaltyWindow,
                logitBias,
                seed,
                maxTokens,
                value,
                logprobs);
    }

    public Sampling withLogprobs(int value) {
        return new Sampling(
                temperature,
                topK,
                topP,
                minP,
                typicalP,
                repetitionPenalty,
                presencePenalty,
                frequencyPenalty,
                penaltyWindow,
                logitBias,
                seed,
                maxTokens,
                stop,
                value);
    }
}
