package dev.trit.model;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.FieldSource;

/** Texts that run together: neither their number nor what the others say may change a bit of any of them. */
class BatchTest {
    static final List<String> MODELS = Fixtures.OWN;

    @ParameterizedTest
    @FieldSource("MODELS")
    void everyTextGetsTheLogitsOfALoneSession(String name) {
        try (Model model = Fixtures.load(Fixtures.own(name), "vector", 2)) {
            int texts = 5;
            int steps = 12;
            Random random = new Random(8);
            int[][] ids = new int[texts][];
            float[][][] expected = new float[texts][][];
            KvCache[] caches = new KvCache[texts];
            for (int i = 0; i < texts; i++) {
                ids[i] = random.ints(30 * i + 1 + 9 * steps, 0, 256).toArray();
                caches[i] = new KvCache(model.config(), model.kv());
                try (Session alone = model.session()) {
                    expected[i] = Fixtures.logits(alone, ids[i]);
                }
            }
            Transformer transformer = new Transformer(model.config(), model.weights(), model.kernels(), model.team());
            for (int i = 0; i < texts; i++) {
                transformer.forward(caches[i], ids[i], 0, 30 * i + 1); // every text is at another position
            }
            Batch batch = new Batch();
            Rows logits = new Rows(texts, model.config().vocab());
            for (int step = 0; step < steps; step++) {
                batch.clear();
                int[] picked = new int[texts];
                for (int i = 0; i < texts; i++) {
                    int at = caches[i].length();
                    int n = (step + i) % 4 == 0 ? 9 : 1; // some read a piece of a prompt meanwhile
                    batch.add(caches[i], at, ids[i], at, at + n);
                    picked[texts - 1 - i] = batch.size() - 1;
                }
                transformer.forward(batch);
                transformer.logits(picked, texts, logits);
                for (int i = 0; i < texts; i++) {
                    int row = logits.row(texts - 1 - i);
                    assertThat(Arrays.copyOfRange(
                                    logits.data(), row, row + model.config().vocab()))
                            .as("text %d at position %d", i, caches[i].length() - 1)
                            .isEqualTo(expected[i][caches[i].length() - 1]);
                }
            }
        }
    }
}
