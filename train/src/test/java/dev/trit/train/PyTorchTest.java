package dev.trit.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.data.Offset.offset;

import dev.trit.format.SafetensorsFile;
import dev.trit.train.torch.Scope;
import dev.trit.train.torch.Tensor;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Path;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Gradients and twenty steps against PyTorch's own; make_reference.py made the files. Gradients of the first step, and
 * the loss of every step, agree within 1e-5; norms and last weights within 1e-4. Steps amplify
 * rounding: where a quantizer's input lies on the border between two codes within rounding, runs part. The script's seed
 * was chosen so that none does.
 */
class PyTorchTest {
    private static final int STEPS = 20;

    /** As in the script: a gradient near zero, which is all rounding, must not decide the sign of an update. */
    private static final double ADAM_EPS = 1e-5;

    @ParameterizedTest
    @CsvSource({"bitnet-b1.58, b1.58", "bitnet-b1.58, full", "bitnet, b1.58", "bitnet-b1.58, b1"})
    void equalsPyTorch(String architecture, String weights) throws Exception {
        Path path = Path.of(PyTorchTest.class
                .getResource("%s-%s.safetensors".formatted(architecture, weights))
                .toURI());
        Recipe recipe = Small.recipe(architecture, weights, STEPS);
        try (SafetensorsFile file = SafetensorsFile.open(path);
                Arena arena = Arena.ofConfined();
                Scope scope = new Scope();
                TrainableTransformer model = new TrainableTransformer(recipe);
                AdamW adam = new AdamW(model.parameters(), recipe.beta1(), recipe.beta2(), ADAM_EPS)) {
            for (Parameter p : model.parameters()) {
                p.latent().set(file.map(file.entry("init." + p.name()), arena));
                p.refresh();
            }
            float[] losses = floats(file, "losses", arena);
            float[] norms = floats(file, "norms", arena);
            MemorySegment batches = file.map(file.entry("batches"), arena);
            for (int step = 0; step < STEPS; step++) {
                Tensor loss = model.loss(batch(batches, step), Precision.F32);
                loss.backward();
                assertThat(loss.item())
                        .as("loss of step %d", step)
                        .isCloseTo(losses[step], offset(1e-5 * losses[step]));
                if (step == 0) {
                    for (Parameter p : model.parameters()) {
                        same(
                                "gradient of " + p.name(),
                                p.weights().grad(),
                                floats(file, "grad." + p.name(), arena),
                                1e-5);
                    }
                }
                double norm = adam.clip(1.0);
                assertThat(norm).as("norm of step %d", step).isCloseTo(norms[step], offset(1e-4 * norms[step]));
                Schedule schedule = Schedule.of(recipe);
                adam.step(schedule.learningRate(step), schedule.weightDecay(step));
            }
            for (Parameter p : model.parameters()) {
                same("final " + p.name(), p.latent(), floats(file, "final." + p.name(), arena), 1e-4);
            }
        }
    }

    /** Largest difference against the largest magnitude. */
    private static void same(String what, Tensor got, float[] expected, double bound) {
        float[] values = got.toFloats();
        assertThat(values).hasSameSizeAs(expected);
        double largest = 0;
        double difference = 0;
        for (int i = 0; i < values.length; i++) {
            largest = Math.max(largest, Math.abs(expected[i]));
            difference = Math.max(difference, Math.abs(values[i] - expected[i]));
        }
        assertThat(difference / largest).as(what).isLessThan(bound);
    }

    private static float[] floats(SafetensorsFile file, String name, Arena arena) {
        return file.map(file.entry(name), arena).toArray(ValueLayout.JAVA_FLOAT_UNALIGNED);
    }

    private static Tensor batch(MemorySegment batches, int step) {
        int length = 2 * 9;
        long[] ids = new long[length];
        for (int i = 0; i < length; i++) {
            ids[i] = batches.get(ValueLayout.JAVA_INT_UNALIGNED, 4L * (step * length + i));
        }
        return Tensor.of(ids, 2, 9);
    }
}
