package dev.trit.train.report;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.trit.train.Recipe;
import dev.trit.train.RecipeJson;
import dev.trit.train.TrainException;
import dev.trit.train.TrainingListener;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

class MetricsFileTest {
    @TempDir
    Path folder;

    private final Recipe recipe = MadeUpRun.recipe("1m");

    private List<JsonNode> lines(Path file) throws IOException {
        return Files.readAllLines(file).stream()
                .map(JsonMapper.shared()::readTree)
                .toList();
    }

    private static List<Integer> steps(List<JsonNode> lines, String event) {
        return lines.stream()
                .filter(l -> l.path("event").asString().equals(event))
                .map(l -> l.path("step").asInt())
                .toList();
    }

    @Test
    void saysEverythingThatHappens() throws IOException {
        Path file = folder.resolve("metrics.jsonl");
        try (MetricsFile metrics = new MetricsFile(file)) {
            MadeUpRun.tell(metrics, recipe, 0, 20, 0);
        }
        List<JsonNode> lines = lines(file);
        assertThat(steps(lines, "step")).hasSize(20).startsWith(1, 2).endsWith(20);
        assertThat(steps(lines, "validation")).containsExactly(10, 20);
        assertThat(steps(lines, "codes")).containsExactly(5, 10, 15, 20);
        JsonNode start = lines.getFirst();
        assertThat(RecipeJson.read("metrics", start.path("recipe"))).isEqualTo(recipe);
        assertThat(start.path("parameters").asLong()).isEqualTo(5_000_000);
        JsonNode step = lines.get(1);
        assertThat(step.propertyNames())
                .containsExactly(
                        "event",
                        "step",
                        "time",
                        "loss",
                        "gradient_norm",
                        "learning_rate",
                        "weight_decay",
                        "tokens",
                        "seconds");
        assertThat(lines.getLast().path("reason").asString()).isEqualTo("stopped");
    }

    @Test
    void bitsPerByteThatAreNotKnownAreNotSaid() throws IOException {
        Path file = folder.resolve("metrics.jsonl");
        try (MetricsFile metrics = new MetricsFile(file)) {
            metrics.started(recipe, 0, 1, 1);
            metrics.validated(new TrainingListener.Validation(1, 2, Double.NaN));
        }
        assertThat(lines(file).getLast().has("bits_per_byte")).isFalse();
    }

    @Test
    void aResumedRunHasEachStepOnceEvenAfterADeathInTheMiddleOfALine() throws IOException {
        Path whole = folder.resolve("whole.jsonl");
        try (MetricsFile metrics = new MetricsFile(whole)) {
            MadeUpRun.tell(metrics, recipe, 0, 100, 0);
        }
        Path cut = folder.resolve("cut.jsonl");
        try (MetricsFile metrics = new MetricsFile(cut)) {
            MadeUpRun.tell(metrics, recipe, 0, 57, 0);
        }
        Files.writeString(cut, "{\"event\":\"step\",\"step\":58,\"lo", StandardOpenOption.APPEND);
        try (MetricsFile metrics = new MetricsFile(cut)) {
            MadeUpRun.tell(metrics, recipe, 40, 100, 0);
        }
        List<JsonNode> lines = lines(cut);
        for (String event : new String[] {"step", "validation", "codes", "sample", "checkpoint", "end"}) {
            assertThat(steps(lines, event)).as(event).isEqualTo(steps(lines(whole), event));
        }
        assertThat(steps(lines, "start")).containsExactly(0, 40);
    }

    @Test
    void aFreshStartForgetsWhatWasThere() throws IOException {
        Path file = folder.resolve("metrics.jsonl");
        for (int i = 0; i < 2; i++) {
            try (MetricsFile metrics = new MetricsFile(file)) {
                MadeUpRun.tell(metrics, recipe, 0, 5, 0);
            }
        }
        assertThat(steps(lines(file), "step")).containsExactly(1, 2, 3, 4, 5);
    }

    @Test
    void aFolderThatIsNotThereIsNamed() {
        MetricsFile metrics = new MetricsFile(folder.resolve("no/metrics.jsonl"));
        assertThatThrownBy(() -> metrics.started(recipe, 0, 1, 1))
                .isInstanceOf(TrainException.class)
                .hasMessageContaining("metrics.jsonl: metrics cannot be written");
    }
}
