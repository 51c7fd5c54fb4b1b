package dev.trit.train.cli;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.trit.cli.ExitCode;
import dev.trit.cli.Stdio;
import dev.trit.train.Recipe;
import dev.trit.train.RecipeDraft;
import dev.trit.train.RecipeField;
import dev.trit.train.Replicas;
import dev.trit.train.TokenSource;
import dev.trit.train.Trainer;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TrainingRunTest {
    @TempDir
    Path folder;

    private final ByteArrayOutputStream err = new ByteArrayOutputStream();
    private final Stdio stdio = new Stdio(
            new ByteArrayInputStream(new byte[0]),
            Stdio.data(new ByteArrayOutputStream()),
            new PrintStream(err, true, UTF_8),
            false,
            false,
            false);

    static Recipe recipe(int steps) {
        return new RecipeDraft()
                .set(RecipeField.SIZE, "test", "1m")
                .set(RecipeField.LAYERS, "test", "2")
                .set(RecipeField.SEQUENCE, "test", "16")
                .set(RecipeField.BATCH, "test", "4")
                .set(RecipeField.MICRO_BATCH, "test", "2")
                .set(RecipeField.STEPS, "test", String.valueOf(steps))
                .resolve(64);
    }

    /** Mostly the previous token plus three. */
    static TokenSource tokens(int count) {
        Random random = new Random(3);
        int[] ids = new int[count];
        for (int i = 1; i < count; i++) {
            ids[i] = random.nextInt(4) == 0 ? random.nextInt(64) : (ids[i - 1] + 3) % 64;
        }
        return new TokenSource() {
            @Override
            public int vocab() {
                return 64;
            }

            @Override
            public long tokens() {
                return count;
            }

            @Override
            public void read(long from, int[] out, int at, int n) {
                System.arraycopy(ids, Math.toIntExact(from), out, at, n);
            }
        };
    }

    private TrainingRun.Outcome train(Recipe recipe) throws IOException {
        var data = new TrainingData("made-up", tokens(4000), tokens(400), 2.5, null, Map.of());
        var habits = new Trainer.Habits(4, 4, 300, 2, 1);
        try (RunFolder run = RunFolder.open(folder)) {
            TrainingRun training = new TrainingRun(stdio, run, recipe, habits, 2, data, Replicas.ALONE);
            TrainingRun.Outcome outcome = training.train(Long.MAX_VALUE, 0, List.of());
            assertThat(training.exitCode()).isEqualTo(ExitCode.OK);
            return outcome;
        }
    }

    @Test
    void leavesCheckpointsMetricsAndEvents() throws IOException {
        TrainingRun.Outcome outcome = train(recipe(8));
        assertThat(outcome.finished()).isTrue();
        assertThat(outcome.tokens()).isEqualTo(8 * 4 * 16);
        assertThat(outcome.validationLoss()).isBetween(3.0, 4.3);
        assertThat(outcome.validationBitsPerByte())
                .isCloseTo(
                        Objects.requireNonNull(outcome.validationLoss()) / Math.log(2) / 2.5,
                        org.assertj.core.api.Assertions.within(1e-9));
        Path checkpoint = Path.of(outcome.checkpoint());
        assertThat(checkpoint).isEqualTo(folder.resolve("checkpoints/step-00000008"));
        assertThat(checkpoint)
                .isDirectoryContaining("glob:**/config.json")
                .isDirectoryContaining("glob:**/recipe.yaml");
        assertThat(Files.readAllLines(folder.resolve("metrics.jsonl")))
                .filteredOn(l -> l.startsWith("{\"event\":\"step\""))
                .hasSize(8);
        assertThat(folder.resolve("tensorboard")).isNotEmptyDirectory();
        assertThat(err.toString(UTF_8))
                .contains("trit: training ")
                .contains("step 1/8 loss 4.")
                .contains("% of GEMM peak ETA")
                .contains("step 8: held-out loss")
                .contains("step 8: finished");
    }

    @Test
    void goesOnFromItsNewestCheckpointAndThenHasNothingLeftToDo() throws IOException {
        train(recipe(8));
        byte[] whole = Files.readAllBytes(folder.resolve("checkpoints/step-00000008/model.safetensors"));
        deleteFolder(folder.resolve("checkpoints/step-00000008"));
        train(recipe(8));
        assertThat(err.toString(UTF_8)).contains("resumed after step 4");
        assertThat(folder.resolve("checkpoints/step-00000008/model.safetensors"))
                .hasBinaryContent(whole);
        assertThat(Files.readAllLines(folder.resolve("metrics.jsonl")))
                .filteredOn(l -> l.startsWith("{\"event\":\"step\""))
                .hasSize(8);
        assertThat(train(recipe(8)).loss()).isNull();
    }

    private static void deleteFolder(Path path) throws IOException {
        try (var files = Files.list(path)) {
            for (Path file : files.toList()) {
                Files.delete(file);
            }
        }
        Files.delete(path);
    }
}
