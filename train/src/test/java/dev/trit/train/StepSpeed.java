package dev.trit.train;

import dev.trit.model.Activation;
import dev.trit.model.Config;
import dev.trit.model.RopeScaling;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * Tokens per second of training steps, to be compared with train/src/test/python/step_speed.py, which trains the same
 * model in PyTorch: {@code hidden layers heads kvHeads ffn vocab microBatch batch sequence threads steps weights [precision]}.
 */
final class StepSpeed {
    private StepSpeed() {}

    public static void main(String[] args) throws Exception {
        int[] n = Arrays.stream(args).limit(11).mapToInt(Integer::parseInt).toArray();
        Config shape = new Config(
                "bitnet-b1.58",
                n[0],
                n[1],
                n[2],
                n[3],
                n[0] / n[2],
                n[4],
                n[5],
                n[8],
                1e-5f,
                10_000f,
                n[0] / n[2],
                RopeScaling.NONE,
                Activation.RELU2,
                true,
                false,
                true);
        Recipe recipe = new Recipe(
                shape,
                args[11],
                1000,
                n[7],
                n[6],
                n[8],
                args.length > 12 ? Precision.named(args[12]) : Precision.F32,
                "two-stage",
                3e-3,
                2e-3,
                10,
                0.1,
                0.9,
                0.95,
                1e-8,
                1.0,
                0.02,
                7);

        Path dir = Files.createTempDirectory("speed");
        try (Trainer trainer = new Trainer(
                recipe,
                new Trainer.Habits(0, 0, 0, 0, n[9]),
                Small.tokens(n[5], 1_000_000, 1),
                "random",
                null,
                Double.NaN,
                new CheckpointStore(dir, 1),
                Map.of(),
                Replicas.ALONE,
                List.of())) {
            System.out.printf(
                    Locale.ROOT,
                    "parameters %d, gemm %.1f GFLOP/s%n",
                    trainer.model().parameterCount(),
                    dev.trit.train.torch.Torch.gemmFlops() * 1e-9);
            double[] speeds = new double[n[10]];
            for (int i = -2; i < n[10]; i++) {
                TrainingListener.Step step = trainer.takeStep();
                if (i >= 0) {
                    speeds[i] = recipe.tokensPerStep() / step.seconds();
                }
                System.out.printf(
                        Locale.ROOT, "loss %.5f tokens/s %.0f%n", step.loss(), recipe.tokensPerStep() / step.seconds());
            }
            Arrays.sort(speeds);
            double median = speeds[speeds.length / 2];
            System.out.printf(
                    Locale.ROOT,
                    "median %.0f tokens/s, %.1f GFLOP/s%n",
                    median,
                    median * trainer.model().flopsPerToken(n[8]) * 1e-9);
        }
    }
}
