package dev.trit.text;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * A vocabulary from Hugging Face's {@code tokenizer.json}. The tokens and merges are streamed (LLaMA-3's are 9 MB), the
 * rest is small and read as a tree. A component that is not understood is refused by name: a tokenizer that is nearly
 * right gives a model that is quietly worse.
 */
final class TokenizerJsonReader {
    private static final JsonMapper JSON = new JsonMapper();

    private final Map<String, JsonNode> sections = new HashMap<>(); // of the file
    private final Map<String, JsonNode> model = new HashMap<>(); // of its model, without vocab and merges
    private final List<String> texts = new ArrayList<>();
    private int[] ids = new int[1024]; // of texts
    private float @Nullable [] scores; // of texts
    private final List<String> merges = new ArrayList<>();
    private final List<String> warnings = new ArrayList<>();

    static Vocabulary read(Path file) {
        try {
            Path config = file.resolveSibling("tokenizer_config.json");
            Vocabulary read = new TokenizerJsonReader()
                    .read(Files.readAllBytes(file), Files.exists(config) ? Files.readAllBytes(config) : null);
            Path template = file.resolveSibling("chat_template.jinja");
            return Files.exists(template) ? read.withChatTemplate(Files.readString(template)) : read;
        } catch (IOException e) {
            throw new TextException(file + " or a file beside it cannot be read: " + e.getMessage(), e);
        } catch (TextException e) {
            throw new TextException(file + ": " + e.getMessage(), e);
        }
    }

    Vocabulary read(byte[] json, byte @Nullable [] config) {
        JsonNode settings;
        try (JsonParser in = JSON.createParser(json)) {
            readSections(in);
            settings = config == null ? JSON.createObjectNode() : JSON.readTree(config);
        } catch (JacksonException e) {
            throw new TextException("not valid JSON: " + e.getOriginalMessage(), e);
        }
        return assemble(settings, config != null);
    }

    private void readSections(JsonParser in) {
        if (in.nextToken() != JsonToken.START_OBJECT) {
            throw new TextException("expected a JSON object");
        }
        while (in.nextToken() == JsonToken.PROPERTY_NAME) {
            String name = in.currentName();
            JsonToken value = in.nextToken();
            if (name.equals("model") && value == JsonToken.START_OBJECT) {
                readModel(in);
            } else {
                sections.put(name, in.readValueAsTree());
            }
        }
    }

    private void readModel(JsonParser in) {
        while (in.nextToken() == JsonToken.PROPERTY_NAME) {
            String name = in.currentName();
            JsonToken value = in.nextToken();
            if (name.equals("vocab") && value == JsonToken.START_OBJECT) {
                while (in.nextToken() == JsonToken.PROPERTY_NAME) {
                    String text = in.currentName();
                    in.nextToken();
                    addToken(text, in.getIntValue());
                }
            } else if (name.equals("vocab") && value == JsonToken.START_ARRAY) {
                readScoredTokens(in);
            } else if (name.equals("merges") && value == JsonToken.START_ARRAY) {
                readMerges(in);
            } else {
                model.put(name, in.readValueAsTree());
            }
        }
    }

    /** Unigram: [["text", score], ...], ids by place. */
    private void readScoredTokens(JsonParser in) {
        float[] read = new float[1024];
        while (in.nextToken() == JsonToken.START_ARRAY) {
            in.nextToken();
            String text = in.getString();
            in.nextToken();
            int id = texts.size();
            read = id == read.length ? Arrays.copyOf(read, 2 * id) : read;
            read[id] = in.getFloatValue();
            addToken(text, id);
            if (in.nextToken() != JsonToken.END_ARRAY) {
                throw new TextException("model.vocab[" + id + "]: expected a text and a score");
            }
        }
        scores = read;
    }

    private void addToken(String text, int id) {
        int n = texts.size();
        if (id < 0 || id >= Vocabulary.MAX_TOKENS || n == Vocabulary.MAX_TOKENS) {
            throw new TextException("model.vocab: token id " + id + "; expected 0 to " + (Vocabulary.MAX_TOKENS - 1));
        }
        ids = n == ids.length ? Arrays.copyOf(ids, 2 * n) : ids;
        ids[n] = id;
        texts.add(text);
    }

