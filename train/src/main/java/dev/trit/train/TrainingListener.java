package dev.trit.train;

import java.nio.file.Path;
import java.util.List;

/** Sees a run as it goes: progress line, metrics files, report. All methods are called on the training thread. */
public interface TrainingListener {
    /**
     * @param step optimizer steps done, counted from 1 after the first
     * @param loss mean cross-entropy of the step's tokens, nats
     * @param gradientNorm before clipping
     * @param learningRate of the step
     * @param weightDecay of the step
     * @param tokens seen since the beginning of training, this step's included
     * @param seconds that the step took
     */
    record Step(
            int step,
            double loss,
            double gradientNorm,
            double learningRate,
            double weightDecay,
            long tokens,
            double seconds) {}

    /**
     * @param loss mean cross-entropy on the held-out tokens, nats per token
     * @param bitsPerByte the same per byte of text, comparable across vocabularies; NaN where the bytes are not known
     */
    record Validation(int step, double loss, double bitsPerByte) {
        /** exp(loss). */
        public double perplexity() {
            return Math.exp(loss);
        }
    }

    /**
     * Shares of the codes of one quantized matrix.
     *
     * @param flips share of codes that changed since the last report
     */
    record Codes(String tensor, double minus, double zero, double plus, double flips) {}

    /**
     * @param firstStep steps already done: 0, or where a resumed run goes on
     * @param flopsPerToken multiply-adds times two of a forward and backward pass
     */
    default void started(Recipe recipe, int firstStep, long parameters, double flopsPerToken) {}

    default void stepped(Step step) {}

    default void validated(Validation validation) {}

    default void codes(int step, List<Codes> codes) {}

    default void sampled(int step, String prompt, String text) {}

    default void checkpointed(int step, Path checkpoint) {}

    /** @param reason {@code finished}, {@code stopped} (by a signal), or what failed */
    default void ended(int step, String reason) {}
}
