package dev.trit.model;

/**
 * What an {@link Engine} is doing and has done since it began. Counters only grow.
 *
 * @param queued requests that wait
 * @param active sequences that run
 * @param batch tokens in the last pass over the weights; 0 when idle
 * @param requests taken so far
 * @param refused requests turned away because the queue was full
 * @param completed choices that ended by themselves or at a limit
 * @param cancelled choices called off
 * @param failed choices that went wrong
 * @param preempted times a sequence gave its memory to an older one, to be computed again later
 * @param promptTokens tokens of prompts, cached ones included
 * @param cachedTokens of these, how many need not be computed
 * @param generatedTokens tokens chosen
 * @param steps passes over the weights
 * @param stepTokens tokens in all passes: divided by steps, the mean batch
 * @param busySeconds time spent in them
 * @param kvBytesUsed keys and values of running sequences
 * @param kvBytesCached keys and values kept for reuse only
 * @param kvBytesBudget limit of both together
 */
public record EngineStats(
        int queued,
        int active,
        int batch,
        long requests,
        long refused,
        long completed,
        long cancelled,
        long failed,
        long preempted,
        long promptTokens,
        long cachedTokens,
        long generatedTokens,
        long steps,
        long stepTokens,
        double busySeconds,
        long kvBytesUsed,
        long kvBytesCached,
        long kvBytesBudget) {}
