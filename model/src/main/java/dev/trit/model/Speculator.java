package dev.trit.model;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Several tokens in one pass over the weights (speculative decoding, arXiv 2211.17192): guesses what comes next, computes
 * the logits after every guess at once, and goes on from there as long as the text really takes that way. Since a batch
 * does not change a bit of the logits, and every token is chosen from its own logits with its own random number, the text
 * is that without speculation, token for token, at any temperature and under any constraint. For a guess that is a single
 * token this is speculative rejection sampling: it is accepted with the probability that the model gives it.
 *
 * <p>Learns what pays ({@link Pace}) over all generations it is used for, one at a time; belongs to one thread.
 */
public final class Speculator implements AutoCloseable {
    /**
     * What came of it in one generation.
     *
     * @param passes over the weights, without those for the prompt
     * @param drafted tokens guessed and checked
     * @param accepted of these, how many were right
     * @param speedUp what the tokens would have taken one by one, against what they took, each pass counted with the
     *     median of the latest ones of its size. Single tokens are timed in between, and those before compilation do
     *     not make it look larger. 1 where no guess was checked
     */
    public record Report(int passes, int drafted, int accepted, double speedUp) {
        /** Guesses that were right, 0 to 1. */
        public double acceptance() {
            return drafted == 0 ? 0 : (double) accepted / drafted;
        }
    }

    private final Drafter drafter;
    private final Pace pace;
    private final int[] draft = new int[Pace.MOST_ROWS]; // draft[0] is certain

    private int[] text = new int[64];
    private int length;
    private int match; // tokens that the first guess rests on
    private int guesses; // in draft, from draft[1] on
    private int checked; // of these, in the last pass: logits come after each
    private int right; // of these, came true so far

    private int passes;
    private int drafted;
    private int accepted;
    private int tokens; // of the last pass so far
    private double seconds; // that they took

    /** @param drafter closed with this */
    public Speculator(Drafter drafter) {
        this(drafter, new Pace());
    }

    Speculator(Drafter drafter, Pace pace) {
        this.drafter = drafter;
        this.pace = pace;
    }

    /** Guesses what followed where the text went the same way before. */
    public static Speculator ngram() {
        return new Speculator(new NgramDrafter());
    }

    /**
     * Guesses what a smaller model would say.
     *
     * @param draft stays the caller's
     * @param model whose text it is to guess
     * @throws ModelException if the two do not have the same tokens
     */
    public static Speculator model(Model draft, Model model) {
        return new Speculator(new ModelDrafter(draft, model));
    }

    /** What came of it in the generation that began last. */
    public Report report() {
        settle();
        return new Report(passes, drafted, accepted, drafted == 0 ? 1 : pace.speedUp());
    }

    @Override
    public void close() {
        drafter.close();
    }

    /** A new generation that continues {@code prompt}. */
    void begin(int[] prompt) {
        settle();
        text = Arrays.copyOf(prompt, 2 * prompt.length + 64);
        length = prompt.length;
        guesses = 0;
        checked = 0;
        right = 0;
        passes = 0;
        drafted = 0;
        accepted = 0;
        pace.begin();
    }

    /**
     * Goes on with a token that was chosen.
     *
     * @param session position is after the token before
     * @param left tokens that may still be chosen, at least 1
     * @param wanted which logits, null for all
     * @return logits after it [vocab], overwritten by the next call
     */
    float[] append(Session session, int id, int left, @Nullable Wanted wanted) {
        if (length == text.length) {
            text = Arrays.copyOf(text, 2 * length);
        }
        text[length++] = id;
        long start = System.nanoTime();
        boolean known = judge(id) && right <= checked;
        float[] logits = known ? session.advance(right, wanted) : pass(session, id, left, wanted);
        seconds += (System.nanoTime() - start) * 1e-9;
        tokens++;
        if (known) {
            accepted++;
        } else {
            passes++;
            drafted += checked;
        }
        return logits;
    }

    /** Accounts for the last pass: logits after accepted guesses may be part of it or have come later. */
    private void settle() {
        if (tokens > 0) {
            pace.timed(checked + 1, tokens, seconds);
            tokens = 0;
            seconds = 0;
        }
    }

    /** Whether the next guess, if there is one, came true. */
    private boolean judge(int id) {
        if (right >= guesses) {
            return false;
        }
        right++;
        boolean hit = draft[right] == id;
        pace.guessed(match + right - 1, hit);
        if (!hit) {
            guesses = 0;
        }
        return hit;
    }

    private float[] pass(Session session, int id, int left, @Nullable Wanted wanted) {
        settle();
        draft[0] = id;
        right = 0;
        checked = 0;
        guesses = 0;
        int limit = Math.min(left - 1, session.remaining() - 1);
        match = limit < 1 ? 0 : drafter.look(text, length);
        if (match > 0) {
            int count = pace.best(match, limit);
            if (count > 0 || drafter.free()) {
                guesses = drafter.draft(draft, Math.max(1, count));
            }
            checked = Math.min(count, guesses);
        }
        return session.ahead(draft, checked + 1, wanted);
    }
}
