package dev.trit.text;

/**
 * Text to token ids and back. Immutable: one tokenizer serves any number of threads.
 *
 * <p>Encoding never fails on any text or bytes. Bytes that are not UTF-8 are encoded one by one; byte values for which a
 * vocabulary has no token (some trained ones lack rare control characters) become the unknown token where the
 * vocabulary names one for that, and are left out otherwise, as the reference implementations do.
 */
public interface Tokenizer {
    /** The tokenizer that {@code vocabulary} describes. Builds its tables now: some 100 ms for 128K tokens in a cold JVM. */
    static Tokenizer of(Vocabulary vocabulary) {
        return new VocabularyTokenizer(vocabulary);
    }

    /** What this tokenizer was made from. */
    Vocabulary vocabulary();

    /**
     * Token ids of {@code text}. An unpaired surrogate counts as U+FFFD.
     *
     * @param addSpecial put the begin and end tokens around it where the vocabulary asks for them
     * @param parseSpecial control tokens written in the text ({@code <|im_start|>}) become their ids; false for text from
     *     strangers. User-defined tokens are found either way
     */
    int[] encode(String text, boolean addSpecial, boolean parseSpecial);

    /** The same for bytes, which need not be valid UTF-8. */
    int[] encode(byte[] utf8, boolean addSpecial, boolean parseSpecial);

    /** Number of tokens: ids are 0 to this, exclusive. */
    default int vocabularySize() {
        return vocabulary().tokens().size();
    }

    /**
     * The bytes that {@code id} stands for, perhaps only part of a character. For control tokens their written form
     * (callers decide by {@link #isSpecial} whether to show it).
     *
     * @throws TextException if {@code id} is not in the vocabulary
     */
    byte[] tokenBytes(int id);

    /** True for control and unknown tokens, which are not part of the text that readers see. */
    default boolean isSpecial(int id) {
        TokenType type = vocabulary().tokens().type(id);
        return type == TokenType.CONTROL || type == TokenType.UNKNOWN;
    }

    /**
     * The bytes of a sequence, the prefix space taken off that encoding put in front.
     *
     * @param showSpecial write control tokens out instead of leaving them out
     */
    byte[] decodeBytes(int[] ids, boolean showSpecial);

    /** The text of a sequence; bytes that are not UTF-8 become U+FFFD. */
    default String decode(int[] ids, boolean showSpecial) {
        return Utf8.decode(decodeBytes(ids, showSpecial));
    }

    /** The text of a sequence without control tokens. */
    default String decode(int[] ids) {
        return decode(ids, false);
    }

    /** Begin of sequence, or {@link SpecialTokens#NONE}. */
    default int bos() {
        return vocabulary().special().bos();
    }

    /** End of sequence, or {@link SpecialTokens#NONE}. */
    default int eos() {
        return vocabulary().special().eos();
    }

    /** True if generation stops after {@code id}. */
    default boolean isEndOfGeneration(int id) {
        return vocabulary().special().endOfGeneration().contains(id);
    }
}
