package dev.trit.model;

/**
 * Limits of an {@link Engine}. {@code EngineOptions.defaults().withParallel(8)}.
 *
 * @param parallel sequences that generate at the same time, each choice of a request being one; at least 1
 * @param contextLength positions of a sequence, prompt and answer together; 0 for the model's own
 * @param maxQueue requests that wait at most, beyond those that run; at least 0
 * @param kvBudgetBytes memory for keys and values, of running sequences and of finished ones kept for reuse; 0 for what
 *     {@code parallel} full contexts need, at most half of the heap
 * @param promptTokensPerStep tokens of prompts that are read between two tokens of the streams that run; at least 1
 */
public record EngineOptions(
        int parallel, int contextLength, int maxQueue, long kvBudgetBytes, int promptTokensPerStep) {
    /** @throws ModelException if a number is out of range */
    public EngineOptions {
        check(parallel >= 1, "parallel", "1 or more", parallel);
        check(contextLength >= 0, "the context length", "0 or more", contextLength);
        check(maxQueue >= 0, "the queue limit", "0 or more", maxQueue);
        check(kvBudgetBytes >= 0, "the memory for keys and values", "0 or more bytes", kvBudgetBytes);
        check(promptTokensPerStep >= 1, "prompt tokens per step", "1 or more", promptTokensPerStep);
    }

    private static void check(boolean ok, String what, String expected, long got) {
        if (!ok) {
            throw new ModelException("%s must be %s, got %d".formatted(what, expected, got));
        }
    }

    /** Four sequences, the model's context, a queue of 64, 32 prompt tokens a step. */
    public static EngineOptions defaults() {
        return new EngineOptions(4, 0, 64, 0, 32);
    }

    public EngineOptions withParallel(int value) {
        return new EngineOptions(value, contextLength, maxQueue, kvBudgetBytes, promptTokensPerStep);
    }

    public EngineOptions withContextLength(int value) {
        return new EngineOptions(parallel, value, maxQueue, kvBudgetBytes, promptTokensPerStep);
    }

    public EngineOptions withMaxQueue(int value) {
        return new EngineOptions(parallel, contextLength, value, kvBudgetBytes, promptTokensPerStep);
    }

    public EngineOptions withKvBudgetBytes(long value) {
        return new EngineOptions(parallel, contextLength, maxQueue, value, promptTokensPerStep);
    }

    public EngineOptions withPromptTokensPerStep(int value) {
        return new EngineOptions(parallel, contextLength, maxQueue, kvBudgetBytes, value);
    }
}
