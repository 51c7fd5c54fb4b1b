package dev.trit.format;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/**
 * Reads a Hugging Face {@code config.json} into the metadata keys of GGUF, so that the rest of the program knows one
 * set of names. With A for the architecture:
 *
 * <ul>
 *   <li>{@code general.architecture}: {@code BitNetForCausalLM} is "bitnet-b1.58" with {@code hidden_act} relu2 and
 *       "bitnet" with silu; {@code LlamaForCausalLM} "llama"; {@code Qwen3ForCausalLM} "qwen3".
 *   <li>{@code A.block_count, A.context_length, A.embedding_length, A.feed_forward_length, A.vocab_size,
 *       A.attention.head_count, A.attention.head_count_kv, A.attention.key_length, A.attention.value_length} (Integer),
 *       {@code A.attention.layer_norm_rms_epsilon} (Float).
 *   <li>{@code A.rope.freq_base} (Float), {@code A.rope.dimension_count} (Integer), and when positions are scaled
 *       {@code A.rope.scaling.type} ("linear" or "llama3"), {@code .factor} (Float); for llama3 also {@code
 *       .low_freq_factor, .high_freq_factor} (Float), {@code .original_context_length} (Integer). GGUF files carry
 *       llama3 scaling as the tensor {@code rope_freqs.weight} instead.
 *   <li>{@code trit.bitlinear}, only for ternary models: "direct" or "inverse" (packed codes; what {@code weight_scale}
 *       means) or "online" (master weights; 1bitLLM's {@code BitnetForCausalLM} is, without saying so). {@code
 *       trit.bitlinear.norm_epsilon} (Float) when every linear has a norm
 *       of its own.
 * </ul>
 */
final class HfConfig {
    private final JsonNode config;
    private final Map<String, Object> metadata = new LinkedHashMap<>();

    private HfConfig(JsonNode config) {
        this.config = config;
    }

    /** @throws FormatException without a file, for a model that is not supported or a field out of range */
    static Map<String, Object> metadata(JsonNode config, String name) {
        return new HfConfig(config).read(name);
    }

    private Map<String, Object> read(String name) {
        String architecture = architecture();
        metadata.put("general.architecture", architecture);
        metadata.put("general.name", name);
        String a = architecture + ".";
        int hidden = integer(config, "hidden_size", null);
        int heads = integer(config, "num_attention_heads", null);
        metadata.put(a + "block_count", integer(config, "num_hidden_layers", null));
        metadata.put(a + "context_length", integer(config, "max_position_embeddings", 2048));
        metadata.put(a + "embedding_length", hidden);
        metadata.put(a + "feed_forward_length", integer(config, "intermediate_size", null));
        metadata.put(a + "vocab_size", integer(config, "vocab_size", null));
        metadata.put(a + "attention.head_count", heads);
        metadata.put(a + "attention.head_count_kv", integer(config, "num_key_value_heads", heads));
        int headDim = integer(config, "head_dim", architecture.equals("qwen3") ? 128 : Math.max(1, hidden / heads));
        metadata.put(a + "attention.key_length", headDim);
        metadata.put(a + "attention.value_length", headDim);
        metadata.put(
                a + "attention.layer_norm_rms_epsilon",
                real(config, "rms_norm_eps", architecture.startsWith("bitnet") ? 1e-5 : 1e-6));
        rope(a, headDim);
        bitlinear(architecture);
        if (config.path("use_sliding_window").asBoolean(false)) {
            throw new FormatException("sliding-window attention is not supported", "use_sliding_window false", true);
        }
        return metadata;
    }

    private String architecture() {
        String name = config.path("architectures").path(0).asString("");
        String type = name.isEmpty() ? config.path("model_type").asString("") : "";
        String activation = config.path("hidden_act").asString("silu");
        if (name.equalsIgnoreCase("BitNetForCausalLM") || type.equals("bitnet")) {
            return switch (activation) {
                case "relu2" -> "bitnet-b1.58";
                case "silu" -> "bitnet";
                default -> throw new FormatException("unsupported hidden_act", "relu2 or silu", activation);
            };
        }
        String architecture = switch (name.isEmpty() ? type : name) {
            case "LlamaForCausalLM", "llama" -> "llama";
            case "Qwen3ForCausalLM", "qwen3" -> "qwen3";
            default ->
                throw new FormatException(
                        "unsupported model architecture",
                        "BitNetForCausalLM, LlamaForCausalLM or Qwen3ForCausalLM",
                        name.isEmpty() ? "model_type " + type : name);
        };
        if (!activation.equals("silu")) {
            throw new FormatException("unsupported hidden_act of " + architecture, "silu", activation);
        }
        return architecture;
    }

