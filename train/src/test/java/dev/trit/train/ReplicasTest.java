package dev.trit.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.io.BufferedReader;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Two processes against one. */
@Timeout(120)
class ReplicasTest {
    @TempDir
    Path dir;

    private static int freePort() throws IOException {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        }
    }

    private Process start(String folder, int steps, int pause, Map<String, String> environment) throws IOException {
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "--enable-native-access=ALL-UNNAMED",
                "-XX:+UseSerialGC",
                "-Xmx256m",
                "-Dorg.bytedeco.javacpp.maxPhysicalBytes=0",
                "-Dorg.bytedeco.javacpp.maxBytes=0",
                "-cp",
                System.getProperty("surefire.test.class.path", System.getProperty("java.class.path")),
                OneRank.class.getName(),
                Files.createDirectories(dir.resolve(folder)).toString(),
                Integer.toString(steps),
                Integer.toString(pause)));
        ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
        builder.environment().putAll(environment);
        return builder.start();
    }

    private Process rank(int rank, int port, String folder, int steps, int pause) throws IOException {
        return start(
                folder,
                steps,
                pause,
                Map.of(
                        "RANK",
                        Integer.toString(rank),
                        "WORLD_SIZE",
                        "2",
                        "MASTER_ADDR",
                        "127.0.0.1",
                        "MASTER_PORT",
                        Integer.toString(port)));
    }

    private static List<String> lines(Process process) throws IOException {
        try (BufferedReader in = process.inputReader()) {
            return in.lines().toList();
        }
    }

    @Test
    void twoRanksTakeTheStepsOfOne() throws Exception {
        Process alone = start("alone", 10, 0, Map.of());
        List<String> said = lines(alone);
        assertThat(alone.waitFor()).as(String.join("\n", said)).isZero();
        int port = freePort();
        Process zero = rank(0, port, "two", 10, 0);
        Process one = rank(1, port, "two", 10, 0);
        said = lines(zero);
        assertThat(zero.waitFor()).as(String.join("\n", said)).isZero();
        assertThat(one.waitFor()).isZero();
        List<Double> expected = losses("alone");
        List<Double> got = losses("two");
        assertThat(got).hasSize(10);
        for (int i = 0; i < 10; i++) {
            assertThat(got.get(i))
                    .as("loss of step %d", i + 1)
                    .isCloseTo(expected.get(i), within(2e-6 * expected.get(i)));
        }
    }

    @Test
    void aDeadRankEndsTheRunWithACheckpoint() throws Exception {
        int port = freePort();
        Process zero = rank(0, port, "dead", 500, 50);
        Process one = rank(1, port, "dead", 500, 50);
        try (BufferedReader in = zero.inputReader()) {
            String line = in.readLine();
            while (line != null && !line.equals("step 5")) {
                line = in.readLine();
            }
            assertThat(line).as("rank 0 reaches step 5").isNotNull();
            one.destroyForcibly();
            String failed =
                    in.lines().filter(l -> l.startsWith("failed:")).findFirst().orElse("nothing");
            assertThat(failed).contains("another process is gone").contains("to be resumed from");
        }
        assertThat(zero.waitFor(60, TimeUnit.SECONDS)).isTrue();
        assertThat(zero.exitValue()).isEqualTo(1);
        assertThat(new CheckpointStore(dir.resolve("dead/checkpoints"), 1).latest())
                .isPresent();
    }

    @Test
    void theEnvironmentIsChecked() {
        assertThat(GlooReplicas.fromEnvironment(Map.of(), Duration.ofSeconds(1)))
                .isEmpty();
        assertThatThrownBy(() -> GlooReplicas.fromEnvironment(
                        Map.of("WORLD_SIZE", "2", "RANK", "2", "MASTER_PORT", "1", "MASTER_ADDR", "x"),
                        Duration.ofSeconds(1)))
                .isInstanceOf(TrainException.class)
                .hasMessageContaining("RANK must be 0 ... 1, got '2'");
        assertThatThrownBy(() -> GlooReplicas.fromEnvironment(
                        Map.of("WORLD_SIZE", "2", "RANK", "0", "MASTER_PORT", "1"), Duration.ofSeconds(1)))
                .hasMessageContaining("MASTER_ADDR");
    }

    private List<Double> losses(String folder) throws IOException {
        return Files.readAllLines(dir.resolve(folder).resolve("losses.txt")).stream()
                .map(Double::valueOf)
                .toList();
    }
}
