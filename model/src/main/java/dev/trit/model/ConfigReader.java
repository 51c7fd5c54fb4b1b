package dev.trit.model;

import dev.trit.format.Checkpoint;
import java.util.Map;

/** From GGUF keys to {@link Config}: what each architecture means is the table at the top. */
final class ConfigReader {
    private record Family(Activation activation, boolean subNorms, boolean qkNorm) {}

    private static final Map<String, Family> FAMILIES = Map.of(
            "llama", new Family(Activation.SILU, false, false),
            "qwen2", new Family(Activation.SILU, false, false),
            "qwen3", new Family(Activation.SILU, false, true),
            "bitnet", new Family(Activation.SILU, true, false),
            "bitnet-25", new Family(Activation.RELU2, true, false),
            "bitnet-b1.58", new Family(Activation.RELU2, true, false));

    /** Keys of variants that compute something else, with the value at which they change nothing. */
    private static final Map<String, Float> NEUTRAL = Map.of(
            "expert_count", 0f,
            "attention.sliding_window", 0f,
            "attention.scale", 0f,
            "attention.clamp_kqv", 0f,
            "logit_scale", 1f,
            "embedding_scale", 1f,
            "residual_scale", 1f,
            "attention.max_alibi_bias", 0f);

    private ConfigReader() {}

    static Config read(Checkpoint checkpoint) {
        Metadata metadata = new Metadata(checkpoint);
        String a = checkpoint.architecture();
        Family family = FAMILIES.get(a);
        if (family == null) {
            throw new ModelException("%s: architecture %s is not supported; supported are %s"
                    .formatted(
                            checkpoint.path(),
                            a,
                            FAMILIES.keySet().stream().sorted().toList()));
        }
        refuseVariants(checkpoint, a + ".");
        int hidden = metadata.integer(a + ".embedding_length", 1, Metadata.WIDEST);
        int heads = metadata.integer(a + ".attention.head_count", 1, 65_536);
        int headDim = metadata.integer(a + ".attention.key_length", 2, 65_536, Math.max(2, hidden / heads));
        if (metadata.integer(a + ".attention.value_length", 2, 65_536, headDim) != headDim) {
            throw new ModelException(
                    "%s: %s.attention.value_length must equal key_length %d".formatted(checkpoint.path(), a, headDim));
        }
        int vocab = checkpoint.tensor("token_embd.weight").rows();
        int ropeDims = metadata.integer(a + ".rope.dimension_count", 2, 65_536, headDim);
        int layers = metadata.integer(a + ".block_count", 1, 10_000);
        int kvHeads = metadata.integer(a + ".attention.head_count_kv", 1, heads, heads);
        int ffn = metadata.integer(a + ".feed_forward_length", 1, Metadata.WIDEST);
        int contextLength = metadata.integer(a + ".context_length", 1, Metadata.WIDEST, 2048);
        float normEps = metadata.real(a + ".attention.layer_norm_rms_epsilon");
        float ropeTheta = metadata.real(a + ".rope.freq_base", 10_000f);
        RopeScaling ropeScaling = ropeScaling(checkpoint, metadata, a, ropeDims);
        try {
            return new Config(
                    a,
                    hidden,
                    layers,
                    heads,
                    kvHeads,
                    headDim,
                    ffn,
                    vocab,
                    contextLength,
                    normEps,
                    ropeTheta,
                    ropeDims,
                    ropeScaling,
                    family.activation,
                    family.subNorms,
                    family.qkNorm,
                    !checkpoint.has("output.weight"));
        } catch (ModelException e) {
            throw new ModelException(checkpoint.path() + ": " + e.getMessage(), e);
        }
    }

    private static void refuseVariants(Checkpoint checkpoint, String prefix) {
        NEUTRAL.forEach((key, neutral) -> {
            Object value = checkpoint.metadata().get(prefix + key);
            if (value != null && !(value instanceof Number n && n.floatValue() == neutral)) {
                throw new ModelException("%s: %s%s is %s; models that use it are not supported"
                        .formatted(checkpoint.path(), prefix, key, value));
            }
        });
        if (checkpoint.metadata().containsKey("trit.bitlinear.norm_epsilon")) {
            throw new ModelException("%s: linear layers with a norm of their own (use_rms_norm) are not supported"
                    .formatted(checkpoint.path()));
        }
    }

    private static RopeScaling ropeScaling(Checkpoint checkpoint, Metadata metadata, String a, int ropeDims) {
        if (checkpoint.has("rope_freqs.weight")) {
            float[] divisors = WeightsLoader.vector(checkpoint, "rope_freqs.weight", ropeDims / 2);
            for (float d : divisors) {
                if (d <= 0) {
                    throw new ModelException(
                            "%s: rope_freqs.weight must be above 0, got %s".formatted(checkpoint.path(), d));
                }
            }
            return new RopeScaling.Divisors(divisors);
        }
        String prefix = a + ".rope.scaling.";
        String type = metadata.string(prefix + "type", "none");
        return switch (type) {
            case "none" -> RopeScaling.NONE;
            case "linear" -> new RopeScaling.Linear(metadata.real(prefix + "factor"));
            case "llama3" ->
                new RopeScaling.Llama3(
                        metadata.real(prefix + "factor"),
                        metadata.real(prefix + "low_freq_factor"),
                        metadata.real(prefix + "high_freq_factor"),
                        metadata.integer(prefix + "original_context_length", 1, Metadata.WIDEST));
            default ->
                throw new ModelException("%s: rope scaling %s is not supported; supported are none, linear, llama3"
                        .formatted(checkpoint.path(), type));
        };
    }
}
