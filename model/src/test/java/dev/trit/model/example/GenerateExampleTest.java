package dev.trit.model.example;

import static org.assertj.core.api.Assertions.assertThat;

import dev.trit.model.Generation;
import dev.trit.model.Model;
import dev.trit.model.Sampling;
import dev.trit.model.Token;
import java.nio.file.Path;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** Load a model and let it write: with a callback, and as a stream. Shown in the documentation. */
class GenerateExampleTest {
    private static final Path PATH = Path.of("src/test/resources/fixtures/bitnet-tiny");

    @Test
    void generate() {
        StringBuilder page = new StringBuilder();

        try (Model model = Model.load(PATH)) {
            Sampling sampling =
                    Sampling.defaults().withTemperature(0.7f).withSeed(42).withMaxTokens(32);

            Generation generation = model.generate("Once upon a time", sampling, page::append);

            assertThat(generation.completionTokens()).isLessThanOrEqualTo(32);
            assertThat(page).hasToString(generation.text());

            try (Stream<Token> tokens = model.stream("Once upon a time", sampling)) {
                String text = tokens.map(Token::text).collect(Collectors.joining());
                assertThat(text).isEqualTo(generation.text());
            }
        }
    }
}
