package dev.trit.text;

import java.lang.reflect.Array;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** A vocabulary from and to GGUF metadata ({@code tokenizer.ggml.*}), with llama.cpp's rules for what is not said. */
final class GgufVocabulary {
    private static final String PREFIX = "tokenizer.ggml.";
    private static final String TEMPLATE = "tokenizer.chat_template";
    /** LLaMA-3's vocabulary without and with its 256 control tokens. */
    private static final int LLAMA3_TOKENS = 128_000;

    private final Map<String, ?> metadata;
    private final List<String> warnings = new ArrayList<>();

    GgufVocabulary(Map<String, ?> metadata) {
        this.metadata = metadata;
    }

    Vocabulary read() {
        String model = string("model");
        if (model == null) {
            throw new TextException(PREFIX + "model is missing: the file has no tokenizer");
        }
        Vocabulary.Kind kind = switch (model) {
            case "gpt2" -> Vocabulary.Kind.BYTE_BPE;
            case "llama" -> Vocabulary.Kind.SENTENCEPIECE_BPE;
            case "t5" -> Vocabulary.Kind.SENTENCEPIECE_UNIGRAM;
            default ->
                throw new TextException(PREFIX + "model is \"" + model
                        + "\"; expected gpt2 (byte-level BPE), llama (SentencePiece BPE) or t5 (unigram)");
        };
        if (metadata.get(PREFIX + "precompiled_charsmap") instanceof Object map && length(map) != 0) {
            throw new TextException(PREFIX + "precompiled_charsmap: character maps are not supported");
        }
        List<String> texts = strings("tokens");
        if (texts.isEmpty()) {
            throw new TextException(PREFIX + "tokens is missing or empty");
        }
        boolean sentencePiece = kind != Vocabulary.Kind.BYTE_BPE;
        TokenTable tokens = new TokenTable(texts, types(texts.size()), sentencePiece ? floats("scores") : new float[0]);
        List<String> merges = strings("merges");
        if (!sentencePiece && merges.isEmpty()) {
            throw new TextException(PREFIX + "merges is missing; a byte-level BPE vocabulary needs its merges");
        }
        PreTokenizer pre = sentencePiece ? PreTokenizer.none() : preTokenizer(tokens);
        return new Vocabulary(
                kind,
                tokens,
                sentencePiece ? List.of() : merges,
                pre,
                SpecialTokenNames.added(tokens),
                special(tokens, sentencePiece, pre),
                sentencePiece && bool("add_space_prefix", true) ? SpacePrefix.ALWAYS : SpacePrefix.NEVER,
                bool("remove_extra_whitespaces", false),
                metadata.get(TEMPLATE) instanceof String template ? template : null,
                warnings);
    }

    private PreTokenizer preTokenizer(TokenTable tokens) {
        String name = string("pre");
        if (name != null) {
            return PreTokenizer.named(name);
        }
        boolean llama3 = tokens.size() >= LLAMA3_TOKENS
                && tokens.find("<|begin_of_text|>").isPresent();
        warnings.add(
                llama3
                        ? "tokenizer.ggml.pre is missing: the vocabulary is LLaMA-3's, so its splitter (llama-bpe) is used"
                        : "tokenizer.ggml.pre is missing: the default splitter is used, which may not be the one the model was trained with");
        return PreTokenizer.named(llama3 ? "llama-bpe" : "default");
    }

    private SpecialTokens special(TokenTable tokens, boolean sentencePiece, PreTokenizer pre) {
        int none = SpecialTokens.NONE;
        int bos = id("bos_token_id", sentencePiece ? 1 : none, tokens);
        int eos = id("eos_token_id", sentencePiece ? 2 : none, tokens);
        int unk = id("unknown_token_id", sentencePiece ? 0 : none, tokens);
        int pad = id("padding_token_id", none, tokens);
        int eot = id("eot_token_id", none, tokens);
        int eom = id("eom_token_id", none, tokens);
        return SpecialTokenNames.roles(
                tokens,
                bos,
                eos,
                eot,
                unk,
                pad,
                bool("add_bos_token", sentencePiece || pre.addBos()),
                bool("add_eos_token", false),
                eom);
    }

    private int id(String key, int missing, TokenTable tokens) {
        Object value = metadata.get(PREFIX + key);
        if (value == null) {
            return missing < tokens.size() ? missing : SpecialTokens.NONE;
        }
        if (!(value instanceof Number number)) {
            throw new TextException(PREFIX + key + " is " + describe(value) + "; expected a token id");
        }
        long id = number.longValue();
        if (id < 0 || id >= tokens.size()) {
            warnings.add(PREFIX + key + " is " + id + ", which is not in the vocabulary of " + tokens.size()
                    + " tokens; taken as absent");
            return SpecialTokens.NONE;
        }
        return (int) id;
    }

    private @Nullable String string(String key) {
        Object value = metadata.get(PREFIX + key);
        if (value != null && !(value instanceof String)) {
            throw new TextException(PREFIX + key + " is " + describe(value) + "; expected a string");
        }
        return (String) value;
    }

