package dev.trit.format;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class TensorNamesTest {
    @ParameterizedTest
    @CsvSource({
        "model.embed_tokens.weight, token_embd.weight",
        "model.norm.weight, output_norm.weight",
        "lm_head.weight, output.weight",
        "model.layers.0.input_layernorm.weight, blk.0.attn_norm.weight",
        "model.layers.31.self_attn.q_proj.weight, blk.31.attn_q.weight",
        "model.layers.2.self_attn.k_proj.bias, blk.2.attn_k.bias",
        "model.layers.2.self_attn.o_proj.weight, blk.2.attn_output.weight",
        "model.layers.2.self_attn.k_norm.weight, blk.2.attn_k_norm.weight",
        "model.layers.2.self_attn.attn_sub_norm.weight, blk.2.attn_sub_norm.weight",
        "model.layers.2.post_attention_layernorm.weight, blk.2.ffn_norm.weight",
        "model.layers.2.mlp.ffn_sub_norm.weight, blk.2.ffn_sub_norm.weight",
        "model.layers.2.mlp.down_proj.weight, blk.2.ffn_down.weight",
        "model.layers.2.self_attn.q_proj.norm.weight, blk.2.attn_q_norm_in.weight",
    })
    void goBothWays(String hf, String gguf) {
        assertThat(TensorNames.toGguf(hf)).isEqualTo(gguf);
        assertThat(TensorNames.toHf(gguf)).isEqualTo(hf);
    }

    @ParameterizedTest
    @CsvSource({
        "model.layers.2.self_attn.inner_attn_ln.weight, blk.2.attn_sub_norm.weight",
        "model.layers.2.mlp.ffn_layernorm.weight, blk.2.ffn_sub_norm.weight",
        "model.layers.2.mlp.up_proj.rms_norm.weight, blk.2.ffn_up_norm_in.weight",
        "layers.7.mlp.up_proj.weight, blk.7.ffn_up.weight",
        "embed_tokens.weight, token_embd.weight",
    })
    void otherSpellingsAreRead(String hf, String gguf) {
        assertThat(TensorNames.toGguf(hf)).isEqualTo(gguf);
    }

    @Test
    void unknownNamesStayUnknown() {
        assertThat(TensorNames.toGguf("model.layers.0.block_sparse_moe.gate.weight"))
                .isNull();
        assertThat(TensorNames.toGguf("model.layers.9999999999.mlp.up_proj.weight"))
                .isNull();
        assertThat(TensorNames.toGguf("")).isNull();
        assertThat(TensorNames.toHf("rope_freqs.weight")).isNull();
    }
}
