package dev.trit.model;

/** Receives logits position by position. */
@FunctionalInterface
public interface LogitsConsumer {
    /**
     * @param index of the token in the array that was appended
     * @param logits [vocab], what comes after that token; overwritten by the next call
     */
    void accept(int index, float[] logits);
}
