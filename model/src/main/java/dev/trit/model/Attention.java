package dev.trit.model;

import dev.trit.tensor.Kernels;
import dev.trit.tensor.KvRows;
import dev.trit.tensor.ThreadTeam;
import java.util.Arrays;
import java.util.concurrent.atomic.AtomicIntegerArray;

/**
 * Causal attention, grouped query heads over a {@link KvCache}. For query head h of a token at position p:
 *
 * <pre>
 * score[j] = dot(q[h], k[j, h / groupSize]) * (1 / sqrt(headDim))       j = 0 ... p
 * out[h]   = sum over j, ascending, of softmax(score)[j] * v[j, h / groupSize]
 * </pre>
 *
 * Every (token, head) is computed alone and in this order, so neither threads nor the rest of a batch change a bit. Those
 * that read the same keys do so together, a page at a time: the heads of a group, and a few tokens that follow each other
 * in a text.
 */
final class Attention {
    /** Tokens that meet a page of keys together: it comes from the first-level cache for all but one. */
    private static final int TOKENS = 4;

    private final Config c;
    private final Kernels kernels;
    private final ThreadTeam team;
    private final float scale;
    private final ThreadTeam.RowTask task = this::items;
    private final AtomicIntegerArray taken; // scores in use, one part for each thread
    private float[] scores = {}; // [threads, TOKENS, groupSize, reserved]
    private int reserved;

    // What the running call works on: fields, since the token loop allocates nothing.
    private Batch batch = new Batch();
    private int layer;
    private Rows q;
    private Rows out;
    private int[] blocks = new int[2]; // first token of each block, and the end of the last
    private int blockCount;
    private int[] items = {}; // unit * groupSize + first head in the group, units [kvHeads, blocks]; -1 for nothing
    private int itemCount;
    private int whole; // units before this one are items of their own, the others are split
    private int share; // heads of an item of those

    Attention(Config c, Kernels kernels, ThreadTeam team) {
        this.c = c;
        this.kernels = kernels;
        this.team = team;
        this.scale = (float) (1 / Math.sqrt(c.headDim()));
        this.taken = new AtomicIntegerArray(team.size());
        this.q = new Rows(0, 0);
        this.out = q;
    }

    /** Makes room for scores over that many positions. */
    void reserve(int positions) {
        if (positions > reserved) {
            reserved = Math.ceilDiv(positions, KvCache.PAGE) * KvCache.PAGE;
            scores = new float[Math.multiplyExact(team.size() * TOKENS * c.groupSize(), reserved)];
        }
    }

    /**
     * @param batch keys and values up to its own tokens are in the caches
     * @param q [tokens, heads, headDim]
     * @param out receives [tokens, heads, headDim]
     */
    void run(Batch batch, int layer, Rows q, Rows out) {
        this.batch = batch;
        this.layer = layer;
        this.q = q;
        this.out = out;
        if (layer == 0) { // the other layers' work is cut alike
            cut();
            divide();
        }
        team.run(itemCount, 1, task);
    }

    /** Blocks of up to TOKENS tokens that follow each other in a text. */
    private void cut() {
        int n = batch.size();
        if (blocks.length <= n) {
            blocks = new int[n + 1];
        }
        blockCount = 0;
        for (int t = 0; t < n; t++) {
            boolean goesOn = t > 0
                    && t - blocks[blockCount - 1] < TOKENS
                    && batch.cache(t) == batch.cache(t - 1)
                    && batch.position(t) == batch.position(t - 1) + 1;
            if (!goesOn) {
                blocks[blockCount++] = t;
            }
        }
        blocks[blockCount] = n;
    }

    /**
     * A unit is a block of tokens and a group of heads. Few units that threads cannot share evenly are split by heads, as
     * far as that pays. Neighbouring items, which one thread takes, are of one group where there are many.
     */
    private void divide() {
        int threads = team.size();
        int units = blockCount * c.kvHeads();
        int rest = units >= 4 * threads ? 0 : units % threads;
        share = c.groupSize();
        for (int d = share - 1; d > 0; d--) {
            if (c.groupSize() % d == 0 && rounds(rest, d) * d < rounds(rest, share) * share) {
                share = d;
            }
        }
        whole = units - rest;
        int count = whole + rest * (c.groupSize() / share);
        int range = Math.ceilDiv(count, threads);
        itemCount = rest == 0 ? units : range * threads;
        if (items.length < itemCount) {
            items = new int[itemCount];
        }
        Arrays.fill(items, -1);
        for (int i = 0; i < count; i++) {
            int head = i < whole ? i * c.groupSize() : whole * c.groupSize() + (i - whole) * share;
            items[rest == 0 ? i : i % threads * range + i / threads] = head;
        }
    }

    /** How often threads must go to get items of d heads done. */
    private int rounds(int units, int d) {
        return Math.ceilDiv(units * c.groupSize() / d, team.size());
    }

    private void items(int from, int to) {
        int slot = 0;
        while (!taken.compareAndSet(slot, 0, 1)) {
            slot = (slot + 1) % taken.length();
        }
        for (int i = from; i < to; i++) {
            if (items[i] >= 0) {
                int unit = items[i] / c.groupSize();
                int kvHead = unit / blockCount;
                int block = unit % blockCount;
                int h = kvHead * c.groupSize() + items[i] % c.groupSize();
                int n = unit < whole ? c.groupSize() : share;
                heads(blocks[block], blocks[block + 1], h, n, slot * TOKENS * c.groupSize() * reserved);
            }
        }
        taken.set(slot, 0);
    }

    /** Heads h ... h+n-1 of tokens from ... to-1, which share a key head. */
    private void heads(int from, int to, int h, int n, int scoresAt) {
        int dim = c.headDim();
        int kvHead = h / c.groupSize();
        KvCache cache = batch.cache(from);
        int positions = batch.position(to - 1) + 1;
        for (int j = 0; j < positions; j += KvCache.PAGE) {
            KvRows keys = cache.keys(layer, j);
            int ahead = j + KvCache.PAGE;
            KvRows next = ahead < positions ? cache.keys(layer, ahead) : cache.values(layer, 0);
            for (int t = from; t < to; t++) {
                int some = Math.min(KvCache.PAGE, batch.position(t) + 1 - j);
                if (some > 0) {
                    int at = scoresAt + (t - from) * n * reserved + j;
                    int row = KvCache.row(kvHead, j);
                    kernels.scores(q.data(), q.row(t) + h * dim, n, keys, row, some, scale, scores, at, reserved, next);
                    next = null;
                }
            }
        }
        for (int t = from; t < to; t++) {
            for (int i = 0; i < n; i++) {
                kernels.softmax(scores, scoresAt + ((t - from) * n + i) * reserved, batch.position(t) + 1);
            }
            int outAt = out.row(t) + h * dim;
            Arrays.fill(out.data(), outAt, outAt + n * dim, 0f);
        }
        for (int j = 0; j < positions; j += KvCache.PAGE) {
            KvRows values = cache.values(layer, j);
            int ahead = j + KvCache.PAGE;
            KvRows next = ahead < positions ? cache.values(layer, ahead) : null;
            for (int t = from; t < to; t++) {
                int some = Math.min(KvCache.PAGE, batch.position(t) + 1 - j);
                if (some > 0) {
                    int at = scoresAt + (t - from) * n * reserved + j;
                    int row = KvCache.row(kvHead, j);
                    kernels.mix(scores, at, reserved, n, values, row, some, out.data(), out.row(t) + h * dim, next);
                    next = null;
                }
            }
        }
    }
}
