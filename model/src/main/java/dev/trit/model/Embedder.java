package dev.trit.model;

import java.util.Arrays;

/**
 * Turns texts into vectors: the residual stream after the last norm, pooled over the tokens and scaled to length 1.
 * Thread-safe; texts are computed one after the other.
 */
public final class Embedder {
    /** How the vectors of all tokens become one. */
    public enum Pooling {
        /** Their mean. */
        MEAN,
        /** That of the last token, the only one that has seen all others. */
        LAST
    }

    private final Model model;
    private final Pooling pooling;

    public Embedder(Model model, Pooling pooling) {
        this.model = model;
        this.pooling = pooling;
    }

    /** Width of the vectors. */
    public int dimensions() {
        return model.config().hidden();
    }

    /**
     * The vector of a text.
     *
     * @param ids at least one token
     * @return [hidden], of length 1 (or all 0, if the model says so)
     * @throws ModelException if the text is empty, does not fit the context or is not in the vocabulary
     */
    public synchronized float[] embed(int[] ids) {
        int hidden = dimensions();
        double[] sum = new double[hidden];
        try (Session session = model.session()) {
            session.hidden(ids, (i, x) -> {
                if (pooling == Pooling.LAST && i == ids.length - 1) {
                    Arrays.fill(sum, 0);
                }
                for (int j = 0; j < hidden; j++) {
                    sum[j] += x[j];
                }
            });
        }
        double squares = 0;
        for (double x : sum) {
            squares += x * x;
        }
        double scale = squares > 0 ? 1 / Math.sqrt(squares) : 0;
        float[] vector = new float[hidden];
        for (int j = 0; j < hidden; j++) {
            vector[j] = (float) (sum[j] * scale);
        }
        return vector;
    }
}
