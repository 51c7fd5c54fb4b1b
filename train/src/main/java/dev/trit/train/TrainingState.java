package dev.trit.train;

/**
 * Where a run stands, besides its tensors. The place in the data and the random state follow from the step and the
 * recipe's seed.
 *
 * @param step optimizer steps done
 * @param tokens seen
 * @param data what the token source calls itself: a resumed run must have the same
 */
public record TrainingState(int step, long tokens, String data) {}