    /** transformers 5 writes one object rope_parameters; before, rope_theta and the object rope_scaling. */
    private void rope(String a, int headDim) {
        JsonNode parameters = config.path("rope_parameters");
        JsonNode scaling = parameters.isObject() ? parameters : config.path("rope_scaling");
        metadata.put(
                a + "rope.freq_base", real(parameters.has("rope_theta") ? parameters : config, "rope_theta", 10000.0));
        double rotated = real(config, "partial_rotary_factor", 1.0);
        metadata.put(a + "rope.dimension_count", (int) Math.min(headDim, headDim * rotated));
        String type = scaling.path("rope_type").asString(scaling.path("type").asString("default"));
        switch (type) {
            case "default" -> {}
            case "linear" -> {
                metadata.put(a + "rope.scaling.type", type);
                metadata.put(a + "rope.scaling.factor", real(scaling, "factor", null));
            }
            case "llama3" -> {
                metadata.put(a + "rope.scaling.type", type);
                metadata.put(a + "rope.scaling.factor", real(scaling, "factor", null));
                metadata.put(a + "rope.scaling.low_freq_factor", real(scaling, "low_freq_factor", null));
                metadata.put(a + "rope.scaling.high_freq_factor", real(scaling, "high_freq_factor", null));
                metadata.put(
                        a + "rope.scaling.original_context_length",
                        integer(scaling, "original_max_position_embeddings", null));
            }
            default -> throw new FormatException("unsupported rope scaling", "default, linear or llama3", type);
        }
    }

    private void bitlinear(String architecture) {
        JsonNode quantization = config.path("quantization_config");
        if (!quantization.isObject()) {
            if (architecture.startsWith("bitnet") && !unquantizedClass()) {
                metadata.put("trit.bitlinear", "online"); // 1bitLLM's models say nothing
            }
            return;
        }
        String method = quantization.path("quant_method").asString("");
        if (!method.equals("bitnet")) {
            throw new FormatException(
                    "unsupported quantization method", "bitnet, or none", method, "Convert an unquantized checkpoint.");
        }
        String linear = quantization.path("linear_class").asString("bitlinear");
        String mode = quantization.path("quantization_mode").asString("offline");
        metadata.put(
                "trit.bitlinear",
                switch (linear) {
                    case "bitlinear" -> "inverse";
                    case "autobitlinear" -> mode.equals("online") ? "online" : "direct";
                    default -> throw new FormatException("unknown linear_class", "bitlinear or autobitlinear", linear);
                });
        if (quantization.path("use_rms_norm").asBoolean(false)) {
            metadata.put("trit.bitlinear.norm_epsilon", real(quantization, "rms_norm_eps", 1e-6));
        }
    }

    /** transformers' own class computes in full precision where no quantization is named; 1bitLLM's BitnetForCausalLM not. */
    private boolean unquantizedClass() {
        return config.path("architectures").path(0).asString("").equals("BitNetForCausalLM");
    }

    private static int integer(JsonNode in, String key, @Nullable Integer byDefault) {
        JsonNode node = in.path(key);
        if ((node.isMissingNode() || node.isNull()) && byDefault != null) {
            return byDefault;
        }
        if (!node.isIntegralNumber() || !node.canConvertToInt() || node.intValue() < 1) {
            throw new FormatException("%s is not usable".formatted(key), "an integer from 1 on", node);
        }
        return node.intValue();
    }

    private static float real(JsonNode in, String key, @Nullable Double byDefault) {
        JsonNode node = in.path(key);
        if ((node.isMissingNode() || node.isNull()) && byDefault != null) {
            return byDefault.floatValue();
        }
        float value = node.isNumber() ? (float) node.doubleValue() : Float.NaN;
        if (!Float.isFinite(value) || value <= 0) {
            throw new FormatException("%s is not usable".formatted(key), "a number above 0", node);
        }
        return value;
    }

    /** Modules that {@code modules_to_not_convert} leaves in full precision, apart from the head, which always is. */
    static List<String> keptModules(JsonNode config) {
        return config.path("quantization_config")
                .path("modules_to_not_convert")
                .valueStream()
                .map(n -> n.asString(""))
                .filter(n -> !n.isEmpty() && !n.equals("lm_head"))
                .toList();
    }
}
