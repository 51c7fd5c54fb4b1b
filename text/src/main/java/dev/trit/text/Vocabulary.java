package dev.trit.text;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Everything a tokenizer is made of, whatever file it came from. Immutable. Read from GGUF metadata, a Hugging Face
 * {@code tokenizer.json}, a SentencePiece {@code tokenizer.model} or a tiktoken rank file; written as the first two.
 *
 * @param kind how text becomes tokens
 * @param tokens all tokens by id
 * @param merges "left right", best first; empty where scores decide
 * @param preTokenizer how text is cut before bytes are merged; no cuts for SentencePiece
 * @param added tokens that are found in the text as written, by id. GGUF keeps of them only whether they are special
 * @param special the tokens with a role
 * @param spacePrefix where a space is put in front
 * @param removeExtraSpaces runs of spaces become one, spaces at the ends go (SentencePiece's option, off for LLaMA-2)
 * @param chatTemplate the Jinja chat template that came with it
 * @param warnings choices that had to be made because the file does not say, one sentence each
 */
public record Vocabulary(
        Kind kind,
        TokenTable tokens,
        List<String> merges,
        PreTokenizer preTokenizer,
        List<AddedToken> added,
        SpecialTokens special,
        SpacePrefix spacePrefix,
        boolean removeExtraSpaces,
        @Nullable String chatTemplate,
        List<String> warnings) {
    /** How text becomes tokens. */
    public enum Kind {
        /** GPT-2's: chunks of text, their bytes merged pair by pair. */
        BYTE_BPE,
        /** SentencePiece's BPE: characters merged by score (or by a list of merges), bytes for unknown characters. */
        SENTENCEPIECE_BPE,
        /** SentencePiece's unigram model: the segmentation of highest probability. */
        SENTENCEPIECE_UNIGRAM
    }

    /** What every reader refuses to exceed: the largest vocabularies in use have some 260,000 tokens. */
    static final int MAX_TOKENS = 4_000_000;

    public Vocabulary {
        merges = List.copyOf(merges);
        added = List.copyOf(added);
        warnings = List.copyOf(warnings);
        int size = tokens.size();
        if (size == 0 || size > MAX_TOKENS) {
            throw new TextException("vocabulary has " + size + " tokens; expected 1 to " + MAX_TOKENS);
        }
        for (AddedToken token : added) {
            if (token.id() < 0 || token.id() >= size) {
                throw new TextException(
                        "added token \"" + token.text() + "\" has id " + token.id() + "; expected 0 to " + (size - 1));
            }
        }
        for (int id : new int[] {special.bos(), special.eos(), special.eot(), special.unk(), special.pad()}) {
            if (id < SpecialTokens.NONE || id >= size) {
                throw new TextException("a special token has id " + id + "; expected -1 (none) to " + (size - 1));
            }
        }
    }

    /**
     * From GGUF metadata: the keys {@code tokenizer.ggml.*} and {@code tokenizer.chat_template}; others are passed over.
     * Values may be of any number type, arrays may be Java arrays or lists.
     *
     * @throws TextException naming the key, if something is missing, damaged or not understood
     */
    public static Vocabulary fromGguf(Map<String, ?> metadata) {
        return new GgufVocabulary(metadata).read();
    }

    /**
     * From a {@code tokenizer.json} file; {@code tokenizer_config.json} and {@code chat_template.jinja} beside it are read
     * too where they are.
     *
     * @throws TextException naming the file, if it cannot be read or asks for something not understood
     */
    public static Vocabulary fromTokenizerJson(Path file) {
        return TokenizerJsonReader.read(file);
    }

    /** From the bytes of {@code tokenizer.json} and, if there is one, {@code tokenizer_config.json}. */
    public static Vocabulary fromTokenizerJson(byte[] json, byte @Nullable [] config) {
        return new TokenizerJsonReader().read(json, config);
    }

    /** From the bytes of a SentencePiece {@code tokenizer.model}. */
    public static Vocabulary fromSentencePiece(byte[] model) {
        return new SentencePieceModel(model).read();
    }

    /**
     * From a tiktoken rank file (one base64 token and its rank per line).
     *
     * @param ranks the bytes of the file
     * @param preTokenizer how text is cut; the file does not say
     * @param special the control tokens that follow the ranked ones, in order
     */
    public static Vocabulary fromTiktoken(byte[] ranks, PreTokenizer preTokenizer, List<String> special) {
        return TiktokenRanks.read(ranks, preTokenizer, special);
    }

    /**
     * As GGUF metadata, in the order llama.cpp's converters write: String, Boolean, Integer, {@code List<String>},
     * {@code int[]} and {@code float[]} values.
     *
     * @throws TextException if GGUF has no way to say it (a pre-tokenizer without a name, say)
     */
    public Map<String, Object> toGguf() {
        return GgufVocabulary.write(this);
    }

    /** As a Hugging Face {@code tokenizer.json}, UTF-8. */
    public byte[] toTokenizerJson() {
        return TokenizerJsonWriter.tokenizer(this);
    }

    /** As a Hugging Face {@code tokenizer_config.json}, UTF-8. */
    public byte[] toTokenizerConfigJson() {
        return TokenizerJsonWriter.config(this);
    }

    /** The same with other special tokens. */
    public Vocabulary withSpecial(SpecialTokens other) {
        return new Vocabulary(
                kind,
                tokens,
                merges,
                preTokenizer,
                added,
                other,
                spacePrefix,
                removeExtraSpaces,
                chatTemplate,
                warnings);
    }

    /** The same with another chat template. */
    public Vocabulary withChatTemplate(@Nullable String template) {
        return new Vocabulary(
                kind, tokens, merges, preTokenizer, added, special, spacePrefix, removeExtraSpaces, template, warnings);
    }

    @Override
    public String toString() {
        return "Vocabulary[" + kind + ", " + tokens.size() + " tokens, " + merges.size() + " merges, pre-tokenizer "
                + preTokenizer.name() + "]";
    }
}
