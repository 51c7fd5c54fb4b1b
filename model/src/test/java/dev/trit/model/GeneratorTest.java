package dev.trit.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Generation on a tiny model whose tokens are bytes: random text, but a whole path. */
class GeneratorTest {
    private static final Sampling SAMPLING = Sampling.defaults().withSeed(3).withMaxTokens(60);

    /** The end token never comes, so that only the limit ends a text. */
    private static final Sampling ENDLESS = SAMPLING.withLogitBias(Map.of(257, Float.NEGATIVE_INFINITY))
            .withTopK(0)
            .withTemperature(1.5f);

    private static Model model;

    @BeforeAll
    static void load() {
        model = Fixtures.load(Fixtures.own("llama-bitlinear-tiny"), "vector", 2);
    }

    @AfterAll
    static void close() {
        model.close();
    }

    private static Generation generate(Model model, Sampling sampling) {
        return model.generate("Trits: ", sampling, text -> {});
    }

    @Test
    void theSameSeedGivesTheSameTextOnEveryProviderAndThreadCount() {
        Generation expected = generate(model, ENDLESS);
        assertThat(expected.completionTokens()).isEqualTo(60);
        assertThat(expected.stopReason()).isEqualTo(StopReason.LENGTH);
        for (String kernels : List.of("scalar", "vector")) {
            for (int threads = 1; threads <= 3; threads++) {
                try (Model other = Fixtures.load(Fixtures.own("llama-bitlinear-tiny"), kernels, threads)) {
                    assertThat(generate(other, ENDLESS).text()).isEqualTo(expected.text());
                }
            }
        }
        assertThat(generate(model, ENDLESS.withSeed(4)).text()).isNotEqualTo(expected.text());
    }

    @Test
    void piecesAreWholeCharactersAndMakeTheText() {
        List<String> pieces = new ArrayList<>();
        Generation g = model.generate("Trits: ", ENDLESS, pieces::add);
        assertThat(String.join("", pieces)).isEqualTo(g.text());
        byte[] bytes = model.tokenizer()
                .decodeBytes(g.tokens().stream().mapToInt(Token::id).toArray(), false);
        assertThat(g.text()).isEqualTo(new String(bytes, StandardCharsets.UTF_8));
        assertThat(g.promptTokens()).isEqualTo(8);
        assertThat(g.promptTokensPerSecond()).isPositive();
        assertThat(g.completionTokensPerSecond()).isPositive();
    }

    @Test
    void aStreamGivesTheSameTokens() {
        Generation expected = generate(model, ENDLESS);
        try (Stream<Token> tokens = model.stream("Trits: ", ENDLESS)) {
            assertThat(tokens.map(Token::id).toList())
                    .isEqualTo(expected.tokens().stream().map(Token::id).toList());
        }
        try (Stream<Token> tokens = model.stream("Trits: ", ENDLESS)) {
            assertThat(tokens.limit(5)).hasSize(5);
        }
    }

    @Test
    void stopTextsEndTheTextBeforeThem() {
        String text = generate(model, ENDLESS).text();
        String stop = text.substring(20, 23);
        StringBuilder shown = new StringBuilder();
        Generation g = model.generate("Trits: ", ENDLESS.withStop(List.of("never", stop)), shown::append);
        assertThat(g.stopReason()).isEqualTo(StopReason.STOP);
        assertThat(g.text()).isEqualTo(text.substring(0, text.indexOf(stop))).isEqualTo(shown.toString());
    }

    @Test
    void anEndTokenEndsIt() {
        Generation g = generate(model, SAMPLING.withLogitBias(Map.of(257, 100f)));
        assertThat(g.stopReason()).isEqualTo(StopReason.END).hasToString("end");
        assertThat(g.completionTokens()).isEqualTo(1);
        assertThat(g.text()).isEmpty();
    }

    @Test
    void aFullContextEndsIt() {
        try (Session session = model.session(20)) {
            Generation g = new Generator(
                            session, model.tokenizer().encode("Trits: ", true, true), ENDLESS.withMaxTokens(0))
                    .run(text -> {});
            assertThat(g.stopReason()).isEqualTo(StopReason.LENGTH);
            assertThat(g.completionTokens())
                    .as("12 places are left, and the last token needs none")
                    .isEqualTo(13);
            assertThatThrownBy(() -> new Generator(session, new int[21], ENDLESS))
                    .isInstanceOf(ModelException.class)
                    .hasMessageContaining("the prompt has 21 tokens, the context holds 20");
            assertThatThrownBy(() -> new Generator(session, new int[0], ENDLESS))
                    .hasMessageContaining("empty");
        }
    }

    @Test
    void canBeCalledOff() {
        try (Session session = model.session()) {
            int[] prompt = model.tokenizer().encode("Trits: ", true, true);
            Generator generator = new Generator(session, prompt, ENDLESS);
            generator.next();
            generator.next();
            generator.cancel();
            assertThat(generator.next()).isNull();
            assertThat(generator.result().stopReason()).isEqualTo(StopReason.CANCELLED);
            assertThat(generator.result().completionTokens()).isEqualTo(2);

            Generator early = new Generator(session, prompt, ENDLESS);
            early.cancel();
            assertThat(early.run(text -> {}).completionTokens()).isZero();
        }
    }

    @Test
    void aLongerPromptCostsOnlyWhatIsNewAndGivesTheSame() {
        int[] prompt = model.tokenizer().encode("Trits: and then some more of it", true, true);
        Generation expected;
        try (Session fresh = model.session()) {
            expected = new Generator(fresh, prompt, ENDLESS).run(text -> {});
        }
        try (Session session = model.session()) {
            new Generator(session, model.tokenizer().encode("Trits: and then", true, true), ENDLESS).run(text -> {});
            Generation g = new Generator(session, prompt, ENDLESS).run(text -> {});
            assertThat(g.cachedTokens()).isEqualTo(16);
            assertThat(g.text()).isEqualTo(expected.text());
        }
    }

    @Test
    void reportsLogProbabilities() {
        Generation g = generate(model, ENDLESS.withLogprobs(3));
        for (Token token : g.tokens()) {
            assertThat(token.logprob()).isNegative();
            assertThat(token.top()).hasSize(3);
            assertThat(token.top().get(0).value())
                    .isGreaterThanOrEqualTo(token.top().get(1).value());
            assertThat(token.top().get(0).value()).isGreaterThanOrEqualTo(token.logprob());
        }
        assertThat(generate(model, ENDLESS.withLogprobs(0)).tokens().getFirst().top())
                .isEmpty();
        assertThat(generate(model, ENDLESS).tokens().getFirst().logprob()).isNaN();
    }
}
