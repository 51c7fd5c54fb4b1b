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
        return top(logits, n, logSumExp(logits));
    }

    /** The token {@code id} with its log-probability and the {@code n} best. */
    static Token token(int id, String text, float[] logits, int n) {
        double normalizer = logSumExp(logits);
        return new Token(id, text, logits[id] - normalizer, top(logits, n, normalizer));
    }

    private static List<Logprob> top(float[] logits, int n, double normalizer) {
        int wanted = Math.min(n, logits.length);
        int[] best = new int[wanted]; // ids, best first
        int found = 0;
        for (int id = 0; id < logits.length && wanted > 0; id++) {
            if (found == wanted && !(logits[id] > logits[best[wanted - 1]])) {
                continue;
            }
            int at = found < wanted ? found++ : wanted - 1;
            for (; at > 0 && logits[id] > logits[best[at - 1]]; at--) {
                best[at] = best[at - 1];
            }
            best[at] = id;
        }
        List<Logprob> top = new ArrayList<>(wanted);
        for (int id : best) {
            top.add(new Logprob(id, logits[id] - normalizer));
        }
        return top;
    }
}
