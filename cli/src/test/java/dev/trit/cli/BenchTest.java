package dev.trit.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

class BenchTest {
    /** Bytes of keys and values of a position: layers, keys and values, heads, width, float. */
    private static final double POSITION = 2 * 2 * 2 * 64 * 4;

    @Test
    void measuresEveryTestWithEveryThreadCount() {
        Captured run = Captured.trit(
                "bench",
                "--shape",
                "tiny",
                "-p",
                "40,8",
                "-n",
                "6",
                "-t",
                "1,2",
                "-r",
                "2",
                "--warm-up",
                "0",
                "--json");
        assertThat(run.err()).isEmpty();
        assertThat(run.status()).isZero();
        JsonNode rows = JsonMapper.shared().readTree(run.out());
        assertThat(rows.valueStream()
                        .map(r -> r.get("test").asString() + " "
                                + r.get("threads").asInt()))
                .containsExactly("pp40 1", "pp8 1", "tg6 1", "pp40 2", "pp8 2", "tg6 2");
        for (JsonNode row : rows.values()) {
            assertThat(row.propertyNames())
                    .containsExactly(
                            "test",
                            "threads",
                            "tokens_per_s",
                            "sd",
                            "bytes_per_token",
                            "gb_per_s",
                            "bandwidth_bound_gb_per_s",
                            "kernels",
                            "head",
                            "kv");
            assertThat(row.get("head").asString()).isEqualTo("exact"); // the vocabulary is too small for a screen
            double bytes = row.get("bytes_per_token").asDouble();
            assertThat(row.get("gb_per_s").asDouble())
                    .isCloseTo(row.get("tokens_per_s").asDouble() * bytes / 1e9, within(1e-9));
            assertThat(row.get("bandwidth_bound_gb_per_s").asDouble()).isGreaterThan(0.5);
        }
        double generation = rows.get(2).get("bytes_per_token").asDouble() - 3 * POSITION; // on average
        double embedding = 512 * 256 * 2; // the tied head, in F16
        double trits = 2 * (3.0 * 256 * 512 + 256 * (256 + 2 * 128 + 256)) / 4; // two bits each
        assertThat(generation).isBetween(embedding + trits, 1.1 * (embedding + trits));
        assertThat(rows.get(0).get("bytes_per_token").asDouble())
                .isCloseTo(generation / 40 + 20 * POSITION / 40, within(1.0));
    }

    @Test
    void generatesTextsTogether() {
        Captured run = Captured.trit(
                "bench",
                "--shape",
                "tiny",
                "-p",
                "0",
                "-n",
                "5",
                "--batch",
                "1,4",
                "-t",
                "1",
                "-r",
                "1",
                "--warm-up",
                "0",
                "--json");
        assertThat(run.err()).isEmpty();
        assertThat(run.status()).isZero();
        JsonNode rows = JsonMapper.shared().readTree(run.out());
        assertThat(rows.valueStream().map(r -> r.get("test").asString())).containsExactly("tg5", "tg5x1", "tg5x4");
        double alone = rows.get(0).get("bytes_per_token").asDouble();
        assertThat(rows.get(1).get("bytes_per_token").asDouble()).isEqualTo(alone);
        assertThat(rows.get(2).get("bytes_per_token").asDouble())
                .isEqualTo((alone - 2.5 * POSITION) / 4 + 2.5 * POSITION);
        assertThat(rows.get(2).get("tokens_per_s").asDouble()).isPositive();
    }

    @Test
    void measuresAtADepthOfContext() {
        Captured run = Captured.trit(
                "bench",
                "--shape",
                "tiny",
                "-p",
                "4",
                "-n",
                "4",
                "-d",
                "0,70",
                "--kv",
                "q8",
                "-t",
                "2",
                "-r",
                "1",
                "--warm-up",
                "0",
                "--json");
        assertThat(run.err()).isEmpty();
        assertThat(run.status()).isZero();
        JsonNode rows = JsonMapper.shared().readTree(run.out());
        assertThat(rows.valueStream().map(r -> r.get("test").asString()))
                .containsExactly("pp4", "pp4@d70", "tg4", "tg4@d70");
        double position = 2 * 2 * 2 * (64 + 4);
        assertThat(rows.get(3).get("bytes_per_token").asDouble()
                        - rows.get(2).get("bytes_per_token").asDouble())
                .isEqualTo(70 * position);
        assertThat(rows.get(3).get("kv").asString()).isEqualTo("q8");
    }

