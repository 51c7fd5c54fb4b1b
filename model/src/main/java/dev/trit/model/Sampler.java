package dev.trit.model;

import java.util.Arrays;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * Chooses tokens as {@link Sampling} says. Holds the random state and the tokens that penalties look back on; belongs to
 * one generation. Uses only operations that give the same bits on every machine.
 */
public final class Sampler {
    /** Beyond so many tokens one by one, the whole head is read faster. */
    private static final int MOST_BEST = 1024;

    private final Sampling sampling;
    private final Candidates candidates;
    private final float[] adjusted; // [vocab]
    private final int[] counts; // [vocab], occurrences in the window
    private int[] history = new int[64];
    private int length;
    private long random;

    /** @param vocab number of token ids */
    public Sampler(Sampling sampling, int vocab) {
        check(sampling, vocab);
        this.sampling = sampling;
        this.candidates = new Candidates(vocab);
        this.adjusted = new float[vocab];
        this.counts = new int[vocab];
        this.random = sampling.seed();
    }

    /** @throws ModelException if a bias is for a token that is not in the vocabulary */
    static void check(Sampling sampling, int vocab) {
        for (int id : sampling.logitBias().keySet()) {
            if (id < 0 || id >= vocab) {
                throw new ModelException("logit bias for token %d: ids are 0 to %d".formatted(id, vocab - 1));
            }
        }
    }

    /** Tells of tokens that penalties are to count: the prompt, then every token chosen. */
    public void accept(int... ids) {
        for (int id : ids) {
            if (length == history.length) {
                history = Arrays.copyOf(history, 2 * length);
            }
            history[length++] = id;
            counts[id]++;
            int window = sampling.penaltyWindow();
            if (window >= 0 && length > window) {
                counts[history[length - 1 - window]]--;
            }
        }
    }

    /**
     * Chooses the token after which {@code logits} come; not accepted yet.
     *
     * @param logits [vocab], left as they are
     * @throws ModelException if they are not numbers: the weights are damaged
     */
    public int sample(float[] logits) {
        return sample(logits, null);
    }

    /**
     * The same among some tokens only.
     *
     * @param allowed bit {@code id % 64} of word {@code id / 64}; null for all tokens
     */
    public int sample(float[] logits, long @Nullable [] allowed) {
        float[] all = adjust(logits, allowed);
        int best = best();
        if (best > 0) {
            candidates.fillBest(all, best);
        } else {
            candidates.fill(all);
        }
        if (candidates.size() == 0) {
            throw new ModelException(
                    allowed == null
                            ? "every token is forbidden by its logit bias"
                            : "no token may follow: the logit bias forbids all that the grammar allows");
        }
        if (sampling.temperature() == 0) {
            return candidates.id(0);
        }
        if (sampling.typicalP() < 1) {
            candidates.keepTypical(sampling.typicalP());
        }
        if (sampling.topP() < 1) {
            candidates.keepProbable(sampling.topP());
        }
        if (sampling.minP() > 0) {
            candidates.keepLikely(sampling.minP());
        }
        return candidates.draw(sampling.temperature(), nextRandom());
    }

    /**
     * Which logits the next choice can depend on; null if it is all of them, as top-p needs without top-k. What is not
     * wanted may be negative infinity in {@link #sample}.
     *
     * @param allowed as in {@link #sample}
     */
    @Nullable Wanted wanted(long @Nullable [] allowed) {
        boolean near = sampling.minP() > 0 && sampling.topP() == 1 && sampling.typicalP() == 1;
        int best = best();
        int[] named = changed();
        if ((best == 0 && !near) || best > MOST_BEST || named.length > MOST_BEST) {
            return null;
        }
        float below =
                near && sampling.temperature() > 0 ? (float) StrictMath.log(sampling.minP()) : Float.NEGATIVE_INFINITY;
        return new Wanted(best, below, named, allowed);
    }

    /** How many of the best are all that can be chosen; 0: it is not a matter of how many. */
    private int best() {
        return sampling.temperature() == 0 ? 1 : sampling.topK();
    }

    /** Tokens whose logits penalties or the bias change. */
    private int[] changed() {
        int window = sampling.penaltyWindow() < 0 ? length : Math.min(length, sampling.penaltyWindow());
        IntStream past = penalizes() ? Arrays.stream(history, length - window, length) : IntStream.empty();
        IntStream biased = sampling.logitBias().keySet().stream().mapToInt(id -> id);
        return IntStream.concat(past, biased).distinct().toArray();
    }

    /** The logits after penalties, bias and grammar; the array itself where there are none. */
    private float[] adjust(float[] logits, long @Nullable [] allowed) {
        if (allowed == null && sampling.logitBias().isEmpty() && !penalizes()) {
            return logits;
        }
        System.arraycopy(logits, 0, adjusted, 0, adjusted.length);
        if (penalizes()) {
            penalize();
        }
        sampling.logitBias().forEach((id, bias) -> adjusted[id] += bias);
        if (allowed != null) {
            forbidOthers(allowed);
        }
        return adjusted;
    }

    private boolean penalizes() {
        return sampling.repetitionPenalty() != 1 || sampling.presencePenalty() != 0 || sampling.frequencyPenalty() != 0;
    }

    private void forbidOthers(long[] allowed) {
        for (int id = 0; id < adjusted.length; id++) {
            if (id >> 6 >= allowed.length || (allowed[id >> 6] >>> id & 1) == 0) {
                adjusted[id] = Float.NEGATIVE_INFINITY;
            }
        }
    }

    private void penalize() {
        float repetition = sampling.repetitionPenalty();
        float presence = sampling.presencePenalty();
        float frequency = sampling.frequencyPenalty();
        int first = sampling.penaltyWindow() < 0 ? 0 : Math.max(0, length - sampling.penaltyWindow());
        for (int i = first; i < length; i++) {
            int id = history[i];
            int count = counts[id];
            if (count > 0) { // the first time this token is met
                float x = adjusted[id];
                x = x > 0 ? x / repetition : x * repetition;
                adjusted[id] = x - (count * frequency + presence);
                counts[id] = -count;
            }
        }
        for (int i = first; i < length; i++) {
            counts[history[i]] = Math.abs(counts[history[i]]);
        }
    }

    /** SplitMix64 (Steele, Lea, Flood 2014), the top 53 bits as a number in [0, 1). */
    private double nextRandom() {
        random += 0x9e3779b97f4a7c15L;
        long z = random;
        z = (z ^ z >>> 30) * 0xbf58476d1ce4e5b9L;
        z = (z ^ z >>> 27) * 0x94d049bb133111ebL;
        return ((z ^ z >>> 31) >>> 11) * 0x1p-53;
    }
}
