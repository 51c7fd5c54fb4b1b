package dev.trit.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

class ConvertTest {
    @TempDir
    @SuppressWarnings("NullAway.Init")
    Path dir;

    private String synthetic() {
        String in = dir.resolve("in.gguf").toString();
        assertThat(Captured.trit("synth", "--shape", "tiny", in).status()).isZero();
        return in;
    }

    private List<String> files() throws IOException {
        try (Stream<Path> files = Files.list(dir)) {
            return files.map(p -> String.valueOf(p.getFileName())).sorted().toList();
        }
    }

    @Test
    void losslessFormsKeepEveryBitAndCanBeConvertedBack() throws IOException {
        String in = synthetic();
        String tq = dir.resolve("tq.gguf").toString();
        String back = dir.resolve("back.gguf").toString();
        Captured there = Captured.trit("convert", in, tq, "--type", "tq2_0", "--json");
        assertThat(there.err()).isEmpty();
        assertThat(there.status()).isZero();
        JsonNode facts = JsonMapper.shared().readTree(there.out());
        assertThat(facts.get("bit_equal").asBoolean()).isTrue();
        assertThat(facts.get("losses").isEmpty()).isTrue();
        assertThat(facts.get("bytes").asLong()).isEqualTo(Files.size(Path.of(tq)));
        assertThat(Captured.trit("convert", tq, back, "--type", "i2_s").out()).contains("equal to the bit");
        assertThat(files()).containsExactly("back.gguf", "in.gguf", "tq.gguf");
        String prompt = "Once upon a time";
        assertThat(Captured.trit("run", prompt, "-m", back, "-n", "12", "--temp", "0")
                        .out())
                .isEqualTo(Captured.trit("run", prompt, "-m", in, "-n", "12", "--temp", "0")
                        .out());
    }

    @Test
    void aDirectoryOfHuggingFaceFilesRunsLikeTheFile() {
        String in = synthetic();
        String packed = dir.resolve("packed").toString();
        Captured run = Captured.trit("convert", in, packed, "--type", "hf-packed", "--json");
        assertThat(run.status()).as(run.err()).isZero();
        assertThat(dir.resolve("packed/tokenizer.json")).exists();
        String prompt = "Once upon a time";
        assertThat(Captured.trit("run", prompt, "-m", packed, "-n", "8", "--temp", "0")
                        .out())
                .isEqualTo(Captured.trit("run", prompt, "-m", in, "-n", "8", "--temp", "0")
                        .out());
        Captured again = Captured.trit("convert", in, packed, "--type", "hf-packed");
        assertThat(again.status()).isEqualTo(ExitCode.USAGE.status());
        assertThat(again.err()).contains("exists already");
    }

    @Test
    void lossesAreNamedAndTooLargeOnesRefused() throws IOException {
        String in = synthetic();
        String out = dir.resolve("out.gguf").toString();
        Captured refused =
                Captured.trit("convert", in, out, "--type", "i2_s", "--embedding-type", "q6_k", "--tolerance", "0");
        assertThat(refused.status()).isEqualTo(ExitCode.FAILURE.status());
        assertThat(refused.err()).contains("refused").contains("--tolerance");
        assertThat(files()).containsExactly("in.gguf");
        Captured run = Captured.trit("convert", in, out, "--type", "i2_s", "--embedding-type", "q6_k", "--json");
        assertThat(run.status()).as(run.err()).isZero();
        JsonNode facts = JsonMapper.shared().readTree(run.out());
        assertThat(facts.get("losses").isEmpty()).isFalse();
        assertThat(facts.get("logits_difference").asDouble()).isBetween(1e-9, 0.05);
    }

    @Test
    void mistakesAreOneLine() {
        String in = synthetic();
        String out = dir.resolve("out.gguf").toString();
        assertThat(Captured.trit("convert", in, out, "--type", "i3_s").err())
                .contains("i3_s")
                .contains("tq2_0");
        assertThat(Captured.trit("convert", in, in).err()).contains("same file");
        assertThat(Captured.trit("convert", in, out, "--embedding-type", "q4_0").err())
                .contains("--embedding-type")
                .contains("q6_k");
        Captured absent = Captured.trit("convert", dir.resolve("no.gguf").toString(), out);
        assertThat(absent.status()).isEqualTo(ExitCode.NO_FILE.status());
    }
}
