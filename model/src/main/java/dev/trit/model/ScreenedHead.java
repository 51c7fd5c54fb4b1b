package dev.trit.model;

import dev.trit.tensor.ActivationRows;
import dev.trit.tensor.HeadScreen;
import dev.trit.tensor.Kernels;
import dev.trit.tensor.ThreadTeam;
import java.util.Arrays;

/**
 * Logits of the tokens that can still win, and of no others: a {@link HeadScreen} gives all of them roughly, with error
 * bars; those that the bars do not rule out are computed with the head itself, to the same bits as ever.
 *
 * <p>Let T be the smallest exact logit among the k tokens of the largest rough ones. Then k tokens have at least T, so
 * whatever is among the k best has it too, and is found wherever its rough logit plus {@link #BAR} standard deviations
 * reaches T. It is missed only where an error is beyond its bar. Where nearness to the largest logit counts, T may be as
 * high as the largest of those exact ones minus the distance.
 *
 * <p>Belongs to one {@link Transformer}. Not thread-safe.
 */
final class ScreenedHead {
    /** Standard deviations of an error bar, for measurements; {@code docs/performance.md} says what they showed. */
    static final String PROPERTY = "trit.head.bar";

    static final float BAR = Float.parseFloat(System.getProperty(PROPERTY, "8"));

    /** Rows that a search skips together. */
    private static final int BLOCK = 256;

    private final Linear.Dense head;
    private final HeadScreen screen;
    private final float bar; // standard deviations
    private final Kernels kernels;
    private final ThreadTeam team;
    private final int vocab;
    private final int blocks;
    private final float[] deviations; // [blocks], the largest of each block

    private final ThreadTeam.RowTask screenTask = this::screenRows;
    private final ThreadTeam.RowTask bestTask = this::findBest;
    private final ThreadTeam.RowTask nearTask = this::findNear;
    private final ThreadTeam.RowTask exactTask = this::exactRows;

    // Of the running call.
    private ActivationRows quantized; // [T, hidden], rotated
    private float[] rotated; // [hidden]
    private float[] rough = {}; // [T, vocab]
    private float[] largest = {}; // [T, blocks], of the rough logits
    private float[] bars = {}; // [T], the bar of a row with deviation 1
    private int[][] ids = {}; // [T][ids to compute next]
    private int[] counts = {}; // [T], how many there are
    private int tokens;
    private Rows in;
    private Wanted[] wanted = {};
    private float[][] out = {};
    private long rowsRead;

    ScreenedHead(Linear.Dense head, HeadScreen screen, float bar, Kernels kernels, ThreadTeam team) {
        this.head = head;
        this.screen = screen;
        this.bar = bar;
        this.kernels = kernels;
        this.team = team;
        this.vocab = head.rows();
        this.blocks = Math.ceilDiv(vocab, BLOCK);
        this.deviations = new float[blocks];
        for (int id = 0; id < vocab; id++) {
            deviations[id / BLOCK] = Math.max(deviations[id / BLOCK], screen.deviations()[id]);
        }
        this.rotated = new float[head.cols()];
        this.quantized = new ActivationRows(1, head.cols());
        this.in = new Rows(0, 0);
    }

    /**
     * The logits wanted of some hidden states.
     *
     * @param in [tokens, hidden]
     * @param wanted [tokens] or more
     * @param out [tokens][vocab], receives exact logits, and negative infinity for what is not wanted
     */
    void logits(Rows in, int tokens, Wanted[] wanted, float[][] out) {
        this.in = in;
        this.tokens = tokens;
        this.wanted = wanted;
        this.out = out;
        reserve();
        for (int t = 0; t < tokens; t++) {
            prepare(t);
        }
        team.run(vocab, BLOCK, screenTask);
        team.run(tokens, 1, bestTask);
        exact();
        team.run(tokens, 1, nearTask);
        exact();
    }

    private void reserve() {
        if (tokens > bars.length) {
            quantized = new ActivationRows(tokens, head.cols());
            rough = new float[Math.multiplyExact(tokens, vocab)];
            largest = new float[tokens * blocks];
            bars = new float[tokens];
            counts = new int[tokens];
            ids = new int[tokens][64];
        }
        quantized.resize(tokens, head.cols());
    }

    /** Rotates and quantizes one hidden state. */
    private void prepare(int t) {
        System.arraycopy(in.data(), in.row(t), rotated, 0, rotated.length);
        screen.rotate(kernels, rotated, 0);
        kernels.quantize(rotated, 0, quantized, t);
        float scale = quantized.scales()[t];
        int codes = t * quantized.stride();
        double energy = 0;
        double error = 0;
        for (int c = 0; c < rotated.length; c++) {
            float lost = rotated[c] - scale * quantized.bytes()[codes + c];
            energy += rotated[c] * rotated[c];
            error += lost * lost;
        }
        bars[t] = (float) (bar * Math.max(Math.sqrt(energy), Math.sqrt(error) / HeadScreen.INPUT_ERROR));
    }

    private void screenRows(int from, int to) {
        kernels.screen(screen, quantized, from, to, rough, vocab);
        for (int t = 0; t < tokens; t++) {
            float[] bias = head.bias();
            if (bias != null) {
                kernels.add(bias, from, rough, t * vocab + from, to - from);
            }
            for (int first = from; first < to; first += BLOCK) {
                largest[t * blocks + first / BLOCK] =
                        max(rough, t * vocab + first, t * vocab + Math.min(first + BLOCK, to));
            }
        }
    }

