package dev.trit.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.trit.model.Chat;
import dev.trit.model.Model;
import dev.trit.model.Sampling;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

class ChatTest {
    private static final String MODEL = Fixtures.path("llama-dense-tiny");

    @TempDir
    Path folder;

    @Test
    void answersEveryLineAsTheModelDoes() {
        Captured run = chat("hello\nand again\n");
        assertThat(run.status()).isZero();
        Sampling sampling = Sampling.greedy().withMaxTokens(8);
        try (Model model = Model.load(Path.of(MODEL));
                Chat chat = model.chat()) {
            String first = chat.say("hello", sampling, piece -> {}).text();
            String second = chat.say("and again", sampling, piece -> {}).text();
            assertThat(run.out()).isEqualTo(first + "\n" + second + "\n");
        }
    }

    @Test
    void savesWhatWasSaid() throws IOException {
        Path file = folder.resolve("said.json");
        Captured run = chat("/system Be brief.\nhel\\\nlo\n/save " + file + "\n");
        assertThat(run.status()).isZero();
        JsonNode messages = JsonMapper.shared().readTree(Files.readString(file));
        assertThat(messages.valueStream().map(m -> m.get("role").asString()))
                .containsExactly("system", "user", "assistant");
        assertThat(messages.get(0).get("content").asString()).isEqualTo("Be brief.");
        assertThat(messages.get(1).get("content").asString()).isEqualTo("hel\nlo");
        assertThat(run.out()).isEqualTo(messages.get(2).get("content").asString() + "\n");
    }

    @Test
    void resetForgetsAllButTheSystemMessage() throws IOException {
        Path file = folder.resolve("said.json");
        Captured run = chat("/system S\none\n/reset\ntwo\n/save " + file + "\n/exit\nnever read\n");
        assertThat(run.status()).isZero();
        JsonNode messages = JsonMapper.shared().readTree(Files.readString(file));
        assertThat(messages.valueStream().map(m -> m.get("content").asString()).limit(2))
                .containsExactly("S", "two");
        assertThat(messages).hasSize(3);
    }

    @Test
    void failuresAreSaidAndTheConversationGoesOn() {
        Captured run = chat("/dance\n" + "long ".repeat(100) + "\nhello\n");
        assertThat(run.status()).isEqualTo(ExitCode.FAILURE.status());
        assertThat(run.err()).contains("trit: no command /dance").contains("the context holds 128");
        assertThat(run.out()).isEqualTo(chat("hello\n").out());
    }

    @Test
    void helpListsTheCommands() {
        assertThat(chat("/help\n").err()).contains("/reset", "/system", "/save", "/exit");
    }

    @ParameterizedTest
    @CsvSource({"plain, false", "'goes on\\', true", "'\"\"\"open', true", "'\"\"\"open and shut\"\"\"', false"})
    void knowsWhenAnInputGoesOn(String typed, boolean incomplete) {
        assertThat(Lines.incomplete(typed)).isEqualTo(incomplete);
    }

    @Test
    void joinsTheLinesOfAnInput() {
        assertThat(Lines.meant("a\\\nb\\\nc")).isEqualTo("a\nb\nc");
        assertThat(Lines.meant("\"\"\"\n  a\n\n b \n\"\"\"")).isEqualTo("a\n\n b");
        assertThat(Lines.meant("\"\"\"never shut")).isEqualTo("never shut");
    }

    private static Captured chat(String input) {
        return Captured.withInput(input, "chat", "-m", MODEL, "-n", "8", "--temp", "0", "--ctx", "128");
    }
}
