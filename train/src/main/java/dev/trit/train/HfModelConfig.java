package dev.trit.train;

import dev.trit.model.Activation;
import dev.trit.model.Config;
import dev.trit.text.Vocabulary;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/**
 * The {@code config.json} that makes a checkpoint's folder a Hugging Face model: its float32 weights are the masters of a
 * ternary model, which transformers and the engine quantize when they load them. Binary masters have no such word there;
 * their folder names a method that nobody reads, so that nobody takes them for ternary ones.
 */
public final class HfModelConfig {
    private HfModelConfig() {}

    /** @param vocabulary for the ids of begin and end; null: not known */
    public static byte[] json(Recipe recipe, @Nullable Vocabulary vocabulary) {
        Config c = recipe.model();
        boolean bitnet = c.subNorms();
        ObjectNode json = JsonMapper.shared().createObjectNode();
        json.putArray("architectures").add(bitnet ? "BitNetForCausalLM" : "LlamaForCausalLM");
        json.put("model_type", bitnet ? "bitnet" : "llama")
                .put("hidden_act", c.activation() == Activation.RELU2 ? "relu2" : "silu")
                .put("hidden_size", c.hidden())
                .put("intermediate_size", c.ffn())
                .put("num_hidden_layers", c.layers())
                .put("num_attention_heads", c.heads())
                .put("num_key_value_heads", c.kvHeads())
                .put("head_dim", c.headDim())
                .put("max_position_embeddings", c.contextLength())
                .put("rms_norm_eps", Double.parseDouble(Float.toString(c.normEps()))) // 1e-5f as 1e-5
                .put("rope_theta", Double.parseDouble(Float.toString(c.ropeTheta())))
                .put("vocab_size", c.vocab())
                .put("tie_word_embeddings", c.tiedHead())
                .put("attention_bias", false)
                .put("mlp_bias", false)
                .put("dtype", "float32");
        json.putObject("rope_parameters")
                .put("rope_type", "default")
                .put("rope_theta", Double.parseDouble(Float.toString(c.ropeTheta())));
        if (vocabulary != null) {
            token(json, "bos_token_id", vocabulary.special().bos());
            token(json, "eos_token_id", vocabulary.special().eos());
        }
        switch (recipe.weights()) {
            case "full" -> {}
            case "b1.58" -> quantizedOnline(json);
            default -> json.putObject("quantization_config").put("quant_method", "bitnet-" + recipe.weights());
        }
        return JsonMapper.shared().writerWithDefaultPrettyPrinter().writeValueAsBytes(json);
    }

    /** The configuration of a model whose matrices are codes times scale already. */
    static byte[] ofCodes(byte[] config) {
        ObjectNode json = (ObjectNode) JsonMapper.shared().readTree(config);
        quantizedOnline(json);
        return JsonMapper.shared().writerWithDefaultPrettyPrinter().writeValueAsBytes(json);
    }

    private static void quantizedOnline(ObjectNode json) {
        json.putObject("quantization_config")
                .put("quant_method", "bitnet")
                .put("linear_class", "autobitlinear")
                .put("quantization_mode", "online");
    }

    private static void token(ObjectNode json, String key, int id) {
        if (id >= 0) {
            json.put(key, id);
        }
    }
}
