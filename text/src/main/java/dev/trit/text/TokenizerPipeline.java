package dev.trit.text;

import dev.trit.text.PreTokenizer.Split;
import java.util.ArrayList;
import java.util.List;
import tools.jackson.databind.JsonNode;

/** The normalizer and pre-tokenizer of a {@code tokenizer.json} in this package's terms; refuses what has none. */
final class TokenizerPipeline {
    private static final String SPACE = String.valueOf(SentencePieceText.SPACE);

    private final List<Split> splits = new ArrayList<>();
    private boolean byteLevel;
    private boolean sentencePiece;
    private Normalization normalization = Normalization.NONE;
    private SpacePrefix spacePrefix = SpacePrefix.NEVER;

    TokenizerPipeline(JsonNode normalizer, JsonNode preTokenizer) {
        normalizer(normalizer);
        preTokenizer(preTokenizer);
        if (byteLevel && sentencePiece || sentencePiece && !splits.isEmpty()) {
            throw new TextException(
                    "pre_tokenizer: SentencePiece spaces together with ByteLevel or Split are not supported");
        }
    }

    List<Split> splits() {
        return splits;
    }

    boolean isByteLevel() {
        return byteLevel;
    }

    boolean isSentencePiece() {
        return sentencePiece;
    }

    Normalization normalization() {
        return normalization;
    }

    SpacePrefix spacePrefix() {
        return spacePrefix;
    }

    private void normalizer(JsonNode node) {
        String type = node.path("type").asString("");
        switch (type) {
            case "" -> {}
            case "Sequence" -> node.path("normalizers").forEach(this::normalizer);
            case "NFC", "NFD", "NFKC", "NFKD" -> {
                if (normalization != Normalization.NONE || sentencePiece) {
                    throw new TextException("normalizer: " + type + " after another normalizer is not supported");
                }
                normalization = Normalization.valueOf(type);
            }
            case "Prepend" -> {
                expect("normalizer Prepend", node.path("prepend"), SPACE);
                if (sentencePiece) {
                    throw new TextException("normalizer: Prepend after Replace is not supported");
                }
                spacePrefix = SpacePrefix.ALWAYS;
            }
            case "Replace" -> {
                expect("normalizer Replace", node.path("pattern").path("String"), " ");
                expect("normalizer Replace", node.path("content"), SPACE);
                sentencePiece = true;
            }
            default ->
                throw new TextException("normalizer " + type
                        + " is not supported; expected NFC, NFD, NFKC, NFKD, or LLaMA's Prepend and Replace");
        }
    }

    private void preTokenizer(JsonNode node) {
        String type = node.path("type").asString("");
        switch (type) {
            case "" -> {}
            case "Sequence" -> node.path("pretokenizers").forEach(this::preTokenizer);
            case "ByteLevel" -> byteLevel(node);
            case "Split" -> {
                String behavior = node.path("behavior").asString("");
                if (!behavior.equals("Isolated")) {
                    throw new TextException(
                            "pre_tokenizer Split: behavior " + behavior + " is not supported; expected Isolated");
                }
                JsonNode pattern = node.path("pattern");
                split(
                        pattern.has("Regex")
                                ? pattern.path("Regex").asString()
                                : quote(pattern.path("String").asString("")));
            }
            case "Digits" ->
                split(node.path("individual_digits").asBoolean(false) ? PreTokenizer.DIGIT : PreTokenizer.DIGITS);
            case "Punctuation" -> {
                String behavior = node.path("behavior").asString("Isolated");
                if (!behavior.equals("Isolated") && !behavior.equals("Contiguous")) {
                    throw new TextException("pre_tokenizer Punctuation: behavior " + behavior + " is not supported");
                }
                split(PreTokenizer.PUNCTUATION + (behavior.equals("Contiguous") ? "+" : ""));
            }
            case "Metaspace" -> metaspace(node);
            default ->
                throw new TextException("pre_tokenizer " + type
                        + " is not supported; expected ByteLevel, Split, Digits, Punctuation, Metaspace or a Sequence");
        }
    }

    private void byteLevel(JsonNode node) {
        if (byteLevel) {
            throw new TextException("pre_tokenizer: ByteLevel twice is not supported");
        }
        if (node.path("add_prefix_space").asBoolean(true)) {
            if (!splits.isEmpty()) {
                throw new TextException(
                        "pre_tokenizer ByteLevel: add_prefix_space after other splits is not supported");
            }
            spacePrefix = SpacePrefix.ALWAYS_IF_MISSING;
        }
        if (node.path("use_regex").asBoolean(true)) {
            split(PreTokenizer.GPT2);
        }
        byteLevel = true;
    }

    private void metaspace(JsonNode node) {
        expect("pre_tokenizer Metaspace", node.path("replacement"), SPACE);
        if (node.path("split").asBoolean(true)) {
            throw new TextException("pre_tokenizer Metaspace: split = true is not supported");
        }
        boolean legacy = node.path("add_prefix_space").asBoolean(true);
        String scheme = node.path("prepend_scheme").asString(legacy ? "always" : "never");
        spacePrefix = switch (scheme) {
            case "always" -> SpacePrefix.ALWAYS_IF_MISSING;
            case "first" -> SpacePrefix.FIRST_IF_MISSING;
            case "never" -> SpacePrefix.NEVER;
            default -> throw new TextException("pre_tokenizer Metaspace: prepend_scheme " + scheme);
        };
        sentencePiece = true;
    }

    /** Decoding follows from the kind; a decoder that would do something else is refused. */
    void checkDecoder(JsonNode node) {
        String type = node.path("type").asString("");
        switch (type) {
            case "" -> {}
            case "Sequence" -> node.path("decoders").forEach(this::checkDecoder);
            case "ByteLevel", "Metaspace", "ByteFallback", "Fuse" -> {}
            case "Replace" -> expect("decoder Replace", node.path("pattern").path("String"), SPACE);
            case "Strip" -> expect("decoder Strip", node.path("content"), " ");
            default -> throw new TextException("decoder " + type + " is not supported");
        }
    }

    private void split(String pattern) {
        splits.add(new Split(pattern, byteLevel));
    }

    /** A pattern that matches {@code text} and nothing else. */
    private static String quote(String text) {
        if (text.isEmpty()) {
            throw new TextException("pre_tokenizer Split: expected a pattern Regex or String");
        }
        StringBuilder out = new StringBuilder();
        text.codePoints().forEach(cp -> {
            if (Character.isLetterOrDigit(cp) || cp > 0x7F || cp <= ' ') {
                out.appendCodePoint(cp);
            } else {
                out.append('\\').appendCodePoint(cp);
            }
        });
        return out.toString();
    }

    private static void expect(String where, JsonNode got, String expected) {
        if (!got.isString() || !got.asString().equals(expected)) {
            throw new TextException(where + ": expected \"" + expected + "\", got " + got);
        }
    }
}