    /** "left right", or since 2024 ["left", "right"]. */
    private void readMerges(JsonParser in) {
        for (JsonToken token = in.nextToken(); token != JsonToken.END_ARRAY; token = in.nextToken()) {
            if (token == JsonToken.VALUE_STRING) {
                merges.add(in.getString());
                continue;
            }
            String left = token == JsonToken.START_ARRAY ? in.nextStringValue() : null;
            String right = left == null ? null : in.nextStringValue();
            if (left == null || right == null || in.nextToken() != JsonToken.END_ARRAY) {
                throw new TextException("model.merges[" + merges.size() + "]: expected two strings");
            }
            if (left.indexOf(' ') >= 0 || right.indexOf(' ') >= 0) {
                throw new TextException("model.merges[" + merges.size() + "]: tokens with spaces are not supported");
            }
            merges.add(left + " " + right);
        }
    }

    private Vocabulary assemble(JsonNode config, boolean configured) {
        TokenizerPipeline pipeline = new TokenizerPipeline(section("normalizer"), section("pre_tokenizer"));
        pipeline.checkDecoder(section("decoder"));
        Vocabulary.Kind kind = kind(pipeline);
        boolean byteFallback = flag("byte_fallback");
        refuse("dropout", model("dropout").asDouble(0) != 0);
        refuse(
                "continuing_subword_prefix",
                !model("continuing_subword_prefix").asString("").isEmpty());
        refuse("end_of_word_suffix", !model("end_of_word_suffix").asString("").isEmpty());
        String unknown = unknownText();
        if (kind == Vocabulary.Kind.SENTENCEPIECE_BPE) {
            refuse("fuse_unk = false", unknown != null && !byteFallback && !flag("fuse_unk"));
        }
        List<AddedToken> added = addedTokens();
        TokenTable tokens = table(added, kind, byteFallback, unknown);
        PreTokenizer pre = PreTokenizer.of(pipeline.splits(), flag("ignore_merges"), pipeline.normalization());
        SpecialTokens special = special(tokens, config, configured, unknown);
        if (kind == Vocabulary.Kind.BYTE_BPE && unknown != null && lacksBytes(tokens)) {
            warnings.add("bytes without a token are left out, where Hugging Face writes " + unknown);
        }
        return new Vocabulary(
                kind,
                tokens,
                merges,
                pre,
                added,
                special,
                pipeline.spacePrefix(),
                false,
                template(config.path("chat_template")),
                warnings);
    }

    private Vocabulary.Kind kind(TokenizerPipeline pipeline) {
        String type = model("type").asString(merges.isEmpty() ? "" : "BPE");
        if (type.equals("Unigram") && pipeline.isSentencePiece()) {
            return Vocabulary.Kind.SENTENCEPIECE_UNIGRAM;
        }
        if (type.equals("BPE") && pipeline.isByteLevel() != pipeline.isSentencePiece()) {
            return pipeline.isByteLevel() ? Vocabulary.Kind.BYTE_BPE : Vocabulary.Kind.SENTENCEPIECE_BPE;
        }
        throw new TextException("model.type is \"" + type + "\" with pre-tokenizer "
                + (pipeline.isByteLevel()
                        ? "ByteLevel"
                        : pipeline.isSentencePiece() ? "Metaspace" : "neither ByteLevel nor Metaspace")
                + "; expected BPE on bytes, or BPE or Unigram on SentencePiece text");
    }

    private @Nullable String unknownText() {
        int id = model("unk_id").asInt(-1);
        if (id >= 0 && id < texts.size()) {
            return texts.get(id);
        }
        return model("unk_token").isString() ? model("unk_token").asString() : null;
    }

    private List<AddedToken> addedTokens() {
        List<AddedToken> added = new ArrayList<>();
        for (JsonNode t : section("added_tokens")) {
            if (!t.path("id").isInt() || !t.path("content").isString()) {
                throw new TextException("added_tokens: expected id and content, got " + t);
            }
            added.add(new AddedToken(
                    t.path("id").intValue(),
                    t.path("content").asString(),
                    t.path("special").asBoolean(false),
                    t.path("normalized").asBoolean(false),
                    t.path("single_word").asBoolean(false),
                    t.path("lstrip").asBoolean(false),
                    t.path("rstrip").asBoolean(false)));
        }
        return added;
    }

