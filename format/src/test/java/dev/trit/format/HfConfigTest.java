package dev.trit.format;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.node.ObjectNode;

class HfConfigTest {
    private static Map<String, Object> read(String... keyThenJson) {
        ObjectNode config = (ObjectNode) Json.MAPPER.readTree(HfCheckpointTest.CONFIG);
        for (int i = 0; i < keyThenJson.length; i += 2) {
            config.set(keyThenJson[i], Json.MAPPER.readTree(keyThenJson[i + 1]));
        }
        return HfConfig.metadata(config, "test");
    }

    @Test
    void llama() {
        assertThat(read())
                .containsEntry("general.architecture", "llama")
                .containsEntry("llama.block_count", 1)
                .containsEntry("llama.context_length", 64)
                .containsEntry("llama.embedding_length", 8)
                .containsEntry("llama.feed_forward_length", 12)
                .containsEntry("llama.attention.head_count", 2)
                .containsEntry("llama.attention.head_count_kv", 1)
                .containsEntry("llama.attention.key_length", 4)
                .containsEntry("llama.rope.dimension_count", 4)
                .containsEntry("llama.rope.freq_base", 500000f)
                .containsEntry("llama.attention.layer_norm_rms_epsilon", 1e-5f)
                .containsEntry("llama.vocab_size", 4)
                .doesNotContainKeys("trit.bitlinear", "llama.rope.scaling.type");
    }

    @ParameterizedTest
    @CsvSource({
        "BitNetForCausalLM, relu2, bitnet-b1.58",
        "BitNetForCausalLM, silu, bitnet",
        "BitnetForCausalLM, silu, bitnet",
        "LlamaForCausalLM, silu, llama",
        "Qwen3ForCausalLM, silu, qwen3",
    })
    void architectures(String name, String activation, String expected) {
        Map<String, Object> m = read("architectures", "[\"" + name + "\"]", "hidden_act", "\"" + activation + "\"");
        assertThat(m).containsEntry("general.architecture", expected);
        if (name.equals("BitnetForCausalLM")) { // 1bitLLM's own code quantizes without being told
            assertThat(m).containsEntry("trit.bitlinear", "online");
        } else { // transformers' classes do not
            assertThat(m).doesNotContainKey("trit.bitlinear");
        }
    }

    @Test
    void qwen3HeadsAreIndependentOfTheHiddenSize() {
        assertThat(read("architectures", "[\"Qwen3ForCausalLM\"]")).containsEntry("qwen3.attention.key_length", 128);
        assertThat(read("architectures", "[\"Qwen3ForCausalLM\"]", "head_dim", "16"))
                .containsEntry("qwen3.attention.key_length", 16);
    }

    @Test
    void ropeInOldAndNewSpelling() {
        String values =
                "\"factor\": 8.0, \"low_freq_factor\": 1.0, \"high_freq_factor\": 4.0, \"original_max_position_embeddings\": 32}";
        for (Map<String, Object> m : List.of(
                read("rope_scaling", "{\"rope_type\": \"llama3\", " + values),
                read("rope_scaling", "{\"type\": \"llama3\", " + values),
                read("rope_parameters", "{\"rope_type\": \"llama3\", \"rope_theta\": 500000.0, " + values))) {
            assertThat(m)
                    .containsEntry("llama.rope.freq_base", 500000f)
                    .containsEntry("llama.rope.scaling.type", "llama3")
                    .containsEntry("llama.rope.scaling.factor", 8f)
                    .containsEntry("llama.rope.scaling.low_freq_factor", 1f)
                    .containsEntry("llama.rope.scaling.high_freq_factor", 4f)
                    .containsEntry("llama.rope.scaling.original_context_length", 32);
        }
        assertThat(read("rope_scaling", "{\"type\": \"linear\", \"factor\": 2}"))
                .containsEntry("llama.rope.scaling.type", "linear")
                .containsEntry("llama.rope.scaling.factor", 2f);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "{\"quant_method\": \"bitnet\"}|inverse",
                "{\"quant_method\": \"bitnet\", \"linear_class\": \"bitlinear\"}|inverse",
                "{\"quant_method\": \"bitnet\", \"linear_class\": \"autobitlinear\"}|direct",
                "{\"quant_method\": \"bitnet\", \"linear_class\": \"autobitlinear\", \"quantization_mode\": \"offline\"}|direct",
                "{\"quant_method\": \"bitnet\", \"linear_class\": \"autobitlinear\", \"quantization_mode\": \"online\"}|online",
            })
    void meaningOfTheScale(String quantization, String meaning) {
        assertThat(read("quantization_config", quantization)).containsEntry("trit.bitlinear", meaning);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "architectures|[\"MambaForCausalLM\"]|BitNetForCausalLM, LlamaForCausalLM or Qwen3ForCausalLM",
                "architectures|[]|unsupported model architecture",
                "hidden_act|\"gelu\"|unsupported hidden_act",
                "hidden_size|0|hidden_size is not usable",
                "hidden_size|-1|hidden_size is not usable",
                "hidden_size|1e3|hidden_size is not usable",
                "hidden_size|99999999999|hidden_size is not usable",
                "hidden_size|\"8\"|hidden_size is not usable",
                "num_hidden_layers|null|num_hidden_layers is not usable",
                "rms_norm_eps|1e999|rms_norm_eps is not usable",
                "rms_norm_eps|0|rms_norm_eps is not usable",
                "rope_scaling|{\"type\": \"yarn\"}|unsupported rope scaling",
                "rope_scaling|{\"type\": \"linear\"}|factor is not usable",
                "quantization_config|{\"quant_method\": \"gptq\"}|unsupported quantization method",
                "quantization_config|{\"quant_method\": \"bitnet\", \"linear_class\": \"x\"}|unknown linear_class",
                "use_sliding_window|true|sliding-window",
            })
    void isRefused(String key, String json, String message) {
        assertThatThrownBy(() -> read(key, json))
                .isInstanceOf(FormatException.class)
                .hasMessageContaining(message);
    }
}
