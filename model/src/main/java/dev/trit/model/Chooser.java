package dev.trit.model;

import dev.trit.tensor.ThreadTeam;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;

/**
 * What follows a pass of the {@link Scheduler}: logits of the rows that need them, from one pass over the head, and what
 * each sequence makes of its own: its next token, or the log-probabilities of its prompt.
 */
final class Chooser {
    /** Positions whose logits are computed at once where those of a whole prompt are wanted. */
    private static final int SCORE_BLOCK = 16;

    private final Model model;
    private final Transformer transformer;
    private final int contextLength;
    private final int parallel; // sequences at most
    private final ThreadTeam.RowTask chooseTask = this::chooseRows;
    private List<Sequence> choosing = List.of(); // of this step: those whose next token is wanted
    private int[] picked = {}; // their rows in the batch
    private Wanted[] wanted = {}; // of their logits
    private float[][] each = {}; // [vocab], their logits
    private Rows logits = new Rows(0, 0);
    private boolean together; // they are in logits and not yet in each

    Chooser(Model model, Transformer transformer, int contextLength, int parallel) {
        this.model = model;
        this.transformer = transformer;
        this.contextLength = contextLength;
        this.parallel = parallel;
    }

    /** Log-probabilities of the prompt's tokens that follow those in the batch. */
    void score(Sequence s) {
        if (s.scored.isEmpty()) {
            s.scored.add(new Token(s.token(0), text(s.token(0)), Double.NaN, List.of()));
        }
        int top = Math.max(0, s.request.sampling().logprobs());
        int vocab = model.config().vocab();
        int first = s.cache.length() - s.rows; // position of its first token in the batch
        int firstRow = s.row - s.rows + 1;
        int end = Math.min(s.cache.length(), s.promptLength - 1); // nothing follows the last
        reserveLogits(SCORE_BLOCK);
        for (int at = Math.max(first, s.scored.size() - 1); at < end; at += SCORE_BLOCK) {
            int count = Math.min(SCORE_BLOCK, end - at);
            transformer.logits(firstRow + at - first, count, logits); // [count, vocab]
            for (int i = 0; i < count; i++) {
                System.arraycopy(logits.data(), logits.row(i), each[0], 0, vocab);
                int next = s.token(at + i + 1);
                s.scored.add(Logprob.token(next, text(next), each[0], top));
            }
        }
    }

    private String text(int id) {
        return new String(model.tokenizer().tokenBytes(id), StandardCharsets.UTF_8);
    }

    /** Logits of all whose turn it is in one pass over the head; then each chooses, on a thread of the team. */
    void choose(List<Sequence> sequences) {
        choosing = sequences;
        int count = choosing.size();
        if (count == 0) {
            return;
        }
        reserveLogits(count);
        for (int i = 0; i < count; i++) {
            picked[i] = choosing.get(i).row;
        }
        together = false;
        if (transformer.screens() && allScreened(count)) {
            transformer.screened(picked, count, wanted, each);
        } else {
            transformer.logits(picked, count, logits); // [count, vocab]
            together = true;
        }
        model.team().run(count, 1, chooseTask);
    }

    /** Whether nobody needs all logits; then what each needs is in {@link #wanted}. */
    private boolean allScreened(int count) {
        for (int i = 0; i < count; i++) {
            Wanted some = choosing.get(i).wanted();
            if (some == null) {
                return false;
            }
            wanted[i] = some;
        }
        return true;
    }

    private void chooseRows(int from, int to) {
        for (int i = from; i < to; i++) {
            Sequence s = choosing.get(i);
            if (together) {
                System.arraycopy(logits.data(), logits.row(i), each[i], 0, each[i].length);
            }
            try {
                s.choose(each[i], contextLength);
            } catch (ModelException e) {
                s.failure = e;
            } catch (RuntimeException e) {
                s.failure = new ModelException("choosing a token failed: " + e, e);
            }
        }
    }

    private void reserveLogits(int count) {
        if (count > each.length) {
            int capacity = Math.max(count, Math.min(parallel, 2 * each.length));
            int vocab = model.config().vocab();
            picked = new int[capacity];
            wanted = new Wanted[capacity];
            Arrays.fill(wanted, Wanted.GREEDY);
            each = new float[capacity][vocab];
            logits = new Rows(capacity, vocab);
        }
    }
}
