package dev.trit.train.cli;

import static dev.trit.train.cli.Captured.trit;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.trit.cli.ExitCode;
import dev.trit.cli.Stdio;
import dev.trit.format.Checkpoint;
import dev.trit.format.StoredTensor;
import dev.trit.train.Recipe;
import dev.trit.train.RecipeDraft;
import dev.trit.train.RecipeField;
import dev.trit.train.Replicas;
import dev.trit.train.Trainer;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.lang.foreign.Arena;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

class ExportTest {
    @TempDir
    Path folder;

    /** Twelve steps of a small model, into the folder {@code run}. */
    private Path run(String family, String weights) throws IOException {
        Recipe recipe = new RecipeDraft()
                .set(RecipeField.SIZE, "test", "1m")
                .set(RecipeField.FAMILY, "test", family)
                .set(RecipeField.WEIGHTS, "test", weights)
                .set(RecipeField.HIDDEN, "test", "256")
                .set(RecipeField.FFN, "test", "512")
                .set(RecipeField.LAYERS, "test", "2")
                .set(RecipeField.SEQUENCE, "test", "32")
                .set(RecipeField.BATCH, "test", "4")
                .set(RecipeField.STEPS, "test", "12")
                .resolve(64);
        Path run = folder.resolve("run");
        var data = new TrainingData(
                "made-up", TrainingRunTest.tokens(4000), TrainingRunTest.tokens(400), 2.5, null, Map.of());
        var stdio = new Stdio(
                new ByteArrayInputStream(new byte[0]),
                Stdio.data(new ByteArrayOutputStream()),
                new PrintStream(new ByteArrayOutputStream(), true, UTF_8),
                false,
                false,
                false);
        try (RunFolder open = RunFolder.open(run)) {
            new TrainingRun(stdio, open, recipe, new Trainer.Habits(0, 0, 300, 0, 1), 1, data, Replicas.ALONE)
                    .train(Long.MAX_VALUE, 0, List.of());
        }
        return run;
    }

    @ParameterizedTest
    @CsvSource({
        "2b4t, b1.58, i2_s, m.gguf, true",
        "2b4t, b1.58, tq1_0, m.gguf, false", // scales in half precision
        "2b4t, b1.58, tq2_0, m.gguf, false",
        "2b4t, b1.58, hf-packed, m, true",
        "2b4t, b1.58, f32, m, true",
        "2b4t, b1.58, f32, m.gguf, true",
        "2b4t, b1, i2_s, m.gguf, true",
        "2b4t, b1, f32, m, true",
        "2b4t, full, f32, m, true",
        "2b4t, full, f32, m.gguf, true",
        "2b4t, full, bf16, m.gguf, false",
        "bitnet, b1.58, i2_s, m.gguf, true",
        "llama, b1.58, i2_s, m.gguf, true",
        "llama, b1.58, f32, m.gguf, true",
        "llama, full, f32, m.gguf, true",
    })
    void theFileComputesWhatTheTrainerDoes(String family, String weights, String type, String out, boolean lossless)
            throws IOException {
        Path file = folder.resolve(out);
        Captured export = trit("export", run(family, weights), file, "--type", type, "--threads", 1, "--json");
        assertThat(export.status()).as(export.err()).isZero();
        JsonNode facts = JsonMapper.shared().readTree(export.out());
        assertThat(facts.path("bit_equal").asBoolean()).isEqualTo(lossless);
        assertThat(facts.path("losses").isEmpty()).isEqualTo(lossless);
        // Float sums in another order; activations that tip over the border between two codes where there are any.
        double bound = weights.equals("full") ? 1e-5 : 0.01;
        assertThat(facts.path("trainer_difference").asDouble()).isLessThan(lossless ? bound : 0.02);
        assertThat(file).exists();
        try (var left = Files.list(folder)) {
            assertThat(left.map(p -> p.getFileName().toString())).containsExactlyInAnyOrder("run", out);
        }
    }

    @Test
    void binaryCodesAreTwoAndStayTwo() throws IOException {
        Path file = folder.resolve("b1.gguf");
        assertThat(trit("export", run("2b4t", "b1"), file).status()).isZero();
        try (Checkpoint stored = Checkpoint.open(file);
                Arena arena = Arena.ofConfined()) {
            StoredTensor gate = stored.tensor("blk.1.ffn_gate.weight");
            byte[] codes = new byte[gate.rows() * gate.cols()];
            gate.trits(arena).trits().read(0, gate.rows(), codes, 0);
            int plus = 0;
            for (byte code : codes) {
                assertThat(code).isNotZero();
                plus += code > 0 ? 1 : 0;
            }
            assertThat((double) plus / codes.length).isBetween(0.45, 0.55);
        }
    }

    @Test
    void theCardIsInTheFile() throws IOException {
        Path file = folder.resolve("m.gguf");
        Captured export = trit(
                "export", run("2b4t", "b1.58"), file, "--name", "Small", "--meta", "license=mit", "--meta", "x.y=z");
        assertThat(export.status()).as(export.err()).isZero();
        assertThat(export.out()).contains("m.gguf: 24 tensors").contains("to the bit");
        try (Checkpoint stored = Checkpoint.open(file)) {
            assertThat(stored.metadata())
                    .containsEntry("general.name", "Small")
                    .containsEntry("general.license", "mit")
                    .containsEntry("x.y", "z")
                    .containsEntry("training.steps", 12)
                    .containsEntry("training.tokens", 12L * 4 * 32)
                    .containsEntry("training.data", "made-up")
                    .containsEntry("general.file_type", 40);
            assertThat(Objects.toString(stored.metadata().get("general.description")))
                    .startsWith("Ternary (b1.58) language model of ")
                    .contains("held-out perplexity")
                    .contains("bits per byte");
            assertThat(Objects.toString(stored.metadata().get("training.recipe")))
                    .contains("peak2:");
        }
        Path packed = folder.resolve("packed");
        assertThat(trit("export", folder.resolve("run"), packed, "--type", "hf-packed", "--meta", "license=mit")
                        .status())
                .isZero();
        assertThat(packed.resolve("README.md"))
                .content()
                .startsWith("---\n")
                .contains("license: mit", "# packed", "peak2:");
    }

    @Test
    void whatCannotBeIsRefusedInOneLineAndLeavesNothing() throws IOException {
        Path run = run("2b4t", "full");
        Path file = folder.resolve("m.gguf");
        Captured export = trit("export", run, file, "--type", "i2_s");
        assertThat(export.status()).isEqualTo(ExitCode.BAD_MODEL.status());
        assertThat(export.err()).contains("not a ternary model");
        export = trit("export", run, file, "--tolerance", "0", "--type", "bf16");
        assertThat(export.status()).isEqualTo(ExitCode.FAILURE.status());
        assertThat(export.err()).contains("refused: allowed are 0.0");
        export = trit("export", folder, file);
        assertThat(export.status()).isEqualTo(ExitCode.NO_FILE.status());
        assertThat(export.err()).contains("neither a checkpoint (trainer.json) nor a run");
        export = trit("export", run, file, "--type", "i3_s");
        assertThat(export.err()).contains("unknown weight type");
        Files.write(run.resolve("checkpoints/step-00000012/model.safetensors"), new byte[20]);
        export = trit("export", run, file);
        assertThat(export.status()).isEqualTo(ExitCode.FAILURE.status());
        assertThat(export.err()).contains("step-00000012 is damaged");
        try (var left = Files.list(folder)) {
            assertThat(left.map(p -> p.getFileName().toString())).containsExactly("run");
        }
    }
}
