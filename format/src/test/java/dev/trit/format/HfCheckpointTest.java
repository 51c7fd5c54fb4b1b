package dev.trit.format;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.withinPercentage;

import dev.trit.tensor.FloatTensor;
import dev.trit.tensor.TernaryTensor;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class HfCheckpointTest {
    static final String CONFIG = """
            {"architectures": ["LlamaForCausalLM"], "hidden_size": 8, "intermediate_size": 12,
             "num_hidden_layers": 1, "num_attention_heads": 2, "num_key_value_heads": 1, "vocab_size": 4,
             "rms_norm_eps": 1e-5, "max_position_embeddings": 64, "rope_theta": 500000.0}""";

    @TempDir
    Path dir;

    @Test
    void shardsAndOneFileGiveTheSameTensors() throws IOException {
        Files.writeString(dir.resolve("config.json"), CONFIG);
        SafetensorsWriter writer = new SafetensorsWriter()
                .tensor("model.embed_tokens.weight", FloatTensor.of(4, 2, 1, 2, 3, 4, 5, 6, 7, 8), 4, 2)
                .tensor("model.layers.0.input_layernorm.weight", FloatTensor.of(1, 2, 9, 10), 2)
                .tensor("lm_head.weight", FloatTensor.of(2, 2, 11, 12, 13, 14), 2, 2);
        List<Path> files = writer.writeSharded(dir, 20);
        assertThat(files)
                .extracting(f -> f.getFileName().toString())
                .containsExactly(
                        "model-00001-of-00003.safetensors",
                        "model-00002-of-00003.safetensors",
                        "model-00003-of-00003.safetensors",
                        "model.safetensors.index.json");
        check();
        for (Path file : files) {
            Files.delete(file);
        }
        assertThat(writer.writeSharded(dir, 1 << 20)).containsExactly(dir.resolve("model.safetensors"));
        check();
    }

    private void check() {
        try (Checkpoint c = Checkpoint.open(dir);
                Arena arena = Arena.ofConfined()) {
            assertThat(c.container()).isEqualTo("safetensors");
            assertThat(c.architecture()).isEqualTo("llama");
            assertThat(c.ropeInterleaved()).isFalse();
            assertThat(c.masterWeights()).isFalse();
            assertThat(c.warnings()).isEmpty();
            assertThat(c.tensors())
                    .extracting(StoredTensor::name)
                    .containsExactly("token_embd.weight", "blk.0.attn_norm.weight", "output.weight");
            assertThat(c.tensor("blk.0.attn_norm.weight").rows()).isEqualTo(1);
            assertThat(c.tensor("token_embd.weight").floats(arena).toFloats()).containsExactly(1, 2, 3, 4, 5, 6, 7, 8);
            assertThat(c.tensor("output.weight").floats(arena).toFloats()).containsExactly(11, 12, 13, 14);
            assertThatThrownBy(() -> c.tensor("blk.0.attn_q.weight"))
                    .isInstanceOf(FormatException.class)
                    .hasMessageContaining("model.layers.0.self_attn.q_proj.weight");
        }
    }

    @Test
    void readsTheSharedFixtures() {
        try (HfCheckpoint c = HfCheckpoint.open(SharedData.path("fixtures/hf-bitnet-tiny"))) {
            assertThat(c.architecture()).isEqualTo("bitnet-b1.58");
            assertThat(c.masterWeights()).isTrue();
            assertThat(c.metadata())
                    .containsEntry("trit.bitlinear", "online")
                    .containsEntry("bitnet-b1.58.rope.freq_base", 500000f)
                    .containsEntry("bitnet-b1.58.attention.key_length", 64);
            assertThat(c.has("blk.1.ffn_sub_norm.weight")).isTrue();
            assertThat(c.has("output.weight")).isFalse();
            assertThat(c.generationConfig()).isPresent();
            assertThat(c.warnings()).isEmpty();
        }
        try (HfCheckpoint c = HfCheckpoint.open(SharedData.path("fixtures/hf-bitnet-tiny-packed"))) {
            assertThat(c.metadata()).containsEntry("trit.bitlinear", "direct");
            StoredTensor down = c.tensor("blk.0.ffn_down.weight");
            assertThat(down.type()).isEqualTo("HF packed");
            assertThat(down.rows()).isEqualTo(256);
            assertThat(down.cols()).isEqualTo(512);
            assertThat(c.masterWeights()).isFalse();
        }
        try (HfCheckpoint c = HfCheckpoint.open(SharedData.path("fixtures/hf-llama-bitlinear-tiny-packed"))) {
            assertThat(c.metadata()).containsEntry("trit.bitlinear", "inverse");
            assertThat(c.tensor("blk.1.attn_k.weight").rows()).isEqualTo(128);
            assertThat(c.has("output.weight")).isTrue();
            assertThat(c.tensors()).noneMatch(t -> t.storedName().endsWith("weight_scale"));
        }
    }

    @Test
    void anIndexMayNotPointElsewhere() throws IOException {
        Files.writeString(dir.resolve("config.json"), CONFIG);
        for (String shard : List.of(
                "../other.safetensors",
                "/etc/passwd",
                "a/b.safetensors",
                "C:\\\\x.safetensors",
                "..",
                "",
                "model.safetensors.index.json",
                "config.json")) {
            assertIndexRefused("{\"weight_map\": {\"a\": \"" + shard + "\"}}", "a file that is no shard");
        }
        assertIndexRefused("{\"weight_map\": {\"a\": 1}}", "no shard");
        assertIndexRefused("{\"weight_map\": {\"a\": \"absent.safetensors\"}}", "no such file");
        assertIndexRefused("{\"weight_map\": []}", "weight_map is missing");
        assertIndexRefused("{}", "weight_map is missing");
        assertIndexRefused("[]", "not a JSON object");
        assertIndexRefused("", "not a JSON object");
        assertIndexRefused("[".repeat(1000), "not valid JSON");
    }

    @Test
    void aShardThatIsTheIndexItselfIsNoCycle() throws IOException {
        Files.writeString(dir.resolve("config.json"), CONFIG);
        String index = "{\"weight_map\": {\"a\": \"loop.safetensors\"}}";
        Files.writeString(dir.resolve("loop.safetensors"), index);
        assertIndexRefused(index, "the header length cannot be right");
    }

    @Test
    void aTensorThatTheShardLacksIsMissed() throws IOException {
        Files.writeString(dir.resolve("config.json"), CONFIG);
        new SafetensorsWriter()
                .tensor("model.norm.weight", FloatTensor.of(1, 2, 9, 10), 2)
                .write(dir.resolve("s.safetensors"));
        assertIndexRefused(
                "{\"weight_map\": {\"model.norm.weight\": \"s.safetensors\", \"lm_head.weight\": \"s.safetensors\"}}",
                "tensor lm_head.weight: the index promises it");
    }

    private void assertIndexRefused(String index, String message) throws IOException {
        Files.writeString(dir.resolve("model.safetensors.index.json"), index);
        assertThatThrownBy(() -> Checkpoint.open(dir))
                .isInstanceOf(FormatException.class)
                .hasMessageContaining(message);
    }

    @Test
    void oddCheckpointsAreReadWithWarnings() throws IOException {
        Files.writeString(dir.resolve("config.json"), CONFIG);
        new SafetensorsWriter()
                .tensor("model.norm.weight", FloatTensor.of(1, 2, 9, 10), 2)
                .tensor("model.layers.0.self_attn.rotary_emb.inv_freq", FloatTensor.of(1, 2, 1, 2), 2)
                .tensor("model.layers.0.something.weight", FloatTensor.of(1, 2, 1, 2), 2)
                .write(dir.resolve("model.safetensors"));
        try (Checkpoint c = Checkpoint.open(dir)) {
            assertThat(c.tensors())
                    .extracting(StoredTensor::name)
                    .containsExactly("output_norm.weight", "model.layers.0.something.weight");
            assertThat(c.warnings())
                    .hasSize(2)
                    .anyMatch(w -> w.contains("something"))
                    .anyMatch(w -> w.contains("lm_head"));
        }
        try (Checkpoint c = Checkpoint.open(dir.resolve("model.safetensors"))) {
            assertThat(c.architecture()).isEqualTo("llama");
        }
    }

    @Test
    void twoSpellingsOfOneTensorAreRefused() throws IOException {
        Files.writeString(dir.resolve("config.json"), CONFIG);
        new SafetensorsWriter()
                .tensor("model.norm.weight", FloatTensor.of(1, 2, 9, 10), 2)
                .tensor("norm.weight", FloatTensor.of(1, 2, 9, 10), 2)
                .write(dir.resolve("model.safetensors"));
        assertThatThrownBy(() -> Checkpoint.open(dir))
                .isInstanceOf(FormatException.class)
                .hasMessageContaining("two spellings");
    }

    @Test
    void aDirectoryWithoutWeightsSaysWhatItNeeds() throws IOException {
        Files.writeString(dir.resolve("config.json"), CONFIG);
        assertThatThrownBy(() -> Checkpoint.open(dir))
                .isInstanceOf(FormatException.class)
                .hasMessageContaining("model.safetensors");
    }

    @Test
    void masterWeightsQuantizeToWhatTransformersPacked() {
        try (Checkpoint masters = Checkpoint.open(SharedData.path("fixtures/hf-bitnet-tiny"));
                Checkpoint packed = Checkpoint.open(SharedData.path("fixtures/hf-bitnet-tiny-packed"));
                Arena arena = Arena.ofConfined()) {
            int matrices = 0;
            for (StoredTensor t : packed.tensors()) {
                if (t.ternary()) {
                    TernaryTensor expected = t.trits(arena);
                    TernaryTensor got = masters.tensor(t.name()).trits(arena);
                    assertThat(got.toBytes()).as(t.name()).isEqualTo(expected.toBytes());
                    assertThat(got.scales().values()[0])
                            .isCloseTo(expected.scales().values()[0], withinPercentage(1e-4)); // torch sums in float
                    matrices++;
                }
            }
            assertThat(matrices).isEqualTo(14);
        }
    }
}
