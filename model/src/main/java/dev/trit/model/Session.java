package dev.trit.model;

import dev.trit.tensor.Kernels;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * One conversation with a model: the tokens seen so far and their keys and values. Knows token ids only. Any number of
 * sessions share a {@link Model}; a session belongs to one thread at a time.
 */
public final class Session implements AutoCloseable {
    /** Tokens that run through the blocks at once: enough to reuse each loaded weight, few enough to stay in cache. */
    public static final int CHUNK = 128;

    /** Positions whose logits are computed at once where all are wanted. */
    private static final int HEAD_BLOCK = 16;

    /** A whole head reads its rows for two or three tokens no faster than for each alone, and a wrong guess needs none. */
    private static final int FEW = 3;

    private final Model model;
    private final int contextLength;
    private final KvCache cache;
    private final Transformer transformer;
    private final Rows logits; // [1, vocab]
    private final float[][] one = new float[1][]; // the same
    private final int[] lastPicked = new int[1];
    private final Wanted[] oneWanted = {Wanted.GREEDY};
    private final Ahead ahead = new Ahead();
    private int[] tokens = new int[64];
    private boolean closed;

    Session(Model model, int contextLength) {
        this(model, contextLength, model.kernels());
    }

    /** @param kernels the model's, or what passes calls on to them */
    Session(Model model, int contextLength, Kernels kernels) {
        if (contextLength < 1) {
            throw new ModelException("a context needs at least one position, got " + contextLength);
        }
        this.model = model;
        this.contextLength = contextLength;
        this.cache = new KvCache(model.config(), model.kv());
        this.transformer = new Transformer(model.config(), model.weights(), kernels, model.team());
        this.logits = new Rows(1, model.config().vocab());
    }

    public Model model() {
        return model;
    }

    /** Tokens seen so far; the next one gets this position. */
    public int position() {
        return cache.length();
    }

    /** Positions that fit. */
    public int contextLength() {
        return contextLength;
    }

    /** Positions still free. */
    public int remaining() {
        return contextLength - position();
    }

    /** The tokens seen so far, a copy. */
    public int[] tokens() {
        return Arrays.copyOf(tokens, position());
    }

    /** Bytes of keys and values held. */
    public long cacheBytes() {
        return cache.bytes();
    }

    /**
     * Appends tokens and returns what comes after the last one.
     *
     * @param ids at least one token
     * @return logits [vocab]; the array is overwritten by the next call
     * @throws ModelException if they do not fit the context or are not in the vocabulary; nothing is appended then
     */
    public float[] append(int... ids) {
        feed(ids, 0, ids.length);
        return last();
    }

    /**
     * Appends tokens and returns which one most likely comes next; of equally likely ones the first. Reads less of the head
     * than {@link #append(int...)} where that is screened ({@link LoadOptions#head}).
     *
     * @throws ModelException as {@link #append(int...)}, or if logits are not numbers: the weights are damaged
     */
    public int next(int... ids) {
        feed(ids, 0, ids.length);
        float[] logits = last(Wanted.GREEDY);
        float largest = Float.NEGATIVE_INFINITY;
        int best = 0;
        for (int id = 0; id < logits.length; id++) {
            if (!(logits[id] <= largest)) {
                largest = Candidates.number(logits[id]);
                best = id;
            }
        }
        return best;
    }

    /**
     * Appends tokens and reports the logits after each of {@code ids[from ...]}, in order; the head is computed for those
     * only.
     *
     * @throws ModelException as {@link #append(int...)}
     */
    public void append(int[] ids, int from, LogitsConsumer each) {
        check(ids, 0, ids.length);
        Rows block = new Rows(HEAD_BLOCK, model.config().vocab()); // [16, vocab]
        float[] one = new float[model.config().vocab()];
        for (int at = 0; at < ids.length; at += CHUNK) {
            int to = Math.min(at + CHUNK, ids.length);
            forward(ids, at, to);
            for (int i = Math.max(at, from); i < to; i += HEAD_BLOCK) {
                int count = Math.min(HEAD_BLOCK, to - i);
                transformer.logits(i - at, count, block);
                for (int j = 0; j < count; j++) {
                    System.arraycopy(block.data(), block.row(j), one, 0, one.length);
                    each.accept(i + j, one);
                }
            }
        }
    }

    /** Appends tokens and reports for each the residual stream after the last norm, [hidden]. */
    void hidden(int[] ids, LogitsConsumer each) {
        check(ids, 0, ids.length);
        float[] one = new float[model.config().hidden()];
        for (int at = 0; at < ids.length; at += CHUNK) {
            int to = Math.min(at + CHUNK, ids.length);
            forward(ids, at, to);
            Rows rows = transformer.hidden(0, to - at); // [to - at, hidden]
            for (int i = at; i < to; i++) {
                System.arraycopy(rows.data(), rows.row(i - at), one, 0, one.length);
                each.accept(i, one);
            }
        }
    }

    /** Forgets everything from {@code position} on. */
    public void truncate(int position) {
        if (position < 0 || position > position()) {
            throw new ModelException("cannot go back to position %d of %d".formatted(position, position()));
        }
        cache.setLength(position);
    }

    /** Forgets everything; memory is kept for reuse. */
    public void reset() {
        truncate(0);
    }

