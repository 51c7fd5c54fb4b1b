package dev.trit.format;

import java.util.HashMap;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Tensor names of Hugging Face checkpoints and of GGUF, as a table to be read in both directions. */
public final class TensorNames {
    /** Outside the layers. */
    private static final String[][] MODEL = {
        {"model.embed_tokens", "token_embd"},
        {"model.norm", "output_norm"},
        {"lm_head", "output"},
    };

    /** Inside layer i: {@code model.layers.i.X} and {@code blk.i.Y}. The first of several spellings is written. */
    private static final String[][] LAYER = {
        {"input_layernorm", "attn_norm"},
        {"self_attn.q_proj", "attn_q"},
        {"self_attn.k_proj", "attn_k"},
        {"self_attn.v_proj", "attn_v"},
        {"self_attn.o_proj", "attn_output"},
        {"self_attn.q_norm", "attn_q_norm"}, // qwen3: over each head
        {"self_attn.k_norm", "attn_k_norm"},
        {"self_attn.attn_sub_norm", "attn_sub_norm"}, // bitnet: over all heads, before o_proj
        {"self_attn.inner_attn_ln", "attn_sub_norm"}, // the same in 1bitLLM's reproductions
        {"post_attention_layernorm", "ffn_norm"},
        {"mlp.gate_proj", "ffn_gate"},
        {"mlp.up_proj", "ffn_up"},
        {"mlp.down_proj", "ffn_down"},
        {"mlp.ffn_sub_norm", "ffn_sub_norm"}, // bitnet: before down_proj
        {"mlp.ffn_layernorm", "ffn_sub_norm"}, // the same in 1bitLLM's reproductions
        {"self_attn.q_proj.norm", "attn_q_norm_in"}, // a norm inside every linear (BitNet embedding models)
        {"self_attn.k_proj.norm", "attn_k_norm_in"},
        {"self_attn.v_proj.norm", "attn_v_norm_in"},
        {"self_attn.o_proj.norm", "attn_output_norm_in"},
        {"mlp.gate_proj.norm", "ffn_gate_norm_in"},
        {"mlp.up_proj.norm", "ffn_up_norm_in"},
        {"mlp.down_proj.norm", "ffn_down_norm_in"},
        {"self_attn.q_proj.rms_norm", "attn_q_norm_in"}, // the same with transformers' use_rms_norm
        {"self_attn.k_proj.rms_norm", "attn_k_norm_in"},
        {"self_attn.v_proj.rms_norm", "attn_v_norm_in"},
        {"self_attn.o_proj.rms_norm", "attn_output_norm_in"},
        {"mlp.gate_proj.rms_norm", "ffn_gate_norm_in"},
        {"mlp.up_proj.rms_norm", "ffn_up_norm_in"},
        {"mlp.down_proj.rms_norm", "ffn_down_norm_in"},
    };

    private static final Pattern HF_LAYER = Pattern.compile("model\\.layers\\.(\\d{1,5})\\.(.+)");
    private static final Pattern GGUF_LAYER = Pattern.compile("blk\\.(\\d{1,5})\\.(.+)");
    private static final Map<String, String> MODEL_TO_GGUF = map(MODEL, 0, 1);
    private static final Map<String, String> MODEL_TO_HF = map(MODEL, 1, 0);
    private static final Map<String, String> LAYER_TO_GGUF = map(LAYER, 0, 1);
    private static final Map<String, String> LAYER_TO_HF = map(LAYER, 1, 0);

    private TensorNames() {}

    /** {@code blk.3.attn_q.weight} for {@code model.layers.3.self_attn.q_proj.weight}; null for an unknown name. */
    public static @Nullable String toGguf(String hf) {
        // Checkpoints of the bare model (embedding models) lack the prefix.
        String name = hf.startsWith("layers.") || hf.startsWith("embed_tokens.") || hf.startsWith("norm.")
                ? "model." + hf
                : hf;
        return translate(name, HF_LAYER, "blk.", LAYER_TO_GGUF, MODEL_TO_GGUF);
    }

    /** {@code model.layers.3.self_attn.q_proj.weight} for {@code blk.3.attn_q.weight}; null for an unknown name. */
    public static @Nullable String toHf(String gguf) {
        return translate(gguf, GGUF_LAYER, "model.layers.", LAYER_TO_HF, MODEL_TO_HF);
    }

    private static @Nullable String translate(
            String name, Pattern layer, String prefix, Map<String, String> inLayer, Map<String, String> outside) {
        int dot = name.lastIndexOf('.');
        if (dot < 0) {
            return null;
        }
        String stem = name.substring(0, dot);
        String suffix = name.substring(dot); // .weight, .bias, .weight_scale: the same on both sides
        Matcher m = layer.matcher(stem);
        if (m.matches()) {
            String part = inLayer.get(m.group(2));
            return part == null ? null : prefix + m.group(1) + "." + part + suffix;
        }
        String part = outside.get(stem);
        return part == null ? null : part + suffix;
    }

    private static Map<String, String> map(String[][] table, int from, int to) {
        Map<String, String> map = new HashMap<>();
        for (String[] row : table) {
            map.putIfAbsent(row[from], row[to]);
        }
        return Map.copyOf(map);
    }
}
