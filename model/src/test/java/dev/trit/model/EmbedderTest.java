package dev.trit.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.Random;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

class EmbedderTest {
    private static Model model;

    @BeforeAll
    static void load() {
        model = Fixtures.load(Fixtures.own("llama-dense-tiny"), "vector", 2);
    }

    @AfterAll
    static void close() {
        model.close();
    }

    private static double dot(float[] a, float[] b) {
        double sum = 0;
        for (int i = 0; i < a.length; i++) {
            sum += (double) a[i] * b[i];
        }
        return sum;
    }

    @Test
    void vectorsHaveLengthOneAndDependOnTheText() {
        int[] ids = new Random(1).ints(200, 0, 256).toArray();
        for (Embedder.Pooling pooling : Embedder.Pooling.values()) {
            Embedder embedder = new Embedder(model, pooling);
            float[] vector = embedder.embed(ids);
            assertThat(vector).hasSize(embedder.dimensions()).isEqualTo(embedder.embed(ids));
            assertThat(dot(vector, vector)).isCloseTo(1, within(1e-6));
            ids[0] ^= 1;
            assertThat(embedder.embed(ids)).isNotEqualTo(vector);
        }
    }

    /** The head times the last norm is the logits, so a vector of one token points where its logits say. */
    @Test
    void theLastTokenIsWhatTheHeadReads() {
        int[] ids = {5, 80, 200};
        float[] last = new Embedder(model, Embedder.Pooling.LAST).embed(ids);
        float[] mean = new Embedder(model, Embedder.Pooling.MEAN).embed(ids);
        assertThat(last).isNotEqualTo(mean);
        assertThat(new Embedder(model, Embedder.Pooling.MEAN).embed(new int[] {5}))
                .isEqualTo(new Embedder(model, Embedder.Pooling.LAST).embed(new int[] {5}));
        float[] row = new float[model.config().hidden()];
        double ratio = Double.NaN;
        try (Session session = model.session()) {
            float[] logits = session.append(ids);
            Linear.Dense head = (Linear.Dense) model.weights().head();
            for (int id = 0; id < 10; id++) {
                model.kernels().row(head.weights(), id, row, 0);
                double r = dot(row, last) / logits[id];
                assertThat(r).isCloseTo(Double.isNaN(ratio) ? r : ratio, within(1e-4));
                ratio = r;
            }
        }
    }

    @Test
    void refusesEmptyTexts() {
        assertThatThrownBy(() -> new Embedder(model, Embedder.Pooling.MEAN).embed(new int[0]))
                .isInstanceOf(ModelException.class);
    }
}
