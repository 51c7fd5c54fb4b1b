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
    private float[] scores = {}; // [lanes, reserved]
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
            scores = new float[Math.multiplyExact(lanes, reserved)];
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
        int items = batch.size() * c.heads();
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
        KvCache cache = batch.cache(t);
        int positions = batch.position(t) + 1;
        int first = cache.offset(kvHead, 0);
        for (int page = 0; page < positions; page += KvCache.PAGE) {
            float[] keys = cache.keys(layer, page);
            int count = Math.min(KvCache.PAGE, positions - page);
            for (int j = 0; j < count; j++) {
                scores[scoresAt + page + j] = kernels.dot(q.data(), qAt, keys, first + j * n, n) * scale;
            }
        }
        kernels.softmax(scores, scoresAt, positions);
        Arrays.fill(out.data(), outAt, outAt + n, 0f);
        for (int page = 0; page < positions; page += KvCache.PAGE) {
            float[] values = cache.values(layer, page);
            int count = Math.min(KvCache.PAGE, positions - page);
            for (int j = 0; j < count; j++) {
                kernels.axpy(scores[scoresAt + page + j], values, first + j * n, out.data(), outAt, n);
            }
        }
    }
}
