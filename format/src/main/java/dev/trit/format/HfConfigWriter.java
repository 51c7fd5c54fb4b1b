package dev.trit.format;

import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** Metadata under GGUF's keys to a Hugging Face {@code config.json}: {@link HfConfig} the other way round. */
final class HfConfigWriter {
    private final Checkpoint in;
    private final String prefix;
    private final ObjectNode config = Json.MAPPER.createObjectNode();

    private HfConfigWriter(Checkpoint in) {
        this.in = in;
        this.prefix = in.architecture() + ".";
    }

    /**
     * The configuration of {@code in}, without quantization: the file of a Hugging Face checkpoint as it is, or one made
     * from metadata.
     *
     * @throws FormatException if transformers has no model of this architecture
     */
    static ObjectNode of(Checkpoint in, @Nullable RopeFactors factors) {
        ObjectNode config = in instanceof HfCheckpoint hf
                ? (ObjectNode) hf.config().deepCopy()
                : new HfConfigWriter(in).write(factors);
        config.remove("quantization_config");
        if (in.architecture().startsWith("bitnet")) { // 1bitLLM's spelling is no class of transformers
            config.putArray("architectures").add("BitNetForCausalLM");
            config.put("model_type", "bitnet");
        }
        return config;
    }

    private ObjectNode write(@Nullable RopeFactors factors) {
        String architecture = in.architecture();
        String model = switch (architecture) {
            case "llama" -> "Llama";
            case "qwen3" -> "Qwen3";
            case "bitnet", "bitnet-25", "bitnet-b1.58" -> "BitNet";
            default ->
                throw new FormatException(
                        "no Hugging Face model of this architecture is written",
                        "llama, qwen3 or bitnet",
                        architecture);
        };
        boolean relu2 = architecture.equals("bitnet-25") || architecture.equals("bitnet-b1.58");
        config.putArray("architectures").add(model + "ForCausalLM");
        config.put("model_type", model.toLowerCase(Locale.ROOT));
        config.put("hidden_act", relu2 ? "relu2" : "silu");
        config.put("hidden_size", integer("embedding_length"));
        config.put("intermediate_size", integer("feed_forward_length"));
        config.put("num_hidden_layers", integer("block_count"));
        config.put("num_attention_heads", integer("attention.head_count"));
        config.put("num_key_value_heads", integer("attention.head_count_kv"));
        config.put("head_dim", headDim(in));
        config.put("max_position_embeddings", integer("context_length"));
        config.put("rms_norm_eps", real("attention.layer_norm_rms_epsilon", null));
        config.put("vocab_size", in.tensor("token_embd.weight").rows());
        config.put("tie_word_embeddings", !in.has("output.weight"));
        config.put("attention_bias", in.has("blk.0.attn_q.bias"));
        config.put("mlp_bias", in.has("blk.0.ffn_up.bias"));
        token("bos_token_id");
        token("eos_token_id");
        rope(factors);
        return config;
    }

    /** In both places: transformers 5 reads rope_parameters, older versions and other readers rope_theta. */
    private void rope(@Nullable RopeFactors factors) {
        double theta = real("rope.freq_base", 10_000.0);
        config.put("rope_theta", theta);
        ObjectNode parameters = config.putObject("rope_parameters");
        parameters.put("rope_theta", theta);
        Object type = in.metadata().get(prefix + "rope.scaling.type");
        if (factors != null) {
            parameters.put("rope_type", "llama3");
            parameters.put("factor", factors.factor());
            parameters.put("low_freq_factor", factors.lowFreqFactor());
            parameters.put("high_freq_factor", factors.highFreqFactor());
            parameters.put("original_max_position_embeddings", factors.originalContext());
            config.set("rope_scaling", parameters.deepCopy());
        } else if ("linear".equals(type)) {
            parameters.put("rope_type", "linear");
            parameters.put("factor", real("rope.scaling.factor", null));
            config.set("rope_scaling", parameters.deepCopy());
        } else if (type == null || "none".equals(type)) {
            parameters.put("rope_type", "default");
        } else {
            throw new FormatException("rope scaling that is not written to config.json", "linear or llama3", type);
        }
    }

    private void token(String key) {
        if (in.metadata().get("tokenizer.ggml." + key) instanceof Number id) {
            config.put(key, id.intValue());
        }
    }

    private int integer(String key) {
        return integer(in, key);
    }

    /** A count under the architecture's prefix. */
    static int integer(Checkpoint in, String key) {
        Object value = in.metadata().get(in.architecture() + "." + key);
        if (value instanceof Integer n && n > 0) {
            return n;
        }
        throw new FormatException("metadata %s.%s is not usable".formatted(in.architecture(), key), "a count", value)
                .at(in.path(), null);
    }

    /** Rows of a head of the query projection. */
    static int headDim(Checkpoint in) {
        Map<String, Object> metadata = in.metadata();
        return metadata.get(in.architecture() + ".attention.key_length") instanceof Integer n && n > 0
                ? n
                : integer(in, "embedding_length") / integer(in, "attention.head_count");
    }

    private double real(String key, @Nullable Double byDefault) {
        Object value = in.metadata().get(prefix + key);
        if (value == null && byDefault != null) {
            return byDefault;
        }
        if (value instanceof Number n) {
            return Double.parseDouble(n.toString()); // 1e-5f is to be written as 1e-5
        }
        throw new FormatException("metadata %s%s is not usable".formatted(prefix, key), "a number", value)
                .at(in.path(), null);
    }

    /** The object that tells transformers of packed codes with a direct {@code weight_scale}, as Microsoft's files do. */
    static void packed(ObjectNode config) {
        ObjectNode quantization = config.putObject("quantization_config");
        quantization.put("quant_method", "bitnet");
        quantization.put("linear_class", "autobitlinear");
        quantization.put("quantization_mode", "offline");
        quantization.putNull("modules_to_not_convert");
    }

    /** The object that says that weights are masters, as the source has it if it is a Hugging Face checkpoint. */
    static void masters(ObjectNode config, @Nullable JsonNode source) {
        if (source != null && source.path("quantization_config").isObject()) {
            config.set("quantization_config", source.path("quantization_config").deepCopy());
            return;
        }
        ObjectNode quantization = config.putObject("quantization_config");
        quantization.put("quant_method", "bitnet");
        quantization.put("linear_class", "autobitlinear");
        quantization.put("quantization_mode", "online");
    }
}
