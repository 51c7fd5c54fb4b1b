package dev.trit.model;

import dev.trit.tensor.ScalarMath;

/**
 * The tokens still in the running, with their logits, and the steps that narrow them down. Best means the larger logit,
 * for equal ones the smaller id, so every step has one outcome. Never sorts a whole vocabulary where a part will do.
 */
final class Candidates {
    private final int[] ids;
    private final float[] logits;
    private final float[] keys; // what select orders by: the logit, or for typical sampling the distance
    private int size;

    Candidates(int vocab) {
        ids = new int[vocab];
        logits = new float[vocab];
        keys = new float[vocab];
    }

    int size() {
        return size;
    }

    int id(int i) {
        return ids[i];
    }

    float logit(int i) {
        return logits[i];
    }

    /**
     * All tokens that are not forbidden, in the order of their ids.
     *
     * @throws ModelException if a logit is not a number
     */
    void fill(float[] all) {
        size = 0;
        for (int id = 0; id < all.length; id++) {
            if (all[id] != Float.NEGATIVE_INFINITY) {
                ids[size] = id;
                logits[size++] = number(all[id]);
            }
        }
    }

    /**
     * Top-k: the {@code k} best of all that are not forbidden, best first.
     *
     * @param k at least 1
     * @throws ModelException if a logit is not a number
     */
    void fillBest(float[] all, int k) {
        size = 0;
        float worst = Float.NEGATIVE_INFINITY; // of the k best so far, which are a heap with that on top
        for (int id = 0; id < all.length; id++) {
            if (all[id] <= worst) { // nearly always; an equal one has a larger id
                continue;
            }
            int place = size < k ? size++ : 0;
            ids[place] = id;
            logits[place] = number(all[id]);
            keys[place] = all[id];
            if (size == k) {
                if (place == 0) {
                    sink(0, k);
                } else {
                    heapify(k);
                }
                worst = keys[0];
            }
        }
        heapify(size);
        sortHeap(size);
    }

    /** @throws ModelException unless a logit is a number: the weights are damaged */
    static float number(float logit) {
        if (!(logit < Float.POSITIVE_INFINITY)) {
            throw new ModelException("a logit is %s: the weights are damaged, or overflow".formatted(logit));
        }
        return logit;
    }

    /** Top-p: the best whose probabilities first add up to {@code p}. */
    void keepProbable(float p) {
        System.arraycopy(logits, 0, keys, 0, size);
        keepUntil(p, total());
    }

    /** Min-p: those at least {@code p} times as likely as the best. */
    void keepLikely(float p) {
        float threshold = max() + (float) StrictMath.log(p);
        int kept = 0;
        for (int i = 0; i < size; i++) {
            if (logits[i] >= threshold) {
                ids[kept] = ids[i];
                logits[kept++] = logits[i];
            }
        }
        size = kept;
    }

    /** Typical: those whose surprise -log(prob) is nearest to the entropy, until their probabilities add up to {@code p}. */
    void keepTypical(float p) {
        double total = total();
        float max = max();
        double logTotal = StrictMath.log(total);
        double entropy = 0;
        for (int i = 0; i < size; i++) {
            double logProb = (double) logits[i] - max - logTotal;
            entropy -= ScalarMath.exp(logits[i] - max) / total * logProb;
        }
        for (int i = 0; i < size; i++) {
            double surprise = logTotal + max - logits[i];
            keys[i] = (float) -Math.abs(surprise - entropy);
        }
        keepUntil(p, total);
    }

    /**
     * Draws one.
     *
     * @param temperature divides the logits, above 0
     * @param random uniform in [0, 1)
     */
    int draw(float temperature, double random) {
        float max = max();
        double sum = 0;
        for (int i = 0; i < size; i++) {
            keys[i] = ScalarMath.exp((logits[i] - max) / temperature);
            sum += keys[i];
        }
        double left = random * sum;
        int last = 0;
        for (int i = 0; i < size; i++) {
            if (keys[i] > 0) {
                last = i;
                left -= keys[i];
                if (left < 0) {
                    break;
                }
            }
        }
        return ids[last];
    }

    private float max() {
        float max = Float.NEGATIVE_INFINITY;
        for (int i = 0; i < size; i++) {
            max = Math.max(max, logits[i]);
        }
        return max;
    }

    /** Sum of exp(logit - max). */
    private double total() {
        float max = max();
        double sum = 0;
        for (int i = 0; i < size; i++) {
            sum += ScalarMath.exp(logits[i] - max);
        }
        return sum;
    }

    /** Keeps candidates in descending order of their keys until their probabilities add up to {@code p}. */
    private void keepUntil(float p, double total) {
        float max = max();
        double sum = 0;
        int kept = 0;
        for (int ordered = 64; kept < size; ordered = Math.min(size, 8 * ordered)) {
            int n = select(Math.min(ordered, size));
            sum = 0;
            for (kept = 0; kept < n; ) {
                sum += ScalarMath.exp(logits[kept++] - max);
                if (sum >= p * total) {
                    size = kept;
                    return;
                }
            }
        }
    }

    /** Moves the {@code n} candidates with the largest keys to the front, in descending order, equal ones by id. */
    private int select(int n) {
        if (n == 0) {
            return 0;
        }
        heapify(n);
        for (int i = n; i < size; i++) {
            if (worse(0, i)) {
                swap(0, i);
                sink(0, n);
            }
        }
        sortHeap(n);
        return n;
    }

    /** Makes the first n a heap with the worst on top. */
    private void heapify(int n) {
        for (int i = n / 2 - 1; i >= 0; i--) {
            sink(i, n);
        }
    }

    /** Of a heap, the best first. */
    private void sortHeap(int n) {
        for (int end = n - 1; end > 0; end--) {
            swap(0, end);
            sink(0, end);
        }
    }

    private void sink(int i, int n) {
        while (true) {
            int worst = i;
            for (int child = 2 * i + 1; child <= 2 * i + 2 && child < n; child++) {
                if (worse(child, worst)) {
                    worst = child;
                }
            }
            if (worst == i) {
                return;
            }
            swap(i, worst);
            i = worst;
        }
    }

    private boolean worse(int i, int j) {
        return keys[i] < keys[j] || (keys[i] == keys[j] && ids[i] > ids[j]);
    }

    private void swap(int i, int j) {
        int id = ids[i];
        ids[i] = ids[j];
        ids[j] = id;
        float logit = logits[i];
        logits[i] = logits[j];
        logits[j] = logit;
        float key = keys[i];
        keys[i] = keys[j];
        keys[j] = key;
    }
}