    private boolean bool(String key, boolean missing) {
        Object value = metadata.get(PREFIX + key);
        if (value == null) {
            return missing;
        }
        if (value instanceof Boolean b) {
            return b;
        }
        throw new TextException(PREFIX + key + " is " + describe(value) + "; expected true or false");
    }

    private List<String> strings(String key) {
        Object value = metadata.get(PREFIX + key);
        List<?> list =
                value == null ? List.of() : value instanceof Object[] array ? Arrays.asList(array) : asList(key, value);
        String[] out = new String[list.size()];
        int i = 0;
        for (Object item : list) {
            if (!(item instanceof String text)) {
                throw new TextException(PREFIX + key + "[" + i + "] is " + describe(item) + "; expected a string");
            }
            out[i++] = text;
        }
        return Arrays.asList(out);
    }

    private static List<?> asList(String key, Object value) {
        if (value instanceof List<?> list) {
            return list;
        }
        throw new TextException(PREFIX + key + " is " + describe(value) + "; expected an array");
    }

    private byte[] types(int size) {
        Object value = metadata.get(PREFIX + "token_type");
        byte[] types = new byte[size];
        Arrays.fill(types, (byte) TokenType.NORMAL.code());
        if (value == null) {
            warnings.add("tokenizer.ggml.token_type is missing: no token is known to be a control token");
            return types;
        }
        if (length(value) != size) {
            throw new TextException(PREFIX + "token_type is " + describe(value) + "; expected one number for each of "
                    + size + " tokens");
        }
        for (int i = 0; i < size; i++) {
            types[i] = (byte)
                    TokenType.of(number("token_type", value, i).intValue()).code();
        }
        return types;
    }

    private float[] floats(String key) {
        Object value = metadata.get(PREFIX + key);
        if (value instanceof float[] floats) {
            return floats;
        }
        int n = value == null ? 0 : length(value);
        if (n < 0) {
            throw new TextException(PREFIX + key + " is " + describe(value) + "; expected an array of numbers");
        }
        float[] out = new float[n];
        for (int i = 0; i < n; i++) {
            out[i] = number(key, value, i).floatValue();
        }
        return out;
    }

    private static Number number(String key, @Nullable Object values, int i) {
        Object item = values instanceof List<?> list
                ? list.get(i)
                : values instanceof int[] ints ? ints[i] : Array.get(values, i);
        if (item instanceof Number number) {
            return number;
        }
        throw new TextException(PREFIX + key + "[" + i + "] is " + describe(item) + "; expected a number");
    }

    /** Length of an array or list, -1 for anything else. */
    private static int length(Object value) {
        return value instanceof List<?> list ? list.size() : value.getClass().isArray() ? Array.getLength(value) : -1;
    }

    private static String describe(@Nullable Object value) {
        if (value == null) {
            return "null";
        }
        int n = length(value);
        return n >= 0 ? "an array of " + n : value.getClass().getSimpleName();
    }

    /** The way back. */
    static Map<String, Object> write(Vocabulary v) {
        Map<String, Object> out = new LinkedHashMap<>();
        TokenTable tokens = v.tokens();
        boolean sentencePiece = v.kind() != Vocabulary.Kind.BYTE_BPE;
        out.put(
                PREFIX + "model",
                switch (v.kind()) {
                    case BYTE_BPE -> "gpt2";
                    case SENTENCEPIECE_BPE -> "llama";
                    case SENTENCEPIECE_UNIGRAM -> "t5";
                });
        if (!sentencePiece && !PreTokenizer.names().contains(v.preTokenizer().name())) {
            throw new TextException("the pre-tokenizer " + v.preTokenizer().splits()
                    + " has no name in GGUF; keep the model as a Hugging Face directory");
        }
        out.put(PREFIX + "pre", sentencePiece ? "default" : v.preTokenizer().name());
        out.put(PREFIX + "tokens", tokens.texts());
        if (sentencePiece) {
            out.put(PREFIX + "scores", tokens.hasScores() ? tokens.scores() : MergeScores.of(v));
        }
        int[] types = new int[tokens.size()];
        Arrays.setAll(types, tokens::typeCode);
        out.put(PREFIX + "token_type", types);
        if (!sentencePiece) {
            out.put(PREFIX + "merges", v.merges());
        }
        SpecialTokens special = v.special();
        putId(out, "bos_token_id", special.bos());
        putId(out, "eos_token_id", special.eos());
        putId(out, "eot_token_id", special.eot());
        putId(out, "unknown_token_id", special.unk());
        putId(out, "padding_token_id", special.pad());
        out.put(PREFIX + "add_bos_token", special.addBos());
        out.put(PREFIX + "add_eos_token", special.addEos());
        if (sentencePiece) {
            out.put(PREFIX + "add_space_prefix", v.spacePrefix() != SpacePrefix.NEVER);
            if (v.removeExtraSpaces()) {
                out.put(PREFIX + "remove_extra_whitespaces", true);
            }
        }
        if (v.chatTemplate() != null) {
            out.put(TEMPLATE, v.chatTemplate());
        }
        return out;
    }

    private static void putId(Map<String, Object> out, String key, int id) {
        if (id != SpecialTokens.NONE) {
            out.put(PREFIX + key, id);
        }
    }
}
