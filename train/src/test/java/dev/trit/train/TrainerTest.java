package dev.trit.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.assertj.core.data.Percentage;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

class TrainerTest {
    private static final TokenSource DATA = Small.tokens(40, 2_000, 1);

    @TempDir
    Path dir;

    /** Losses of a run, from the first step it takes. */
    private List<Double> run(Recipe recipe, String name, int stopAt, boolean resume) {
        List<Double> losses = new ArrayList<>();
        TrainingListener listener = new TrainingListener() {
            @Override
            public void stepped(Step step) {
                losses.add(step.loss());
            }
        };
        CheckpointStore store = new CheckpointStore(dir.resolve(name), 2);
        try (Trainer trainer = new Trainer(
                recipe,
                new Trainer.Habits(5, 5, 200, 2, 2),
                DATA,
                "test",
                Small.tokens(40, 300, 2),
                4.0,
                store,
                Map.of(),
                Replicas.ALONE,
                List.of(listener))) {
            if (resume) {
                trainer.resume(store.latest().orElseThrow());
            }
            trainer.run(() -> trainer.step() >= stopAt);
        }
        return losses;
    }

    @ParameterizedTest
    @CsvSource({"bitnet-b1.58, b1.58", "bitnet-b1.58, b1", "bitnet-b1.58, full", "bitnet, b1.58", "llama, full"})
    void learnsWhatCanBeLearned(String architecture, String weights) {
        List<Double> losses = run(Small.recipe(architecture, weights, 120), "run", 120, false);
        // Uniform guessing costs ln 40 = 3.69 nats; the best predictor of these tokens about 1.6.
        assertThat(losses.getFirst()).isBetween(3.4, 4.0);
        assertThat(losses.getLast()).isLessThan(3.0);
    }

    @ParameterizedTest
    @CsvSource({"b1.58", "full"})
    void bfloat16ProductsRoundAndFollowFloat32(String weights) {
        List<Double> exact = run(Small.recipe("bitnet-b1.58", weights, 120), "f32", 120, false);
        List<Double> rounded = run(Small.recipe("bitnet-b1.58", weights, 120, Precision.BF16), "bf16", 120, false);
        assertThat(rounded.getFirst())
                .isNotEqualTo(exact.getFirst())
                .isCloseTo(exact.getFirst(), Percentage.withPercentage(0.2));
        assertThat(rounded.getLast())
                .isCloseTo(exact.getLast(), Percentage.withPercentage(10))
                .isLessThan(3.0);
    }

    @ParameterizedTest
    @EnumSource(Precision.class)
    void resumesToTheBit(Precision precision) {
        Recipe recipe = Small.recipe("bitnet-b1.58", "b1.58", 20, precision);
        List<Double> through = run(recipe, "through", 20, false);
        List<Double> parts = new ArrayList<>(run(recipe, "parts", 7, false));
        parts.addAll(run(recipe, "parts", 13, true));
        parts.addAll(run(recipe, "parts", 20, true));
        assertThat(parts).isEqualTo(through);
        Path a = new CheckpointStore(dir.resolve("through"), 2).latest().orElseThrow();
        Path b = new CheckpointStore(dir.resolve("parts"), 2).latest().orElseThrow();
        for (String file : List.of("model.safetensors", "optimizer.safetensors", "trainer.json")) {
            assertThat(b.resolve(file)).hasSameBinaryContentAs(a.resolve(file));
        }
    }

    @Test
    void refusesToResumeAnotherRecipe() {
        run(Small.recipe("bitnet-b1.58", "b1.58", 20), "run", 5, false);
        assertThatThrownBy(() -> run(Small.recipe("bitnet-b1.58", "b1", 20), "run", 20, true))
                .isInstanceOf(TrainException.class)
                .hasMessageContaining("weights is \"b1.58\" there and \"b1\" here");
    }
}
