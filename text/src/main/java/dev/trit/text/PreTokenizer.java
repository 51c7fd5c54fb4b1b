package dev.trit.text;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * How text is cut into chunks before bytes are merged; no token crosses a cut. The table below is the whole knowledge:
 * names are those of {@code tokenizer.ggml.pre}, patterns are applied one after the other, each inside the pieces that
 * the one before left. What a pattern does not match stays as a piece too.
 *
 * @param name the name in GGUF files, {@link #CUSTOM} if the patterns have none, {@link #NONE} if there are none
 * @param splits the patterns, first one first
 * @param ignoreMerges a chunk that is a token as a whole becomes that token, whatever the merges would make of it
 * @param addBos whether a file that does not say begins sequences with the begin token
 * @param normalization what happens to the text before
 */
public record PreTokenizer(
        String name, List<Split> splits, boolean ignoreMerges, boolean addBos, Normalization normalization) {
    /** One pattern; {@code onBytes}: it reads the letters of the byte alphabet, one per byte, instead of characters. */
    public record Split(String pattern, boolean onBytes) {}

    /** The name of patterns that no table knows. */
    public static final String CUSTOM = "custom";

    /** The name of no patterns at all. */
    public static final String NONE = "none";

    static final String GPT2 = "'s|'t|'re|'ve|'m|'ll|'d| ?\\p{L}+| ?\\p{N}+| ?[^\\s\\p{L}\\p{N}]+|\\s+(?!\\S)|\\s+";
    static final String LLAMA3 = "(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\\r\\n\\p{L}\\p{N}]?\\p{L}+|\\p{N}{1,3}"
            + "| ?[^\\s\\p{L}\\p{N}]+[\\r\\n]*|\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+";
    private static final String QWEN2 = "(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\\r\\n\\p{L}\\p{N}]?\\p{L}+|\\p{N}"
            + "| ?[^\\s\\p{L}\\p{N}]+[\\r\\n]*|\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+";
    private static final String TEKKEN =
            "[^\\r\\n\\p{L}\\p{N}]?[\\p{Lu}\\p{Lt}\\p{Lm}\\p{Lo}\\p{M}]*[\\p{Ll}\\p{Lm}\\p{Lo}\\p{M}]+"
                    + "|[^\\r\\n\\p{L}\\p{N}]?[\\p{Lu}\\p{Lt}\\p{Lm}\\p{Lo}\\p{M}]+[\\p{Ll}\\p{Lm}\\p{Lo}\\p{M}]*|\\p{N}"
                    + "| ?[^\\s\\p{L}\\p{N}]+[\\r\\n/]*|\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+";
    static final String DIGIT = "\\p{N}";
    static final String DIGITS = "\\p{N}+";
    /** Unicode punctuation and the ASCII symbols that count as such. */
    static final String PUNCTUATION = "[\\p{P}$+<=>^`|~]";

    private static final String THREE_DIGITS = "[0-9][0-9][0-9]";

    private static final Map<String, PreTokenizer> TABLE = new LinkedHashMap<>();

    static {
        // The first name of a row is the one that is written.
        row(
                Normalization.NONE,
                false,
                false,
                List.of(chars(GPT2)),
                "gpt-2",
                "olmo",
                "mpt",
                "phi-2",
                "jais",
                "gpt-neox");
        row(
                Normalization.NONE,
                true,
                true,
                List.of(chars(LLAMA3)),
                "llama-bpe",
                "llama3",
                "llama-v3",
                "falcon3",
                "falcon-h1",
                "pixtral");
        row(Normalization.NONE, false, false, List.of(chars(LLAMA3)), "dbrx", "smaug-bpe");
        row(
                Normalization.NONE,
                false,
                false,
                List.of(chars(DIGIT), chars(GPT2)),
                "smollm",
                "starcoder",
                "refact",
                "command-r",
                "codeshell",
                "exaone");
        row(Normalization.NFC, false, false, List.of(chars(QWEN2)), "qwen2", "stablelm2", "deepseek-r1-qwen", "megrez");
        row(
                Normalization.NONE,
                false,
                false,
                List.of(chars(PUNCTUATION + "+"), chars(GPT2), bytes(DIGITS), bytes(THREE_DIGITS)),
                "falcon");
        row(Normalization.NONE, true, false, List.of(chars(TEKKEN)), "tekken");
        // What llama.cpp does when a file names nothing.
        row(
                Normalization.NONE,
                false,
                false,
                List.of(
                        chars("[\\p{P}$+<=>^~|]+"),
                                chars("'s|'t|'re|'ve|'m|'ll|'d| ?\\p{L}+| ?\\p{N}+| ?[^\\s\\p{L}\\p{N}]+|\\s+(?!\\S)"),
                        chars(DIGITS), chars(THREE_DIGITS)),
                "default");
    }

    public PreTokenizer {
        splits = List.copyOf(splits);
    }

    /** No splitting at all: the whole text is one chunk. */
    public static PreTokenizer none() {
        return new PreTokenizer(NONE, List.of(), false, false, Normalization.NONE);
    }

    /**
     * The row of the table with that name.
     *
     * @throws TextException if there is none
     */
    public static PreTokenizer named(String name) {
        PreTokenizer row = TABLE.get(name);
        if (row == null) {
            throw new TextException("tokenizer.ggml.pre: pre-tokenizer \"" + name + "\" is not known; expected one of "
                    + TABLE.keySet() + ". Use the model's tokenizer.json, which spells its patterns out");
        }
        return row;
    }

    /** The names that {@link #named} knows. */
    public static Set<String> names() {
        return TABLE.keySet();
    }

    /**
     * These patterns under the name the table has for them, else {@link #CUSTOM} or {@link #NONE}.
     *
     * @throws TextException if a pattern uses something that is not supported
     */
    public static PreTokenizer of(List<Split> splits, boolean ignoreMerges, Normalization normalization) {
        splits.forEach(split -> SplitPattern.of(split.pattern()));
        @Nullable PreTokenizer close = null;
        for (PreTokenizer row : TABLE.values()) {
            if (row.splits.equals(splits) && row.ignoreMerges == ignoreMerges) {
                if (row.normalization == normalization) {
                    return row;
                }
                close = close == null ? row : close;
            }
        }
        String name = close != null ? close.name : splits.isEmpty() ? NONE : CUSTOM;
        return new PreTokenizer(name, splits, ignoreMerges, close != null && close.addBos, normalization);
    }

    private static Split chars(String pattern) {
        return new Split(pattern, false);
    }

    private static Split bytes(String pattern) {
        return new Split(pattern, true);
    }

    private static void row(
            Normalization normalization, boolean ignoreMerges, boolean addBos, List<Split> splits, String... names) {
        for (String name : names) {
            TABLE.put(name, new PreTokenizer(name, splits, ignoreMerges, addBos, normalization));
        }
    }
}
