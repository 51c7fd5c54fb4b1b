package dev.trit.train;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** One process of a data-parallel run, for tests: {@code folder steps stepMillis}, the rest from the environment. */
final class OneRank {
    private OneRank() {}

    public static void main(String[] args) throws Exception {
        Path folder = Path.of(args[0]);
        int steps = Integer.parseInt(args[1]);
        int pause = Integer.parseInt(args[2]);
        int status = 0;
        StringBuilder losses = new StringBuilder();
        try (Replicas replicas = GlooReplicas.fromEnvironment(System.getenv(), Duration.ofSeconds(60))
                        .orElse(Replicas.ALONE);
                Trainer trainer = new Trainer(
                        Small.recipe("bitnet-b1.58", "full", steps),
                        new Trainer.Habits(0, 0, 0, 0, 1),
                        Small.tokens(40, 2_000, 1),
                        "test",
                        null,
                        Double.NaN,
                        new CheckpointStore(folder.resolve("checkpoints"), 1),
                        Map.of(),
                        replicas,
                        List.of(new TrainingListener() {
                            @Override
                            public void stepped(Step step) {
                                losses.append(String.format(Locale.ROOT, "%.7f%n", step.loss()));
                                System.out.println("step " + step.step());
                                try {
                                    Thread.sleep(pause);
                                } catch (InterruptedException e) {
                                    Thread.currentThread().interrupt();
                                }
                            }
                        }))) {
            trainer.run(() -> false);
            if (replicas.rank() == 0) {
                Files.writeString(folder.resolve("losses.txt"), losses);
            }
        } catch (TrainException e) {
            System.out.println("failed: " + e.getMessage());
            status = 1;
        }
        System.out.flush();
        Runtime.getRuntime().halt(status);
    }
}