    /**
     * Goes back to the longest common beginning of what was seen and {@code ids}, so that only the rest need be appended.
     * At least the last token is left over, since its logits are wanted.
     *
     * @return how many of {@code ids} need not be appended again
     */
    public int reuse(int[] ids) {
        int limit = Math.min(position(), ids.length - 1);
        int same = 0;
        while (same < limit && tokens[same] == ids[same]) {
            same++;
        }
        truncate(same);
        return same;
    }

    /** Gives the memory of keys and values back. */
    @Override
    public void close() {
        closed = true;
        cache.clear();
    }

    /** Appends {@code ids[from ... to-1]} without logits, chunk by chunk. */
    void feed(int[] ids, int from, int to) {
        check(ids, from, to);
        for (int at = from; at < to; at += CHUNK) {
            forward(ids, at, Math.min(at + CHUNK, to));
        }
    }

    /** Logits after the token fed last. */
    float[] last() {
        transformer.lastLogits(logits);
        return logits.data();
    }

    /** Those of them that are wanted, null for all; negative infinity for others. */
    float[] last(@Nullable Wanted wanted) {
        if (wanted == null || !transformer.screens()) {
            return last();
        }
        one[0] = logits.data();
        lastPicked[0] = transformer.batchSize() - 1;
        oneWanted[0] = wanted;
        transformer.screened(lastPicked, 1, oneWanted, one);
        return logits.data();
    }

    /**
     * Appends {@code ids[0]} and computes in the same pass what would come after each of the {@code count - 1} guesses
     * that follow it, which {@link #advance} then appends.
     *
     * @param wanted which logits, null for all
     * @return logits after {@code ids[0]} [vocab], overwritten by the next call
     */
    float[] ahead(int[] ids, int count, @Nullable Wanted wanted) {
        if (count == 1) {
            feed(ids, 0, 1);
            return last(wanted);
        }
        check(ids, 0, count);
        int position = position();
        forward(ids, 0, count);
        cache.setLength(position + 1);
        ahead.compute(count, wanted);
        return ahead.row(0, wanted);
    }

    /** Appends guess {@code index}, 1 or more, of the last pass ahead; those before it have been. Logits as there. */
    float[] advance(int index, @Nullable Wanted wanted) {
        cache.setLength(position() + 1);
        return ahead.row(index, wanted);
    }

    /** Logits after the tokens of a pass: of all at once, or one by one where they are few or wanted depending on the text. */
    private final class Ahead {
        private Rows all = new Rows(0, 0); // [tokens, vocab]
        private float[][] rows = {}; // [tokens][vocab], of a screened head
        private final int[] first = new int[Pace.MOST_ROWS];
        private final Wanted[] same = new Wanted[Pace.MOST_ROWS];
        private boolean screened;
        private boolean together;

        void compute(int count, @Nullable Wanted wanted) {
            screened = wanted != null && transformer.screens();
            if (!screened) {
                together = count > FEW;
                if (together) {
                    if (all.data().length < count * model.config().vocab()) {
                        all = new Rows(count, model.config().vocab());
                    }
                    transformer.logits(0, count, all);
                }
            } else if (wanted != null) {
                together = wanted.named().length == 0 && wanted.allowed() == null;
                if (together) {
                    for (int i = rows.length; i < count; i++) {
                        rows = Arrays.copyOf(rows, count);
                        rows[i] = new float[model.config().vocab()];
                    }
                    Arrays.setAll(first, i -> i);
                    Arrays.fill(same, wanted);
                    transformer.screened(first, count, same, rows);
                }
            }
        }

        float[] row(int index, @Nullable Wanted wanted) {
            if (together && screened) {
                return rows[index];
            }
            if (together) {
                System.arraycopy(all.data(), all.row(index), logits.data(), 0, logits.data().length);
            } else if (screened && wanted != null) {
                one[0] = logits.data();
                lastPicked[0] = index;
                oneWanted[0] = wanted;
                transformer.screened(lastPicked, 1, oneWanted, one);
            } else {
                transformer.logits(index, 1, logits);
            }
            return logits.data();
        }
    }

    Transformer transformer() {
        return transformer;
    }

    private void forward(int[] ids, int from, int to) {
        int position = position();
        int end = position + to - from;
        if (end > tokens.length) {
            tokens = Arrays.copyOf(tokens, Math.max(end, 2 * tokens.length));
        }
        transformer.forward(cache, ids, from, to);
        System.arraycopy(ids, from, tokens, position, to - from);
    }

    private void check(int[] ids, int from, int to) {
        if (closed) {
            throw new ModelException("the session is closed");
        }
        if (to <= from) {
            throw new ModelException("no tokens to append");
        }
        if (to - from > remaining()) {
            throw new ModelException(
                    "%d tokens do not fit: the context holds %d, %d are taken. Use a larger context, shorten the input or start anew"
                            .formatted(to - from, contextLength, position()));
        }
        int vocab = model.config().vocab();
        for (int i = from; i < to; i++) {
            if (ids[i] < 0 || ids[i] >= vocab) {
                throw new ModelException(
                        "token %d is not in the vocabulary: ids are 0 to %d".formatted(ids[i], vocab - 1));
            }
        }
    }
}
