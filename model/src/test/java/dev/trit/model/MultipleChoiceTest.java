package dev.trit.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class MultipleChoiceTest {
    private static final Path MODEL = Path.of("src/test/resources/fixtures/llama-dense-tiny");

    @TempDir
    Path folder;

    @Test
    void scoresAreSumsOfTokensAfterTheQuery() {
        List<String> choices = List.of("red", "a rather long answer", "redder");
        List<double[]> heard = new ArrayList<>();
        try (Model model = Model.load(MODEL)) {
            var question = new MultipleChoice.Question("The colour is", choices, 1);
            MultipleChoice result =
                    MultipleChoice.measure(model, List.of(question, question), (soFar, scores) -> heard.add(scores));
            double[] plain = new double[choices.size()];
            int best = 0;
            int bestNorm = 0;
            for (int i = 0; i < plain.length; i++) {
                plain[i] = plainly(model, "The colour is", " " + choices.get(i));
                best = plain[i] > plain[best] ? i : best;
                bestNorm = norm(plain, choices, i) > norm(plain, choices, bestNorm) ? i : bestNorm;
            }
            for (double[] scores : heard) {
                for (int i = 0; i < plain.length; i++) {
                    assertThat(scores[i]).isCloseTo(plain[i], within(1e-3));
                }
            }
            assertThat(heard).hasSize(2);
            assertThat(result.questions()).isEqualTo(2);
            assertThat(result.accuracy()).isEqualTo(best == 1 ? 1 : 0);
            assertThat(result.accuracyNorm()).isEqualTo(bestNorm == 1 ? 1 : 0);
        }
    }

    private static double norm(double[] sums, List<String> choices, int i) {
        return sums[i] / choices.get(i).length();
    }

    /** One token at a time, the softmax in double. */
    private static double plainly(Model model, String query, String continuation) {
        int[] ids = model.tokenizer().encode(query + continuation, true, false);
        int start = model.tokenizer().encode(query, true, false).length;
        double sum = 0;
        try (Session session = model.session()) {
            for (int i = 0; i + 1 < ids.length; i++) {
                float[] logits = session.append(ids[i]);
                if (i + 1 >= start) {
                    double total = 0;
                    for (float logit : logits) {
                        total += Math.exp(logit);
                    }
                    sum += logits[ids[i + 1]] - Math.log(total);
                }
            }
        }
        return sum;
    }

    @Test
    void whatDoesNotFitLosesItsBeginning() {
        try (Model model = Model.load(MODEL)) {
            var question = new MultipleChoice.Question("word ".repeat(1000), List.of("yes", "no"), 0);
            MultipleChoice result = MultipleChoice.measure(model, List.of(question), (soFar, scores) -> {
                for (double score : scores) {
                    assertThat(score).isNegative().isFinite();
                }
            });
            assertThat(result.questions()).isEqualTo(1);
        }
    }

    @Test
    void aLineThatIsNoQuestionIsNamed() throws IOException {
        String good = "{\"id\": 1, \"query\": \"q\", \"choices\": [\"a\", \"b\"], \"gold\": 1}\n";
        assertThat(MultipleChoice.read(file(good + "\n" + good)))
                .containsOnly(new MultipleChoice.Question("q", List.of("a", "b"), 1))
                .hasSize(2);
        for (String bad : List.of(
                "{\"query\": \"q\", \"choices\": [\"a\", \"b\"], \"gold\": 2}",
                "{\"query\": \"q\", \"choices\": [\"a\"], \"gold\": 0}",
                "{\"query\": \"q\", \"choices\": [\"a\", 5], \"gold\": 0}",
                "{\"context\": \"q\", \"target\": \"a\"}",
                "[1]",
                "{")) {
            assertThatThrownBy(() -> MultipleChoice.read(file(good + bad)))
                    .as(bad)
                    .isInstanceOf(ModelException.class)
                    .hasMessageContaining("line 2");
        }
        assertThatThrownBy(() -> MultipleChoice.read(file("\n"))).hasMessageContaining("no questions");
    }

    private Path file(String content) throws IOException {
        return Files.writeString(folder.resolve("task.jsonl"), content);
    }
}
