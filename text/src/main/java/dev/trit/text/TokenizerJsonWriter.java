package dev.trit.text;

import dev.trit.text.PreTokenizer.Split;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.json.JsonMapper;

/** A vocabulary as Hugging Face's {@code tokenizer.json} and {@code tokenizer_config.json}. */
final class TokenizerJsonWriter {
    private static final JsonMapper JSON = new JsonMapper();
    private static final String SPACE = String.valueOf(SentencePieceText.SPACE);

    private TokenizerJsonWriter() {}

    static byte[] tokenizer(Vocabulary v) {
        if (v.removeExtraSpaces()) {
            throw new TextException(
                    "removing extra spaces cannot be written as tokenizer.json; keep the tokenizer.model");
        }
        Map<String, Object> out = new LinkedHashMap<>();
        out.put("version", "1.0");
        out.put("truncation", null);
        out.put("padding", null);
        out.put(
                "added_tokens",
                v.added().stream().map(TokenizerJsonWriter::added).toList());
        out.put("normalizer", normalizer(v));
        out.put("pre_tokenizer", preTokenizer(v));
        out.put("post_processor", postProcessor(v));
        out.put("decoder", decoder(v));
        out.put("model", model(v));
        return JSON.writeValueAsBytes(out);
    }

    static byte[] config(Vocabulary v) {
        SpecialTokens special = v.special();
        Map<String, Object> out = new LinkedHashMap<>();
        out.put("tokenizer_class", "PreTrainedTokenizerFast");
        out.put("clean_up_tokenization_spaces", false);
        putToken(out, "bos_token", v, special.bos());
        putToken(out, "eos_token", v, special.eos());
        putToken(out, "unk_token", v, special.unk());
        putToken(out, "pad_token", v, special.pad());
        out.put("add_bos_token", special.addBos());
        out.put("add_eos_token", special.addEos());
        if (v.chatTemplate() != null) {
            out.put("chat_template", v.chatTemplate());
        }
        return JSON.writeValueAsBytes(out);
    }

    private static void putToken(Map<String, Object> out, String key, Vocabulary v, int id) {
        if (id != SpecialTokens.NONE) {
            out.put(key, v.tokens().text(id));
        }
    }

    private static List<AddedToken> allAdded(Vocabulary v) {
        List<AddedToken> all = new ArrayList<>(v.added());
        all.addAll(SpecialTokenNames.userDefinedPieces(v));
        all.sort(Comparator.comparingInt(AddedToken::id));
        return all;
    }

    private static Map<String, Object> added(AddedToken token) {
        Map<String, Object> out = new LinkedHashMap<>();
        out.put("id", token.id());
        out.put("content", token.text());
        out.put("single_word", token.singleWord());
        out.put("lstrip", token.lstrip());
        out.put("rstrip", token.rstrip());
        out.put("normalized", token.normalized());
        out.put("special", token.special());
        return out;
    }

    private static boolean isByteLevel(Vocabulary v) {
        return v.kind() == Vocabulary.Kind.BYTE_BPE;
    }

    private static @Nullable Object normalizer(Vocabulary v) {
        List<Object> steps = new ArrayList<>();
        Normalization unicode = v.preTokenizer().normalization();
        if (unicode != Normalization.NONE) {
            steps.add(Map.of("type", unicode.name()));
        }
        boolean metaspace = metaspaceScheme(v.spacePrefix()) != null;
        if (!isByteLevel(v) && !metaspace) {
            if (v.spacePrefix() == SpacePrefix.ALWAYS) {
                steps.add(component("Prepend", "prepend", SPACE));
            }
            steps.add(component("Replace", "pattern", Map.of("String", " "), "content", SPACE));
        }
        return steps.isEmpty()
                ? null
                : steps.size() == 1 ? steps.getFirst() : component("Sequence", "normalizers", steps);
    }

    private static @Nullable String metaspaceScheme(SpacePrefix prefix) {
        return switch (prefix) {
            case ALWAYS_IF_MISSING -> "always";
            case FIRST_IF_MISSING -> "first";
            case NEVER, ALWAYS -> null;
        };
    }

    private static @Nullable Object preTokenizer(Vocabulary v) {
        if (!isByteLevel(v)) {
            String scheme = metaspaceScheme(v.spacePrefix());
            return scheme == null
                    ? null
                    : component("Metaspace", "replacement", SPACE, "prepend_scheme", scheme, "split", false);
        }
        List<Split> splits = v.preTokenizer().splits();
        List<Object> steps = new ArrayList<>();
        boolean prefix = v.spacePrefix() != SpacePrefix.NEVER;
        if (prefix) {
            // Hugging Face puts the space before each piece that ByteLevel gets, so it must get the whole text.
            if (v.spacePrefix() != SpacePrefix.ALWAYS_IF_MISSING
                    || !splits.equals(List.of(new Split(PreTokenizer.GPT2, false)))) {
                throw new TextException("a space prefix before these splits cannot be written as tokenizer.json");
            }
            return byteLevel(true, true);
        }
        splits.stream().filter(s -> !s.onBytes()).forEach(s -> steps.add(split(s)));
        steps.add(byteLevel(false, false));
        splits.stream().filter(Split::onBytes).forEach(s -> steps.add(split(s)));
        return steps.size() == 1 ? steps.getFirst() : component("Sequence", "pretokenizers", steps);
    }

