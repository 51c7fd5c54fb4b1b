package dev.trit.model;

import dev.trit.tensor.Kernels;
import dev.trit.tensor.ThreadTeam;
import java.util.Arrays;

/**
 * Causal attention, grouped query heads over a {@link KvCache}. For query head h of a token at position p:
 *
 * <pre>
 * score[j] = dot(q[h], k[j, h / groupSize]) * (1 / sqrt(headDim))       j = 0 ... p
 * out[h]   = sum over j, ascending, of softmax(score)[j] * v[j, h / groupSize]
 * </pre>
 *
 * Every (token, head) is computed alone and in this order, so neither threads nor the size of a chunk change a bit.
 */
final class Attention {
    private final Config c;
    private final Kernels kernels;
    private final ThreadTeam team;
    private final float scale;
    private final int lanes; // pieces of work, each with a row of scores of its own
    private final ThreadTeam.RowTask task = this::lanes;
    private float[] scores = {}; // [lanes, reserved]
    private int reserved;

    // What the running call works on: fields, since the token loop allocates nothing.
    private KvCache cache;
    private int layer;
    private int start;
    private int tokens;
    private Rows q;
    private Rows out;

    Attention(Config c, Kernels kernels, ThreadTeam team, KvCache cache) {
        this.c = c;
        this.kernels = kernels;
        this.team = team;
        this.cache = cache;
        this.scale = (float) (1 / Math.sqrt(c.headDim()));
        this.lanes = team.size() == 1 ? 1 : 8 * team.size();
        this.q = new Rows(0, 0);
        this.out = q;
    }

    /** Makes room for scores over that many positions. */
    void reserve(int positions) {
        if (positions > reserved) {
            reserved = Math.ceilDiv(positions, KvCache.PAGE) * KvCache.PAGE;
            scores = new float[Math.multiplyExact(lanes, reserved)];
        }
    }

    /**
     * @param start position of the first token; keys and values up to the last one are in the cache
     * @param q [tokens, heads, headDim]
     * @param out receives [tokens, heads, headDim]
     */
    void run(KvCache cache, int layer, int start, int tokens, Rows q, Rows out) {
        this.cache = cache;
        this.layer = layer;
        this.start = start;
        this.tokens = tokens;
        this.q = q;
        this.out = out;
        team.run(lanes, 1, task);
    }

    /** Lane l takes the items l, l + lanes, ...: late tokens, which see more positions, are spread evenly. */
    private void lanes(int from, int to) {
        int items = tokens * c.heads();
        for (int lane = from; lane < to; lane++) {
            for (int item = lane; item < items; item += lanes) {
                head(item / c.heads(), item % c.heads(), lane * reserved);
            }
        }
    }

    private void head(int t, int h, int scoresAt) {
        int n = c.headDim();
        int kvHead = h / c.groupSize();
        int qAt = q.row(t) + h * n;
        int outAt = out.row(t) + h * n;
        int positions = start + t + 1;
        for (int j = 0; j < positions; j++) {
            float dot = kernels.dot(q.data(), qAt, cache.keys(layer, j), cache.offset(kvHead, j), n);
            scores[scoresAt + j] = dot * scale;
        }
        kernels.softmax(scores, scoresAt, positions);
        Arrays.fill(out.data(), outAt, outAt + n, 0f);
        for (int j = 0; j < positions; j++) {
            kernels.axpy(scores[scoresAt + j], cache.values(layer, j), cache.offset(kvHead, j), out.data(), outAt, n);
        }
    }
}