    private static float max(float[] x, int from, int to) {
        float max = Float.NEGATIVE_INFINITY;
        for (int i = from; i < to; i++) {
            max = Math.max(max, x[i]); // NaN stays
        }
        return max;
    }

    /** The tokens named, and the best by rough logits: their exact logits give T. */
    private void findBest(int from, int to) {
        for (int t = from; t < to; t++) {
            Arrays.fill(out[t], Float.NEGATIVE_INFINITY);
            Wanted w = wanted[t];
            int named = w.named().length;
            int best = Math.max(1, w.best());
            int[] list = room(t, named + best);
            System.arraycopy(w.named(), 0, list, 0, named);
            for (int id : w.named()) {
                rough[t * vocab + id] = Float.NEGATIVE_INFINITY; // neither among the best nor near: done
            }
            counts[t] = named + best(t, w, best, list, named);
        }
    }

    /** Ids of the {@code k} largest rough logits into a heap at {@code list[at ...]}, the least on top. */
    private int best(int t, Wanted w, int k, int[] list, int at) {
        int row = t * vocab;
        int size = 0;
        for (int b = 0; b < blocks; b++) {
            if (size == k && largest[t * blocks + b] <= rough[row + list[at]]) {
                continue;
            }
            for (int id = b * BLOCK; id < Math.min(vocab, (b + 1) * BLOCK); id++) {
                float x = rough[row + id];
                if (x == Float.NEGATIVE_INFINITY || !w.allows(id)) {
                    continue;
                }
                if (size < k) {
                    list[at + size++] = id;
                    if (size == k) {
                        for (int i = size / 2 - 1; i >= 0; i--) {
                            sink(row, list, at, i, size);
                        }
                    }
                } else if (!(x <= rough[row + list[at]])) {
                    list[at] = id;
                    sink(row, list, at, 0, size);
                }
            }
        }
        return size;
    }

    private void sink(int row, int[] list, int at, int i, int size) {
        while (true) {
            int least = i;
            for (int child = 2 * i + 1; child <= 2 * i + 2 && child < size; child++) {
                if (rough[row + list[at + child]] < rough[row + list[at + least]]) {
                    least = child;
                }
            }
            if (least == i) {
                return;
            }
            int id = list[at + i];
            list[at + i] = list[at + least];
            list[at + least] = id;
            i = least;
        }
    }

    /** All that can reach T and are not computed yet. */
    private void findNear(int from, int to) {
        for (int t = from; t < to; t++) {
            Wanted w = wanted[t];
            int named = w.named().length;
            float smallest = Float.POSITIVE_INFINITY;
            float highest = Float.NEGATIVE_INFINITY;
            for (int i = named; i < counts[t]; i++) {
                float x = out[t][ids[t][i]];
                smallest = Math.min(smallest, x);
                highest = Math.max(highest, x);
                rough[t * vocab + ids[t][i]] = Float.NEGATIVE_INFINITY; // done
            }
            boolean few = counts[t] - named < Math.max(1, w.best()); // all that are allowed are computed
            float threshold = highest + w.below();
            if (w.best() > 0) {
                threshold = Math.max(threshold, smallest);
            }
            counts[t] = few ? 0 : near(t, w, threshold);
        }
    }

    private int near(int t, Wanted w, float threshold) {
        float bar = bars[t];
        int row = t * vocab;
        int count = 0;
        for (int b = 0; b < blocks; b++) {
            if (largest[t * blocks + b] + bar * deviations[b] < threshold) {
                continue;
            }
            for (int id = b * BLOCK; id < Math.min(vocab, (b + 1) * BLOCK); id++) {
                float x = rough[row + id];
                if (x != Float.NEGATIVE_INFINITY && !(x + bar * screen.deviations()[id] < threshold) && w.allows(id)) {
                    room(t, count + 1)[count++] = id;
                }
            }
        }
        return count;
    }

    /** The list of ids of a token, with room for that many. */
    private int[] room(int t, int count) {
        if (count > ids[t].length) {
            ids[t] = Arrays.copyOf(ids[t], Math.max(count, 2 * ids[t].length));
        }
        return ids[t];
    }

    /** Exact logits of all lists. */
    private void exact() {
        int all = 0;
        for (int t = 0; t < tokens; t++) {
            all += counts[t];
        }
        rowsRead += all;
        team.run(all, 8, exactTask);
    }

    private void exactRows(int from, int to) {
        int t = 0;
        int first = 0; // place of the token's first id
        for (int i = from; i < to; ) {
            while (i - first >= counts[t]) {
                first += counts[t++];
            }
            int last = Math.min(to, first + counts[t]);
            int id = ids[t][i - first];
            int end = id; // rows side by side are read together
            while (i < last && ids[t][i - first] == end) {
                end++;
                i++;
            }
            kernels.matmul(head.weights(), in.data(), in.row(t), in.stride(), 1, id, end, out[t], vocab);
            float[] bias = head.bias();
            if (bias != null) {
                kernels.add(bias, id, out[t], id, end - id);
            }
        }
    }

    /** Rows of the head that were computed exactly so far, for all tokens. */
    long rowsRead() {
        return rowsRead;
    }
}