    private TokenTable table(
            List<AddedToken> added, Vocabulary.Kind kind, boolean byteFallback, @Nullable String unknown) {
        int size = 0;
        for (int i = 0; i < texts.size(); i++) {
            size = Math.max(size, ids[i] + 1);
        }
        for (AddedToken token : added) {
            if (token.id() < 0 || token.id() >= Vocabulary.MAX_TOKENS) {
                throw new TextException("added token \"" + token.text() + "\" has id " + token.id());
            }
            size = Math.max(size, token.id() + 1);
        }
        if (size > 2L * (texts.size() + added.size()) + 65_536) {
            throw new TextException("token ids go up to " + (size - 1) + " for " + texts.size() + " tokens");
        }
        @Nullable String[] byId = new String[size];
        byte[] types = new byte[size];
        float[] byIdScores = new float[scores == null ? 0 : size];
        for (int i = 0; i < texts.size(); i++) {
            String text = texts.get(i);
            if (byId[ids[i]] != null) {
                throw new TextException("model.vocab: \"" + text + "\" and \"" + byId[ids[i]] + "\" have the same id");
            }
            boolean isByte = byteFallback && VocabularyTokenizer.byteValue(text) >= 0;
            byId[ids[i]] = text;
            types[ids[i]] = (byte) (isByte ? TokenType.BYTE : TokenType.NORMAL).code();
            if (scores != null) {
                byIdScores[ids[i]] = scores[i];
            }
        }
        for (AddedToken token : added) {
            byId[token.id()] = token.text();
            types[token.id()] = (byte) (token.special() ? TokenType.CONTROL : TokenType.USER_DEFINED).code();
        }
        List<String> all = new ArrayList<>(size);
        for (int id = 0; id < size; id++) {
            String text = byId[id];
            if (text == null) {
                text = "[PAD" + id + "]";
                types[id] = (byte) TokenType.UNUSED.code();
            } else if (text.equals(unknown) && kind != Vocabulary.Kind.BYTE_BPE) {
                types[id] = (byte) TokenType.UNKNOWN.code();
            }
            all.add(text);
        }
        return new TokenTable(all, types, byIdScores);
    }

    private SpecialTokens special(TokenTable tokens, JsonNode config, boolean configured, @Nullable String unknown) {
        int bos = named(tokens, config, "bos_token");
        int eos = named(tokens, config, "eos_token");
        if (!configured) {
            bos = SpecialTokenNames.find(tokens, SpecialTokenNames.BOS);
            eos = SpecialTokenNames.find(tokens, SpecialTokenNames.EOS);
            warnings.add("there is no tokenizer_config.json: begin and end tokens are guessed from their names");
        }
        PostProcessing post = PostProcessing.of(section("post_processor"));
        // Llama's classes in transformers put their own flags above the file's template.
        boolean flagsWin =
                config.path("tokenizer_class").asString("").matches("(Code)?Llama.*|Gemma.*") || !post.isTemplate();
        boolean addBos = post.before() != null;
        boolean addEos = post.after() != null;
        if (flagsWin) {
            addBos = config.path("add_bos_token").asBoolean(addBos);
            addEos = config.path("add_eos_token").asBoolean(addEos);
        }
        if (post.before() != null) {
            bos = required(tokens, post.before());
        }
        if (post.after() != null) {
            eos = required(tokens, post.after());
        }
        int unk = named(tokens, config, "unk_token");
        if (unknown != null) {
            unk = required(tokens, unknown);
        }
        int pad = named(tokens, config, "pad_token");
        return SpecialTokenNames.roles(tokens, bos, eos, SpecialTokens.NONE, unk, pad, addBos, addEos);
    }

    /** The token that a setting names, as a string or as an object with content. */
    private int named(TokenTable tokens, JsonNode config, String key) {
        JsonNode value = config.path(key);
        String text = value.isObject() ? value.path("content").asString("") : value.asString("");
        int id = text.isEmpty() ? SpecialTokens.NONE : tokens.index().find(text);
        if (!text.isEmpty() && id < 0) {
            warnings.add("tokenizer_config.json: " + key + " \"" + text + "\" is not in the vocabulary");
        }
        return id;
    }

    private static int required(TokenTable tokens, String text) {
        int id = tokens.index().find(text);
        if (id < 0) {
            throw new TextException("special token \"" + text + "\" is not in the vocabulary");
        }
        return id;
    }

    /** A template, or the one called "default" of several. */
    private static @Nullable String template(JsonNode node) {
        for (JsonNode one : node.isArray() ? node : JSON.createArrayNode()) {
            if (one.path("name").asString("").equals("default")
                    && one.path("template").isString()) {
                return one.path("template").asString();
            }
        }
        return node.isString() ? node.asString() : null;
    }

    private static boolean lacksBytes(TokenTable tokens) {
        for (int b = 0; b < 256; b++) {
            if (tokens.index().find(String.valueOf(ByteAlphabet.letter(b))) < 0) {
                return true;
            }
        }
        return false;
    }

    private static void refuse(String what, boolean refused) {
        if (refused) {
            throw new TextException("model." + what + " is not supported");
        }
    }

    private boolean flag(String name) {
        return model(name).asBoolean(false);
    }

    private JsonNode model(String name) {
        return model.getOrDefault(name, JSON.missingNode());
    }

    private JsonNode section(String name) {
        return sections.getOrDefault(name, JSON.missingNode());
    }
}