    @Test
    void saysWhereTheTimeOfATokenGoes() {
        Captured run = Captured.trit(
                "bench",
                "--shape",
                "tiny",
                "--profile",
                "-n",
                "5",
                "-d",
                "0,70",
                "-t",
                "2",
                "--warm-up",
                "0",
                "--json");
        JsonNode profiles = JsonMapper.shared().readTree(run.out());
        boolean enough = profiles.valueStream().allMatch(p -> p.get("accounted").asDouble() >= 0.95);
        assertThat(run.status()).isEqualTo(enough ? 0 : 1); // of so small a model much is calls, and machines are busy
        assertThat(run.err().contains("of the time at depth")).isEqualTo(!enough);
        assertThat(profiles.valueStream().map(p -> p.get("depth").asInt())).containsExactly(0, 70);
        for (JsonNode profile : profiles.values()) {
            assertThat(profile.get("accounted").asDouble()).isGreaterThan(0.5);
            assertThat(profile.get("parts").valueStream().map(p -> p.get("part").asString()))
                    .contains(
                            "ternary",
                            "head",
                            "scores",
                            "softmax",
                            "mix",
                            "quantize",
                            "norm",
                            "rope",
                            "wait",
                            "sampling");
        }
        assertThat(Captured.trit("bench", "--shape", "tiny", "--profile", "-n", "5", "-d", "3", "--warm-up", "0")
                        .out())
                .contains("depth 3, 5 tokens", "ternary products", "attention: softmax", "barriers a token");
    }

    @Test
    void knowsTheTypesOfKeysAndValues() {
        Captured run = Captured.trit("bench", "--shape", "tiny", "--kv", "q4");
        assertThat(run.status()).isEqualTo(ExitCode.USAGE.status());
        assertThat(run.err()).contains("--kv: expected f32, f16 or q8, got 'q4'");
    }

    @Test
    void takesAModelOrAShapeNotBoth() {
        Captured run = Captured.trit("bench", "-m", Fixtures.path("llama-dense-tiny"), "--shape", "tiny");
        assertThat(run.status()).isEqualTo(ExitCode.USAGE.status());
        assertThat(run.err()).contains("--model=MODEL", "--shape", "mutually exclusive");
    }

    @Test
    void continuesTextsWithAndWithoutSpeculation(@TempDir Path folder) throws IOException {
        Path text = Files.writeString(folder.resolve("text.txt"), "abcabcabc abcabcabc ");
        String model = Fixtures.path("llama-dense-tiny");
        for (String[] how : new String[][] {{"--speculate", "ngram"}, {"--draft", model}}) {
            Captured run = Captured.trit(
                    "bench", "-m", model, how[0], how[1], "-f", text.toString(), "-n", "60", "-r", "2", "--json");
            assertThat(run.err()).isEmpty();
            assertThat(run.status()).isZero();
            JsonNode row = JsonMapper.shared().readTree(run.out()).get(0);
            assertThat(row.propertyNames())
                    .containsExactly(
                            "test",
                            "file",
                            "threads",
                            "tokens",
                            "plain_tokens_per_s",
                            "tokens_per_s",
                            "speed_up",
                            "slowest",
                            "drafted",
                            "accepted",
                            "acceptance",
                            "kernels",
                            "head");
            assertThat(row.get("test").asString()).isEqualTo("spec60");
            assertThat(row.get("tokens").asInt()).isBetween(2, 60);
            assertThat(row.get("tokens_per_s").asDouble()).isPositive();
            assertThat(row.get("speed_up").asDouble())
                    .isGreaterThanOrEqualTo(row.get("slowest").asDouble());
            assertThat(row.get("accepted").asInt())
                    .isLessThanOrEqualTo(row.get("drafted").asInt());
        }
    }

    @Test
    void speculationNeedsATextAndATextSpeculation(@TempDir Path folder) {
        String file = folder.resolve("none.txt").toString();
        for (String[] half : new String[][] {{"--speculate", "ngram"}, {"-f", file}}) {
            Captured run = Captured.trit("bench", half[0], half[1]);
            assertThat(run.status()).isEqualTo(ExitCode.USAGE.status());
            assertThat(run.err()).contains("-f FILE").hasLineCount(1);
        }
        Captured missing =
                Captured.trit("bench", "-m", Fixtures.path("llama-dense-tiny"), "--speculate", "ngram", "-f", file);
        assertThat(missing.status()).isEqualTo(ExitCode.NO_FILE.status());
        assertThat(missing.err()).contains(file).hasLineCount(1);
    }
}
