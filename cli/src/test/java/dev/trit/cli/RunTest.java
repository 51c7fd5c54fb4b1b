package dev.trit.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

class RunTest {
    private static final String MODEL = Fixtures.path("llama-dense-tiny");

    @Test
    void printsOneObjectWithTheseMembers() {
        JsonNode facts = json("run", "hello", "-m", MODEL, "-n", "9", "--temp", "0", "--json");
        assertThat(facts.propertyNames())
                .containsExactly(
                        "text",
                        "prompt_tokens",
                        "completion_tokens",
                        "prompt_tokens_per_s",
                        "completion_tokens_per_s",
                        "stop_reason",
                        "model",
                        "kernels");
        assertThat(facts.get("prompt_tokens").asInt())
                .as("a begin token and five bytes")
                .isEqualTo(6);
        assertThat(facts.get("completion_tokens").asInt()).isEqualTo(9);
        assertThat(facts.get("stop_reason").asString()).isEqualTo("length");
        assertThat(facts.get("model").asString()).isEqualTo("llama-dense-tiny");
        assertThat(facts.get("prompt_tokens_per_s").asDouble()).isPositive();
    }

    @Test
    void streamsTheSameTextThatJsonHolds() {
        String[] common = {"run", "hello", "-m", MODEL, "-n", "12", "--seed", "5"};
        Captured streamed = Captured.trit(common);
        assertThat(streamed.status()).isZero();
        JsonNode facts = json("run", "hello", "-m", MODEL, "-n", "12", "--seed", "5", "--json");
        assertThat(streamed.out()).isEqualTo(facts.get("text").asString() + "\n");
        assertThat(streamed.err()).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"--kernels scalar", "--kernels vector", "--threads 1", "--threads 3"})
    void sameSeedSameTextWhateverComputes(String how) {
        String[] option = how.split(" ");
        String one = text("run", "once", "-m", MODEL, "-n", "24", "--seed", "3");
        assertThat(text("run", "once", "-m", MODEL, "-n", "24", "--seed", "3", option[0], option[1]))
                .isEqualTo(one)
                .isNotEqualTo(text("run", "once", "-m", MODEL, "-n", "24", "--seed", "4"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"--speculate ngram", "--draft MODEL"})
    void speculationTellsWhatItGainedAndChangesNoText(String how) {
        String[] option = how.replace("MODEL", MODEL).split(" ");
        String[] common = {"run", "abcabcabc", "-m", MODEL, "-n", "90", "--temp", "0", "--json"};
        JsonNode plain = json(common);
        String[] with = Arrays.copyOf(common, common.length + 2);
        with[common.length] = option[0];
        with[common.length + 1] = option[1];
        JsonNode facts = json(with);
        assertThat(facts.get("text")).isEqualTo(plain.get("text"));
        JsonNode speculation = facts.get("speculation");
        assertThat(speculation.propertyNames())
                .containsExactly("passes", "drafted", "accepted", "acceptance", "speed_up");
        assertThat(speculation.get("passes").asInt()
                        + speculation.get("accepted").asInt())
                .as("every token but the first comes from a pass or was guessed")
                .isEqualTo(facts.get("completion_tokens").asInt() - 1);
    }

    @Test
    void aDraftModelWithOtherTokensIsRefused(@TempDir Path folder) {
        String other = folder.resolve("other.gguf").toString();
        assertThat(Captured.trit("synth", other, "--shape", "tiny").status()).isZero();
        Captured refused = Captured.trit("run", "x", "-m", MODEL, "--draft", other);
        assertThat(refused.status()).isEqualTo(ExitCode.BAD_MODEL.status());
        assertThat(refused.err()).contains("they must share one vocabulary").hasLineCount(1);
        assertThat(refused.out()).isEmpty();
        Captured missing = Captured.trit("run", "x", "-m", MODEL, "--draft", other + ".not");
        assertThat(missing.status()).isEqualTo(ExitCode.NO_FILE.status());
        assertThat(missing.err()).contains(other + ".not").hasLineCount(1);
    }

    @Test
    void readsThePromptFromStdin() {
        Captured dash = Captured.withInput("hello", "run", "-", "-m", MODEL, "-n", "8", "--temp", "0");
        assertThat(dash.out()).isEqualTo(text("run", "hello", "-m", MODEL, "-n", "8", "--temp", "0"));
    }

    @Test
    void stopsBeforeAStopText() {
        String whole = json("run", "hello", "-m", MODEL, "-n", "40", "--seed", "1", "--json")
                .get("text")
                .asString();
        String stop = whole.substring(5, 7);
        JsonNode cut = json("run", "hello", "-m", MODEL, "-n", "40", "--seed", "1", "--json", "--stop", stop);
        assertThat(cut.get("text").asString()).isEqualTo(whole.substring(0, whole.indexOf(stop)));
        assertThat(cut.get("stop_reason").asString()).isEqualTo("stop");
    }

    @Test
    void beginsByItselfWithoutAPrompt() {
        JsonNode facts = json("run", "-m", MODEL, "-n", "4", "--json");
        assertThat(facts.get("prompt_tokens").asInt()).isEqualTo(1);
        assertThat(facts.get("completion_tokens").asInt()).isBetween(1, 4);
    }

    @ParameterizedTest
    @CsvSource({
        "--temp, -1, temperature",
        "--top-p, 2, top-p",
        "--min-p, -0.1, min-p",
        "--top-k, -3, top-k",
        "-n, -1, --tokens"
    })
    void valuesOutOfRangeAreMistakesOfTheCaller(String option, String value, String word) {
        Captured run = Captured.trit("run", "x", "-m", MODEL, option, value);
        assertThat(run.status()).isEqualTo(ExitCode.USAGE.status());
        assertThat(run.err()).contains(word);
        assertThat(run.out()).isEmpty();
    }

    @Test
    void aPromptThatDoesNotFitSaysHowMuchFits() {
        Captured run = Captured.trit("run", "a prompt of some length", "-m", MODEL, "--ctx", "8");
        assertThat(run.status()).isEqualTo(ExitCode.FAILURE.status());
        assertThat(run.err()).contains("the context holds 8").hasLineCount(1);
    }

    private static String text(String... args) {
        Captured run = Captured.trit(args);
        assertThat(run.err()).isEmpty();
        assertThat(run.status()).isZero();
        return run.out();
    }

    private static JsonNode json(String... args) {
        return JsonMapper.shared().readTree(text(args));
    }
}
