package dev.trit.cli;

import com.fasterxml.jackson.annotation.JsonIgnore;
import dev.trit.format.Checkpoint;
import dev.trit.model.ModelException;
import dev.trit.model.VocabularyLoader;
import dev.trit.text.ChatTemplate;
import dev.trit.text.TextException;
import dev.trit.text.Vocabulary;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * What a model brings to turn text into tokens.
 *
 * @param kind how: byte_bpe, sentencepiece_bpe or sentencepiece_unigram; absent if there is no usable tokenizer
 * @param pre {@code tokenizer.ggml.pre} of a GGUF file: which rule splits text before merging
 * @param tokens size of the vocabulary
 * @param bos id of the begin token, -1 for none
 * @param eos id of the end token, -1 for none
 * @param template the chat template it carries, if it does
 * @param warnings what had to be assumed or is wrong
 */
record TokenizerFacts(
        @Nullable String kind,
        @Nullable String pre,
        int tokens,
        int bos,
        int eos,
        @Nullable String template,
        @JsonIgnore List<String> warnings) {

    static TokenizerFacts of(Checkpoint checkpoint) {
        String pre = checkpoint.metadata().get("tokenizer.ggml.pre") instanceof String s ? s : null;
        Vocabulary vocabulary;
        try {
            vocabulary = VocabularyLoader.load(checkpoint);
        } catch (ModelException | TextException e) {
            return new TokenizerFacts(null, pre, 0, -1, -1, null, List.of(String.valueOf(e.getMessage())));
        }
        List<String> warnings = new ArrayList<>(vocabulary.warnings());
        try {
            int bos = vocabulary.special().bos();
            int eos = vocabulary.special().eos();
            warnings.addAll(ChatTemplate.forModel(
                            checkpoint.architecture(),
                            vocabulary.chatTemplate(),
                            bos < 0 ? "" : vocabulary.tokens().text(bos),
                            eos < 0 ? "" : vocabulary.tokens().text(eos))
                    .warnings());
        } catch (TextException e) {
            warnings.add(String.valueOf(e.getMessage()));
        }
        return new TokenizerFacts(
                vocabulary.kind().name().toLowerCase(Locale.ROOT),
                pre,
                vocabulary.tokens().size(),
                vocabulary.special().bos(),
                vocabulary.special().eos(),
                vocabulary.chatTemplate(),
                warnings);
    }
}
