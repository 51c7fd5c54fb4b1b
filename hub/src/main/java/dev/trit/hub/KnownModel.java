package dev.trit.hub;

import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A model with a short name.
 *
 * @param name what {@code trit pull} and {@code -m} take
 * @param repo on the hub
 * @param file in it, or null for its checkpoint (safetensors, config, tokenizer)
 * @param licence the makers' own; who downloads accepts it
 * @param bytes about what is downloaded; for a person's decision only
 * @param about one line
 */
public record KnownModel(String name, String repo, @Nullable String file, String licence, long bytes, String about) {
    private static final String FALCON = "Falcon LLM licence";

    /** All of them, smallest first. */
    public static final List<KnownModel> ALL = List.of(
            known("smollm2-135m", "HuggingFaceTB/SmolLM2-135M-Instruct", null, "Apache-2.0", 271, "dense, to compare"),
            gguf("falcon-e-1b", "tiiuae/Falcon-E-1B-Instruct-GGUF", FALCON, 665, "ternary, chat"),
            gguf("falcon-e-1b-base", "tiiuae/Falcon-E-1B-Base-GGUF", FALCON, 665, "ternary, continues text"),
            gguf("falcon-e-3b", "tiiuae/Falcon-E-3B-Instruct-GGUF", FALCON, 999, "ternary, chat"),
            gguf("falcon-e-3b-base", "tiiuae/Falcon-E-3B-Base-GGUF", FALCON, 999, "ternary, continues text"),
            gguf("2b4t", "microsoft/bitnet-b1.58-2B-4T-gguf", "MIT", 1190, "BitNet b1.58, ternary, chat"),
            known("falcon3-1b", "tiiuae/Falcon3-1B-Instruct-1.58bit", null, FALCON, 1360, "ternary, chat"),
            known("falcon3-3b", "tiiuae/Falcon3-3B-Instruct-1.58bit", null, FALCON, 2220, "ternary, chat"),
            known("bitnet-0.7b", "1bitLLM/bitnet_b1_58-large", null, "MIT", 2920, "reproduction, master weights"),
            known("falcon3-7b", "tiiuae/Falcon3-7B-Instruct-1.58bit", null, FALCON, 3270, "ternary, chat"),
            known("llama3-8b-1.58", "HF1BitLLM/Llama3-8B-1.58-100B-tokens", null, "Llama 3 licence", 3850, "ternary"),
            known("falcon3-10b", "tiiuae/Falcon3-10B-Instruct-1.58bit", null, FALCON, 3990, "ternary, chat"),
            known("bitnet-3b", "1bitLLM/bitnet_b1_58-3B", null, "MIT", 13300, "reproduction, master weights"));

    private static KnownModel known(
            String name, String repo, @Nullable String file, String licence, long megabytes, String about) {
        return new KnownModel(name, repo, file, licence, megabytes * 1_000_000, about);
    }

    private static KnownModel gguf(String name, String repo, String licence, long megabytes, String about) {
        return known(name, repo, "ggml-model-i2_s.gguf", licence, megabytes, about);
    }

    /** The model of that short name. */
    public static Optional<KnownModel> of(String name) {
        return ALL.stream().filter(model -> model.name.equalsIgnoreCase(name)).findFirst();
    }

    /** The model that a repository and file belong to. */
    static Optional<KnownModel> holding(String repo, @Nullable String file) {
        return ALL.stream()
                .filter(model ->
                        model.repo.equals(repo) && String.valueOf(model.file).equals(String.valueOf(file)))
                .findFirst();
    }
}
