package dev.trit.model;

import java.util.ArrayList;
import java.util.List;

/**
 * The natural logarithm of a token's probability over the whole vocabulary, before any sampling step.
 *
 * @param id token
 * @param value at most 0
 */
public record Logprob(int id, double value) {
    /** log of the sum of exp(logit), in double: subtract it from a logit to get its log-probability. */
    public static double logSumExp(float[] logits) {
        float max = Float.NEGATIVE_INFINITY;
        for (float x : logits) {
            max = Math.max(max, x);
        }
        double sum = 0;
        for (float x : logits) {
            sum += Math.exp((double) x - max);
        }
        return max + Math.log(sum);
    }

    /** The {@code n} most likely tokens, best first, equal ones by id. */
    public static List<Logprob> top(float[] logits, int n) {
        double normalizer = logSumExp(logits);
        Candidates candidates = new Candidates(logits.length);
        candidates.fill(logits);
        candidates.keepBest(n);
        List<Logprob> best = new ArrayList<>(candidates.size());
        for (int i = 0; i < candidates.size(); i++) {
            best.add(new Logprob(candidates.id(i), candidates.logit(i) - normalizer));
        }
        return best;
    }
}
