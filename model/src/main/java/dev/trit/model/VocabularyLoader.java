package dev.trit.model;

import dev.trit.format.Checkpoint;
import dev.trit.format.HfCheckpoint;
import dev.trit.text.Vocabulary;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import tools.jackson.databind.JsonNode;

/** From a checkpoint to its {@link Vocabulary}: GGUF metadata, or the tokenizer files of a Hugging Face directory. */
public final class VocabularyLoader {
    private VocabularyLoader() {}

    /**
     * @throws ModelException if the checkpoint comes without a tokenizer
     * @throws dev.trit.text.TextException if it is damaged or not understood
     */
    public static Vocabulary load(Checkpoint checkpoint) {
        if (checkpoint instanceof HfCheckpoint hf) {
            Vocabulary vocabulary = fromFiles(hf);
            return vocabulary.withSpecial(vocabulary.special().stoppingAlsoAt(endTokens(hf)));
        }
        if (!checkpoint.metadata().containsKey("tokenizer.ggml.tokens")) {
            throw new ModelException(
                    "%s has no tokenizer: the key tokenizer.ggml.tokens is missing".formatted(checkpoint.path()));
        }
        return Vocabulary.fromGguf(checkpoint.metadata());
    }

    private static Vocabulary fromFiles(HfCheckpoint hf) {
        Path json = hf.file("tokenizer.json").orElse(null);
        if (json != null) {
            return Vocabulary.fromTokenizerJson(json);
        }
        Path sentencePiece = hf.file("tokenizer.model")
                .orElseThrow(() -> new ModelException(
                        "%s has no tokenizer: put tokenizer.json or tokenizer.model beside the weights"
                                .formatted(hf.path())));
        try {
            return Vocabulary.fromSentencePiece(Files.readAllBytes(sentencePiece));
        } catch (IOException e) {
            throw new ModelException("%s cannot be read: %s".formatted(sentencePiece, e.getMessage()), e);
        }
    }

    /** {@code eos_token_id} of both configurations: one id or a list; an instruct model ends turns with another than eos. */
    private static List<Integer> endTokens(HfCheckpoint hf) {
        List<Integer> ids = new ArrayList<>();
        collect(hf.config().path("eos_token_id"), ids);
        hf.generationConfig().ifPresent(config -> collect(config.path("eos_token_id"), ids));
        return ids;
    }

    private static void collect(JsonNode node, List<Integer> ids) {
        if (node.isArray()) {
            node.forEach(n -> collect(n, ids));
        } else if (node.isInt()) {
            ids.add(node.intValue());
        }
    }
}
