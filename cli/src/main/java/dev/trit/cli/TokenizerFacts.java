package dev.trit.cli;

import com.fasterxml.jackson.annotation.JsonIgnore;
import dev.trit.format.Checkpoint;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What a model file says about its tokenizer.
 *
 * @param model {@code tokenizer.ggml.model} (gpt2, llama), or the name of the tokenizer file beside the weights
 * @param pre {@code tokenizer.ggml.pre}: which rule splits text before merging
 * @param tokens size of the vocabulary, 0 if not in the metadata
 * @param template the chat template, if there is one
 */
record TokenizerFacts(
        @Nullable String model,
        @Nullable String pre,
        int tokens,
        @Nullable String template) {

    static TokenizerFacts of(Checkpoint checkpoint) {
        Map<String, Object> metadata = checkpoint.metadata();
        String model = text(metadata, "tokenizer.ggml.model");
        if (model == null) {
            Path path = checkpoint.path();
            Path directory =
                    Files.isDirectory(path) ? path : path.toAbsolutePath().getParent();
            for (String file : List.of("tokenizer.json", "tokenizer.model")) {
                if (directory != null && model == null && Files.exists(directory.resolve(file))) {
                    model = file;
                }
            }
        }
        return new TokenizerFacts(
                model,
                text(metadata, "tokenizer.ggml.pre"),
                metadata.get("tokenizer.ggml.tokens") instanceof Collection<?> tokens ? tokens.size() : 0,
                text(metadata, "tokenizer.chat_template"));
    }

    /** What is odd about it. */
    @JsonIgnore
    List<String> warnings() {
        List<String> warnings = new ArrayList<>();
        if (model == null) {
            warnings.add("there is no tokenizer: the model can be measured on token ids only");
        } else if (model.equals("gpt2") && pre == null) {
            warnings.add(
                    "tokenizer.ggml.pre is missing: text is split as LLaMA-3 does, which the size of the vocabulary "
                            + (tokens == 128256
                                    ? "supports"
                                    : "does not support (expected 128256, got " + tokens + ")"));
        }
        if (template != null && template.contains("BITNETAssistant")) {
            warnings.add("the embedded chat template is the wrong one of the first 2B4T files; the right one is used");
        }
        return warnings;
    }

    private static @Nullable String text(Map<String, Object> metadata, String key) {
        return metadata.get(key) instanceof String s ? s : null;
    }
}
