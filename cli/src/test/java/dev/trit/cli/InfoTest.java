package dev.trit.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.trit.format.GgmlType;
import dev.trit.format.GgufWriter;
import dev.trit.format.Tq2_0;
import dev.trit.tensor.KernelsProvider;
import dev.trit.tensor.Scales;
import dev.trit.tensor.TernaryTensor;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

class InfoTest {
    @ParameterizedTest
    @ValueSource(strings = {"native", "scalar", "vector"})
    void namesTheKernelsThatWereAskedFor(String kernels) {
        assumeTrue(!kernels.equals("native") || KernelsProvider.nativeRefusal() == null, "no native kernels here");
        Captured run = Captured.trit("info", "--json", "--kernels", kernels);
        assertThat(run.status()).isZero();
        JsonNode facts = JsonMapper.shared().readTree(run.out());
        assertThat(facts.propertyNames())
                .containsExactly(
                        "trit",
                        "jdk",
                        "machine",
                        "kernels",
                        "kernels_reason",
                        "layout",
                        "layout_reason",
                        "head",
                        "head_guarantee",
                        "kv");
        assertThat(facts.get("head").asString()).isEqualTo("exact");
        assertThat(facts.get("kv").asString()).isEqualTo("f32");
        assertThat(facts.get("head_guarantee").asString()).isEqualTo("every logit is computed");
        assertThat(facts.get("kernels").asString()).isEqualTo(kernels);
        assertThat(facts.get("machine").get("processors").asInt()).isPositive();
        assertThat(facts.get("machine").get("heap_bytes").asLong()).isPositive();
    }

    @Test
    void speaksToPeople() {
        Captured run = Captured.trit("info", "--kernels", "scalar");
        assertThat(run.status()).isZero();
        assertThat(run.out().lines())
                .anyMatch(line -> line.startsWith("machine "))
                .anyMatch(line -> line.startsWith("kernels    scalar"));
        assertThat(run.err()).isEmpty();
    }

    @Test
    void unknownKernelsAreAMistakeOfTheCaller() {
        Captured run = Captured.trit("info", "--kernels", "gpu");
        assertThat(run.status()).isEqualTo(ExitCode.USAGE.status());
        assertThat(run.err()).isEqualTo("trit: --kernels: expected native, vector or scalar, got 'gpu'\n");
    }

    @Test
    void describesACheckpoint() {
        Captured run = Captured.trit("info", "--json", Fixtures.path("llama-dense-sharded"));
        assertThat(run.status()).isZero();
        JsonNode model = JsonMapper.shared().readTree(run.out()).get("model");
        assertThat(model.get("container").asString()).isEqualTo("safetensors");
        assertThat(model.get("architecture").asString()).isEqualTo("llama");
        assertThat(model.get("parameters").asLong()).isEqualTo(75_696);
        assertThat(model.get("shape").get("block_count").asInt()).isEqualTo(2);
        assertThat(model.get("types").get("F32").get("tensors").asInt()).isEqualTo(21);
        long byKind = 0;
        for (JsonNode bytes : model.get("bytes_by_kind").values()) {
            byKind += bytes.asLong();
        }
        assertThat(byKind).isEqualTo(model.get("bytes").asLong()).isEqualTo(4 * 75_696);
        assertThat(model.get("trits")).isEmpty();
        JsonNode tokenizer = model.get("tokenizer");
        assertThat(tokenizer.get("kind").asString()).isEqualTo("byte_bpe");
        assertThat(tokenizer.get("tokens").asInt()).isEqualTo(258);
        assertThat(tokenizer.get("bos").asInt()).isEqualTo(256);
        assertThat(tokenizer.get("template").asString()).startsWith("{{ bos_token }}");
        assertThat(model.get("warnings")).isEmpty();
    }

    @Test
    void aFileThatIsNotThereAndOneThatIsNoModelHaveTheirOwnStatus() {
        Captured absent = Captured.trit("info", "absent.gguf");
        assertThat(absent.status()).isEqualTo(ExitCode.NO_FILE.status());
        assertThat(absent.err()).isEqualTo("trit: absent.gguf: no such file or directory\n");
        Captured noModel = Captured.trit("info", "pom.xml");
        assertThat(noModel.status()).isEqualTo(ExitCode.BAD_MODEL.status());
        assertThat(noModel.err()).startsWith("trit: pom.xml: ").hasLineCount(1);
    }

    @ParameterizedTest
    @ValueSource(strings = {"bitnet-tiny", "bitnet-tiny-packed", "llama-bitlinear-tiny"})
    void countsTheTritsOfEveryBlock(String fixture) {
        Captured run = Captured.trit("info", "--json", Fixtures.path(fixture));
        assertThat(run.status()).isZero();
        JsonNode model = JsonMapper.shared().readTree(run.out()).get("model");
        assertThat(model.get("trits"))
                .hasSize(model.get("shape").get("block_count").asInt());
        for (JsonNode block : model.get("trits").values()) {
            double sum = block.get("minus").asDouble()
                    + block.get("zero").asDouble()
                    + block.get("plus").asDouble();
            assertThat(sum).isCloseTo(1, within(1e-12));
            assertThat(block.get("zero").asDouble()).isBetween(0.2, 0.5);
        }
        assertThat(model.get("warnings")).isEmpty();
    }

    @Test
    void theDoctorNamesWhatIsOdd(@TempDir Path folder) throws IOException {
        Path file = folder.resolve("odd.gguf");
        byte[] zeros = new byte[256 * 256];
        zeros[7] = 1;
        var matrix = TernaryTensor.of(256, 256, zeros, Scales.perTensor(64));
        new GgufWriter(file)
                .put("general.architecture", "llama")
                .put("general.file_type", 36)
                .put("tokenizer.ggml.model", "gpt2")
                .put("tokenizer.ggml.tokens", List.of("a", "b", "ab"))
                .put("tokenizer.ggml.merges", List.of("a b"))
                .matrix("blk.0.attn_q.weight", GgmlType.TQ2_0, new Tq2_0(), matrix)
                .write();
        Captured run = Captured.trit("info", file.toString());
        assertThat(run.status()).isZero();
        assertThat(run.out().lines().filter(line -> line.startsWith("warning")))
                .anyMatch(line -> line.contains("tokenizer.ggml.pre is missing"))
                .anyMatch(line -> line.contains("no chat template"))
                .anyMatch(line -> line.contains("scale of 64") && line.contains("inverse"))
                .anyMatch(line -> line.contains("100.0% zeros"))
                .anyMatch(line -> line.contains("general.file_type 36 says TQ1_0"));
    }
}
