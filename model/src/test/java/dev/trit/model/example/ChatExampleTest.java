package dev.trit.model.example;

import static org.assertj.core.api.Assertions.assertThat;

import dev.trit.model.Chat;
import dev.trit.model.Generation;
import dev.trit.model.Model;
import dev.trit.model.Sampling;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

/** Hold a conversation: later turns cost only what is new. Shown in the documentation. */
class ChatExampleTest {
    private static final Path PATH = Path.of("src/test/resources/fixtures/bitnet-tiny");

    @Test
    void chat() {
        StringBuilder screen = new StringBuilder();

        try (Model model = Model.load(PATH);
                Chat chat = model.chat("You answer in one word.")) {
            Sampling sampling = Sampling.greedy().withMaxTokens(8);

            chat.say("Which city is the capital of France?", sampling, screen::append);
            Generation second = chat.say("And of Italy?", sampling, screen::append);

            assertThat(chat.messages()).hasSize(5); // system, two questions, two answers
            assertThat(second.cachedTokens()).isPositive();
            assertThat(screen).endsWith(second.text());
        }
    }
}
