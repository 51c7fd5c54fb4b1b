package dev.trit.train.cli;

import static dev.trit.train.cli.Captured.trit;
import static org.assertj.core.api.Assertions.assertThat;

import dev.trit.cli.ExitCode;
import dev.trit.model.LoadOptions;
import dev.trit.model.Model;
import dev.trit.model.Sampling;
import dev.trit.train.RecipeField;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** From text to a model that answers, through the commands alone. */
class TrainCommandTest {
    @TempDir
    Path folder;

    @BeforeEach
    void prepare() throws IOException {
        StringBuilder text = new StringBuilder();
        for (int i = 0; i < 400; i++) {
            text.append("The cat number %d sat on the mat number %d, and so it goes.\n".formatted(i, i * 7 % 100));
            if (i % 20 == 19) {
                text.append("<|endoftext|>");
            }
        }
        Path corpus = Files.writeString(folder.resolve("cats.txt"), text);
        Path tokenizer = folder.resolve("tokenizer");
        assertThat(trit("tokenizer", "train", corpus, "--vocab", 300, "-o", tokenizer)
                        .status())
                .isZero();
        assertThat(trit(
                                "data",
                                "prepare",
                                corpus,
                                "--tokenizer",
                                tokenizer,
                                "--held-out",
                                0.2,
                                "-o",
                                folder.resolve("data"))
                        .status())
                .isZero();
    }

    private Captured train(Object... more) {
        List<Object> args =
                new ArrayList<>(List.of("train", "--data", folder.resolve("data"), "-o", folder.resolve("run")));
        args.addAll(Arrays.asList(more));
        return trit(args.toArray());
    }

    private Captured trainSmall(Object... more) {
        List<Object> args = new ArrayList<>(List.of(
                "--size", "1m", "--layers", 2, "--sequence", 32, "--batch", 4, "--micro-batch", 4, "--threads", 1));
        args.addAll(Arrays.asList(more));
        return train(args.toArray());
    }

    @Test
    void trainsExportsAndAnswers() throws IOException {
        Captured train = trainSmall("--steps", 30, "--sample-every", 15, "--sample-prompt", "The cat", "--json");
        assertThat(train.status()).as(train.err()).isZero();
        JsonNode facts = JsonMapper.shared().readTree(train.out());
        assertThat(facts.path("finished").asBoolean()).isTrue();
        assertThat(facts.path("loss").asDouble()).isLessThan(4.5);
        assertThat(facts.path("validation_perplexity").asDouble()).isBetween(2.0, 90.0);
        assertThat(facts.path("validation_bits_per_byte").asDouble()).isBetween(0.5, 5.0);
        assertThat(train.err()).contains("step 30: The cat|");
        assertThat(folder.resolve("run/report.html")).content().contains("<!doctype html>", "step 30: The cat");
        Path gguf = folder.resolve("cats.gguf");
        Path card = folder.resolve("cats.md");
        assertThat(trit("export", folder.resolve("run"), gguf, "--card", card, "--name", "Cats")
                        .status())
                .isZero();
        assertThat(card).content().contains("# Cats", "training.tokens | 3840", "steps: 30");
        // The folder of a checkpoint is a model as well, and the same one.
        try (Model packed = Model.load(gguf, LoadOptions.defaults().withThreads(1));
                Model masters = Model.load(
                        Path.of(facts.path("checkpoint").asString()),
                        LoadOptions.defaults().withThreads(1))) {
            Sampling greedy = Sampling.greedy().withMaxTokens(8);
            String text = packed.generate("The cat", greedy, t -> {}).text();
            assertThat(text)
                    .isNotEmpty()
                    .isEqualTo(masters.generate("The cat", greedy, t -> {}).text());
        }
    }

    @Test
    void stopsWhenAskedToAndKeepsItsSchedule() throws IOException {
        Captured part = trainSmall("--steps", 12, "--until", 5 * 4 * 32 - 1, "--json");
        assertThat(part.status()).as(part.err()).isZero();
        JsonNode facts = JsonMapper.shared().readTree(part.out());
        assertThat(facts.path("step").asInt()).isEqualTo(5);
        assertThat(facts.path("finished").asBoolean()).isFalse();
        Captured whole = train("--resume", "--json", "--threads", 1);
        assertThat(whole.status()).as(whole.err()).isZero();
        assertThat(JsonMapper.shared().readTree(whole.out()).path("step").asInt())
                .isEqualTo(12);
    }

    @Test
    void anotherRecipeIsNotResumedAndAFullFolderNotOverwritten() {
        assertThat(trainSmall("--steps", 3).status()).isZero();
        Captured again = trainSmall("--steps", 3);
        assertThat(again.status()).isEqualTo(ExitCode.USAGE.status());
        assertThat(again.err()).contains("run is not empty: --resume");
        Captured other = train("--resume", "--peak", "1e-4");
        assertThat(other.status()).isEqualTo(ExitCode.USAGE.status());
        assertThat(other.err()).contains("the run has peak: 0.004, asked for is peak: 1.0E-4");
        Captured same = trainSmall("--steps", 3, "--resume");
        assertThat(same.status()).as(same.err()).isZero();
        assertThat(train("--resume").err()).contains("resumed after step 3").contains("step 3: finished");
    }

    @Test
    void twoProcessesDoNotShareAFolder() throws IOException {
        assertThat(trainSmall("--steps", 1).status()).isZero();
        Path program = Files.writeString(folder.resolve("Hold.java"), """
                void main(String[] args) throws Exception {
                    var file = java.nio.channels.FileChannel.open(
                            java.nio.file.Path.of(args[0]), java.nio.file.StandardOpenOption.WRITE);
                    file.lock();
                    System.out.println("held");
                    System.in.read();
                }
                """);
        Process other = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        program.toString(),
                        folder.resolve("run/.lock").toString())
                .start();
        try (var said = other.inputReader()) {
            assertThat(said.readLine()).isEqualTo("held");
            Captured refused = train("--resume");
            assertThat(refused.status()).isEqualTo(ExitCode.FAILURE.status());
            assertThat(refused.err()).contains("run: another process trains there");
        } finally {
            other.destroy();
        }
    }

    @Test
    void mistakesAreOneLine() {
        assertThat(trit("train", "--data", folder.resolve("none"), "-o", folder.resolve("x"))
                        .status())
                .isEqualTo(ExitCode.NO_FILE.status());
        assertThat(trit("train", "--data", folder, "-o", folder.resolve("x")).err())
                .contains("not a prepared data set");
        assertThat(trainSmall("--steps", "3", "--tokens", "9").err()).contains("--steps and --tokens say the same");
        assertThat(trainSmall("--steps", "three").err()).contains("--steps: expected a whole number, got 'three'");
        assertThat(trainSmall("--vocab", "200").err()).contains("token ids");
        assertThat(trainSmall("--sequence", "100000000").err()).contains("fewer than one sequence");
        assertThat(trainSmall("--device", "tpu").err()).contains("unknown device");
        // None of them got as far as to take the folder.
        assertThat(folder.resolve("run/recipe.yaml")).doesNotExist();
    }

    @Test
    void everyFieldIsInTheHelp() {
        String help = trit("train", "--help").out();
        assertThat(help.lines()).allMatch(line -> line.length() <= 100);
        for (RecipeField field : RecipeField.values()) {
            assertThat(help).contains(field.flag() + "=");
        }
    }
}
