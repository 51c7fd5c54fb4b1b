package dev.trit.model;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.JsonNode;

/** A random llama as GGUF, full precision and ternary by group: permuted heads, block scales. */
class LlamaTinyTest {
    /**
     * The reference is in float; ternary matrices here take 8-bit inputs, as ternary models are trained, so their
     * probabilities (of about 1/320 = 3e-3) lie near, not on it.
     */
    @ParameterizedTest
    @CsvSource({"F32, 1e-6", "TQ1_0, 4e-4", "TQ2_0, 4e-4"})
    void probabilitiesAreThoseOfTheReference(String type, float tolerance) {
        JsonNode reference = Fixtures.json(Fixtures.shared("fixtures/llama-tiny.reference.json"));
        int[] ids = Fixtures.ints(reference.get("input_ids"));
        float[] expected = Fixtures.floats(reference.get("last_probs"));
        try (Model model = Fixtures.load(Fixtures.shared("fixtures/llama-tiny-" + type + ".gguf"), "vector", 2);
                Session session = model.session()) {
            float[] logits = session.append(ids);
            double normalizer = Logprob.logSumExp(logits);
            double worst = 0;
            for (int i = 0; i < expected.length; i++) {
                worst = Math.max(worst, Math.abs(Math.exp(logits[i] - normalizer) - expected[i]));
            }
            assertThat(worst).as("largest difference of a probability").isLessThan(tolerance);
        }
    }
}