    private static Object split(Split split) {
        return component("Split", "pattern", Map.of("Regex", split.pattern()), "behavior", "Isolated", "invert", false);
    }

    private static Object byteLevel(boolean prefix, boolean regex) {
        return component("ByteLevel", "add_prefix_space", prefix, "trim_offsets", true, "use_regex", regex);
    }

    private static @Nullable Object postProcessor(Vocabulary v) {
        SpecialTokens special = v.special();
        if (!special.addBos() && !special.addEos()) {
            return isByteLevel(v) ? byteLevel(true, true) : null;
        }
        List<Object> single = new ArrayList<>();
        List<Object> pair = new ArrayList<>();
        Map<String, Object> tokens = new LinkedHashMap<>();
        for (String sequence : List.of("A", "B")) {
            int type = sequence.equals("A") ? 0 : 1;
            List<Object> parts = new ArrayList<>();
            if (special.addBos()) {
                parts.add(templateToken(v, special.bos(), type, tokens));
            }
            parts.add(Map.of("Sequence", Map.of("id", sequence, "type_id", type)));
            if (special.addEos()) {
                parts.add(templateToken(v, special.eos(), type, tokens));
            }
            if (type == 0) {
                single.addAll(parts);
            }
            pair.addAll(parts);
        }
        return component("TemplateProcessing", "single", single, "pair", pair, "special_tokens", tokens);
    }

    private static Object templateToken(Vocabulary v, int id, int type, Map<String, Object> tokens) {
        String text = v.tokens().text(id);
        tokens.put(text, Map.of("id", text, "ids", List.of(id), "tokens", List.of(text)));
        return Map.of("SpecialToken", Map.of("id", text, "type_id", type));
    }

    private static Object decoder(Vocabulary v) {
        if (isByteLevel(v)) {
            return byteLevel(true, true);
        }
        List<Object> steps = new ArrayList<>();
        steps.add(component("Replace", "pattern", Map.of("String", SPACE), "content", " "));
        steps.add(component("ByteFallback"));
        steps.add(component("Fuse"));
        if (v.spacePrefix() != SpacePrefix.NEVER) {
            steps.add(component("Strip", "content", " ", "start", 1, "stop", 0));
        }
        return component("Sequence", "decoders", steps);
    }

    private static Object model(Vocabulary v) {
        TokenTable tokens = v.tokens();
        boolean byteFallback = false;
        for (int id = 0; id < tokens.size(); id++) {
            byteFallback |= tokens.type(id) == TokenType.BYTE;
        }
        int unk = v.special().unk();
        if (v.kind() == Vocabulary.Kind.SENTENCEPIECE_UNIGRAM) {
            List<Object> scored = new ArrayList<>(tokens.size());
            for (int id = 0; id < tokens.size(); id++) {
                scored.add(List.of(tokens.text(id), tokens.score(id)));
            }
            return component(
                    "Unigram",
                    "unk_id",
                    unk == SpecialTokens.NONE ? null : unk,
                    "vocab",
                    scored,
                    "byte_fallback",
                    byteFallback);
        }
        // Added tokens at the end are numbered by Hugging Face itself; those between others must be in the vocabulary.
        Set<Integer> added = allAdded(v).stream().map(AddedToken::id).collect(Collectors.toSet());
        int end = tokens.size();
        while (end > 0 && added.contains(end - 1)) {
            end--;
        }
        Map<String, Integer> vocab = new LinkedHashMap<>();
        for (int id = 0; id < end; id++) {
            vocab.put(tokens.text(id), id);
        }
        boolean byteLevel = isByteLevel(v);
        return component(
                "BPE",
                "dropout",
                null,
                "unk_token",
                byteLevel || unk == SpecialTokens.NONE ? null : tokens.text(unk),
                "continuing_subword_prefix",
                null,
                "end_of_word_suffix",
                null,
                "fuse_unk",
                !byteLevel,
                "byte_fallback",
                byteFallback,
                "ignore_merges",
                v.preTokenizer().ignoreMerges(),
                "vocab",
                vocab,
                "merges",
                byteLevel || !v.merges().isEmpty() ? v.merges() : MergeScores.merges(v));
    }

    private static Map<String, Object> component(String type, @Nullable Object... settings) {
        Map<String, Object> out = new LinkedHashMap<>();
        out.put("type", type);
        for (int i = 0; i < settings.length; i += 2) {
            out.put(String.valueOf(settings[i]), settings[i + 1]);
        }
        return out;
    }
}
