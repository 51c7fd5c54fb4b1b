package dev.trit.train.cli;

import static dev.trit.train.cli.Captured.trit;
import static org.assertj.core.api.Assertions.assertThat;

import dev.trit.cli.Main;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A run that is killed outright again and again, in the middle of steps and of checkpoints. */
@Tag("slow")
class KilledRunTest {
    private static final int KILLS = 20;
    private static final int STEPS = 500;

    @TempDir
    Path folder;

    private void prepare() throws IOException {
        StringBuilder text = new StringBuilder();
        for (int i = 0; i < 400; i++) {
            text.append("The cat number %d sat on the mat number %d.\n<|endoftext|>".formatted(i, i * 7 % 100));
        }
        Path corpus = Files.writeString(folder.resolve("cats.txt"), text);
        Path tokenizer = folder.resolve("tokenizer");
        assertThat(trit("tokenizer", "train", corpus, "--vocab", 300, "-o", tokenizer)
                        .status())
                .isZero();
        assertThat(trit("data", "prepare", corpus, "--tokenizer", tokenizer, "-o", folder.resolve("data"))
                        .status())
                .isZero();
    }

    /** {@code trit train} in a process of its own; a checkpoint takes about as long as three steps. */
    private Process train(String run) throws IOException {
        List<String> command = new ArrayList<>(
                List.of(Path.of(System.getProperty("java.home"), "bin", "java").toString()));
        command.addAll(List.of("--enable-native-access=ALL-UNNAMED", "--add-modules", "jdk.incubator.vector"));
        command.addAll(List.of("-cp", System.getProperty("java.class.path"), Main.class.getName(), "train"));
        command.addAll(List.of(
                "--data",
                folder.resolve("data").toString(),
                "--out",
                folder.resolve(run).toString()));
        command.addAll(List.of("--resume", "--size", "1m", "--layers", "2", "--sequence", "32", "--batch", "4"));
        command.addAll(List.of("--micro-batch", "2", "--threads", "2", "--steps", Integer.toString(STEPS)));
        command.addAll(List.of("--checkpoint-every", "3", "--sample-every", "0", "--validate-every", "0"));
        ProcessBuilder builder = new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.appendTo(
                        folder.resolve(run + ".log").toFile()));
        builder.environment().put("OMP_NUM_THREADS", "1");
        builder.environment().put("OPENBLAS_NUM_THREADS", "1");
        return builder.start();
    }

    /** Lines of the run's metrics: more than one for each step. */
    private long lines(String run) throws IOException {
        Path metrics = folder.resolve(run).resolve("metrics.jsonl");
        if (!Files.exists(metrics)) {
            return 0;
        }
        try (Stream<String> lines = Files.lines(metrics)) {
            return lines.count();
        }
    }

    private void finish(String run) throws Exception {
        Process process = train(run);
        assertThat(process.waitFor(5, TimeUnit.MINUTES)).isTrue();
        assertThat(process.exitValue())
                .as(Files.readString(folder.resolve(run + ".log")))
                .isZero();
    }

    @Test
    void endsInTheWeightsOfARunThatWasLeftAlone() throws Exception {
        prepare();
        finish("alone");
        Random random = new Random(20);
        for (int kill = 0; kill < KILLS; kill++) {
            Process process = train("killed");
            if (random.nextInt(5) > 0) { // else while it starts
                long goal = lines("killed") + 3 + random.nextInt(30);
                while (process.isAlive() && lines("killed") < goal) {
                    Thread.sleep(5);
                }
            }
            Thread.sleep(random.nextInt(200));
            assertThat(process.isAlive())
                    .as("run %d: %s", kill, Files.readString(folder.resolve("killed.log")))
                    .isTrue();
            process.destroyForcibly().waitFor();
        }
        finish("killed");
        String last = "checkpoints/step-%08d".formatted(STEPS);
        for (String file : List.of("model.safetensors", "optimizer.safetensors", "trainer.json")) {
            assertThat(folder.resolve("killed").resolve(last).resolve(file))
                    .hasSameBinaryContentAs(
                            folder.resolve("alone").resolve(last).resolve(file));
        }
    }
}
