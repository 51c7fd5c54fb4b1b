package dev.trit.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

class PerplexityTest {
    private static final String TEXT = "The quick brown fox jumps over the lazy dog. ".repeat(5);

    private static Model model;

    @BeforeAll
    static void load() {
        model = Fixtures.load(Fixtures.own("bitnet-tiny"), "vector", 2);
    }

    @AfterAll
    static void close() {
        model.close();
    }

    /** Token by token, as the definition reads: chunks of ctx from an empty context, the second half scored. */
    @Test
    void isWhatItsDefinitionSays() {
        int ctx = 32;
        int[] tokens = model.tokenizer().encode(TEXT, true, false);
        List<Double> nll = new ArrayList<>();
        for (int chunk = 0; chunk < tokens.length / ctx; chunk++) {
            int[] ids = Arrays.copyOfRange(tokens, chunk * ctx, (chunk + 1) * ctx);
            ids[0] = 256; // the vocabulary asks for a begin token
            try (Session session = model.session()) {
                for (int i = 0; i + 1 < ctx; i++) {
                    float[] logits = session.append(ids[i]);
                    if (i >= ctx / 2) {
                        double sum = 0;
                        for (float x : logits) {
                            sum += Math.exp(x);
                        }
                        nll.add(Math.log(sum) - logits[ids[i + 1]]);
                    }
                }
            }
        }
        double mean = nll.stream().mapToDouble(x -> x).average().orElseThrow();
        double variance = nll.stream().mapToDouble(x -> (x - mean) * (x - mean)).sum() / nll.size();

        Perplexity p = Perplexity.measure(model, TEXT, ctx, 0, null);
        assertThat(p.tokens()).isEqualTo(nll.size()).isEqualTo(7L * 15);
        assertThat(p.chunks()).isEqualTo(7);
        assertThat(p.perplexity()).isCloseTo(Math.exp(mean), within(1e-9 * Math.exp(mean)));
        assertThat(p.standardError())
                .isCloseTo(Math.exp(mean) * Math.sqrt(variance / (nll.size() - 1)), within(1e-6 * Math.exp(mean)));
    }

    @Test
    void reportsAsItGoesAndEndsWhenTold() {
        List<Integer> chunks = new ArrayList<>();
        Perplexity p = Perplexity.measure(model, TEXT, 32, 5, (soFar, all) -> {
            assertThat(all).isEqualTo(5);
            chunks.add(soFar.chunks());
            return soFar.chunks() < 3;
        });
        assertThat(chunks).containsExactly(1, 2, 3);
        assertThat(p.chunks()).isEqualTo(3);
        assertThat(p).isEqualTo(Perplexity.measure(model, TEXT, 32, 3, null));
    }

    @Test
    void refusesATextThatIsTooShort() {
        assertThatThrownBy(() -> Perplexity.measure(model, "short", 32, 0, null))
                .isInstanceOf(ModelException.class)
                .hasMessageContaining("the text has 6 tokens")
                .hasMessageContaining("needs at least 64");
        assertThatThrownBy(() -> Perplexity.measure(model, TEXT, 3, 0, null)).hasMessageContaining("at least 4");
    }
}
