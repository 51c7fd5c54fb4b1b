package dev.trit.cli;

import dev.trit.format.Checkpoint;
import dev.trit.format.Conversion;
import dev.trit.model.ModelException;
import dev.trit.model.VocabularyLoader;
import dev.trit.text.Vocabulary;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The tokenizer of a stored model, for another container; a model without one is converted without one. */
public record StoredTokenizer(Checkpoint checkpoint) implements Conversion.TokenizerForms {
    private @Nullable Vocabulary vocabulary() {
        try {
            return VocabularyLoader.load(checkpoint);
        } catch (ModelException e) {
            return null; // there is none; what is damaged is a TextException and ends the conversion
        }
    }

    @Override
    public Map<String, Object> gguf() {
        Vocabulary vocabulary = vocabulary();
        return vocabulary == null ? Map.of() : vocabulary.toGguf();
    }

    @Override
    public Map<String, byte[]> files() {
        Vocabulary vocabulary = vocabulary();
        return vocabulary == null
                ? Map.of()
                : Map.of(
                        "tokenizer.json", vocabulary.toTokenizerJson(),
                        "tokenizer_config.json", vocabulary.toTokenizerConfigJson());
    }
}
