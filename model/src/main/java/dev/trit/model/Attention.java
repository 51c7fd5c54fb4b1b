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
 * Every (token, head) is computed alone and in this order, so neither threads nor the rest of a batch change a bit.
 */
final class Attention {
    private final Config c;
    private final Kernels kernels;
    private final ThreadTeam team;
    private final float scale;
    private final int lanes; // pieces of work, each with a row of scores of its own
    private final ThreadTeam.RowTask task = this::lanes;
    private float[] scores = {}; // [lanes, groupSize, reserved]
    private int reserved;

    // What the running call works on: fields, since the token loop allocates nothing.
    private Batch batch = new Batch();
    private int layer;
    private Rows q;
    private Rows out;

    Attention(Config c, Kernels kernels, ThreadTeam team) {
        this.c = c;
        this.kernels = kernels;
        this.team = team;
        this.scale = (float) (1 / Math.sqrt(c.headDim()));
        this.lanes = team.size() == 1 ? 1 : 8 * team.size();
        this.q = new Rows(0, 0);
        this.out = q;
    }

    /** Makes room for scores over that many positions. */
    void reserve(int positions) {
        if (positions > reserved) {
            reserved = Math.ceilDiv(positions, KvCache.PAGE) * KvCache.PAGE;
            scores = new float[Math.multiplyExact(lanes * c.groupSize(), reserved)];
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
        team.run(lanes, 1, task);
    }

    /** Lane l takes the items l, l + lanes, ...: late tokens, which see more positions, are spread evenly. */
    private void lanes(int from, int to) {
        int share = share();
        int perToken = c.heads() / share;
        int items = batch.size() * perToken;
        for (int lane = from; lane < to; lane++) {
            for (int item = lane; item < items; item += lanes) {
                heads(item / perToken, item % perToken * share, share, lane * c.groupSize() * reserved);
            }
        }
    }

    /** Heads that are computed together, all over the same keys: a whole group, or one where that would idle threads. */
    private int share() {
        int groups = batch.size() * c.kvHeads();
        return groups % team.size() == 0 || groups >= 4 * team.size() ? c.groupSize() : 1;
    }

    /** Heads h ... h+n-1 of token t, which share a key head. */
    private void heads(int t, int h, int n, int scoresAt) {
        int dim = c.headDim();
        int kvHead = h / c.groupSize();
        int qAt = q.row(t) + h * dim;
        int outAt = out.row(t) + h * dim;
        KvCache cache = batch.cache(t);
        int positions = batch.position(t) + 1;
        for (int j = 0; j < positions; j += KvCache.PAGE) {
            int some = Math.min(KvCache.PAGE, positions - j);
            int row = KvCache.row(kvHead, j);
            kernels.scores(q.data(), qAt, n, cache.keys(layer, j), row, some, scale, scores, scoresAt + j, reserved);
        }
        for (int i = 0; i < n; i++) {
            kernels.softmax(scores, scoresAt + i * reserved, positions);
        }
        Arrays.fill(out.data(), outAt, outAt + n * dim, 0f);
        for (int j = 0; j < positions; j += KvCache.PAGE) {
            int some = Math.min(KvCache.PAGE, positions - j);
            int row = KvCache.row(kvHead, j);
            kernels.mix(scores, scoresAt + j, reserved, n, cache.values(layer, j), row, some, out.data(), outAt);
        }
    }
}
