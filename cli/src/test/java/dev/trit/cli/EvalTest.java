package dev.trit.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

class EvalTest {
    private static final String MODEL = Fixtures.path("llama-dense-tiny");
    private static final String QUESTION =
            "{\"query\": \"The sky is\", \"choices\": [\"blue\", \"blue blue blue\"], \"gold\": %d}\n";

    @TempDir
    Path folder;

    @Test
    void oneOfTwoOppositeQuestionsIsRight() throws IOException {
        String task = task(QUESTION.formatted(0) + QUESTION.formatted(1));
        Captured run = Captured.trit("eval", "-m", MODEL, "-f", task, "--json");
        assertThat(run.err()).isEmpty();
        assertThat(run.status()).isZero();
        JsonNode figures = JsonMapper.shared().readTree(run.out());
        assertThat(figures.propertyNames())
                .containsExactly("acc", "acc_stderr", "acc_norm", "acc_norm_stderr", "questions");
        assertThat(figures.get("acc").asDouble()).isEqualTo(0.5);
        assertThat(figures.get("acc_norm").asDouble()).isEqualTo(0.5);
        assertThat(figures.get("questions").asInt()).isEqualTo(2);
        assertThat(Captured.trit("eval", "-m", MODEL, "-f", task, "--limit", "1")
                        .out())
                .matches("acc [01]\\.0000 \\+/- 0\\.0000, acc_norm [01]\\.0000 \\+/- 0\\.0000 over 1 questions\n");
    }

    @Test
    void whatIsNoTaskIsNamed() throws IOException {
        Captured run = Captured.trit("eval", "-m", MODEL, "-f", task("{\"text\": \"x\"}"));
        assertThat(run.status()).isEqualTo(ExitCode.USAGE.status());
        assertThat(run.err()).contains("line 1", "query", "choices", "gold");
    }

    private String task(String lines) throws IOException {
        return Files.writeString(folder.resolve("task.jsonl"), lines).toString();
    }
}
