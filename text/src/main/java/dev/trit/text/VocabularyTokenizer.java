package dev.trit.text;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;

/**
 * The frame that all kinds share, in Hugging Face's order: added tokens are cut out of the raw text, the rest is
 * normalized, added tokens that want normalized text are cut out of that, and what remains goes to the segmenter.
 */
final class VocabularyTokenizer implements Tokenizer {
    private final Vocabulary vocabulary;
    private final Segmenter segmenter;
    private final boolean sentencePiece;
    // [0] without control tokens, [1] with them
    private final AddedTokenMatcher[] raw;
    private final AddedTokenMatcher[] normalized;

    VocabularyTokenizer(Vocabulary vocabulary) {
        this.vocabulary = vocabulary;
        sentencePiece = vocabulary.kind() != Vocabulary.Kind.BYTE_BPE;
        segmenter = switch (vocabulary.kind()) {
            case BYTE_BPE -> new ByteLevelSegmenter(vocabulary);
            case SENTENCEPIECE_BPE -> new SentencePieceBpe(vocabulary);
            case SENTENCEPIECE_UNIGRAM -> new SentencePieceUnigram(vocabulary);
        };
        List<AddedToken> before =
                vocabulary.added().stream().filter(t -> !t.normalized()).toList();
        List<AddedToken> after =
                vocabulary.added().stream().filter(AddedToken::normalized).toList();
        raw = matchers(before);
        normalized = matchers(after);
    }

    private static AddedTokenMatcher[] matchers(List<AddedToken> tokens) {
        return new AddedTokenMatcher[] {
            new AddedTokenMatcher(tokens.stream().filter(t -> !t.special()).toList()), new AddedTokenMatcher(tokens)
        };
    }

    @Override
    public Vocabulary vocabulary() {
        return vocabulary;
    }

    @Override
    public int[] encode(String text, boolean addSpecial, boolean parseSpecial) {
        return encode(CodePoints.of(text), addSpecial, parseSpecial);
    }

    @Override
    public int[] encode(byte[] utf8, boolean addSpecial, boolean parseSpecial) {
        return encode(CodePoints.of(utf8), addSpecial, parseSpecial);
    }

    private int[] encode(CodePoints text, boolean addSpecial, boolean parseSpecial) {
        Ids out = new Ids();
        SpecialTokens special = vocabulary.special();
        if (addSpecial && special.addBos()) {
            out.add(special.bos());
        }
        int pass = parseSpecial ? 1 : 0;
        int from = 0;
        for (AddedTokenMatcher.Found found : raw[pass].find(text)) {
            normalize(text.slice(from, found.from()), from == 0, pass, out);
            out.add(found.token().id());
            from = found.to();
        }
        normalize(text.slice(from, text.length()), from == 0, pass, out);
        if (addSpecial && special.addEos()) {
            out.add(special.eos());
        }
        return out.toArray();
    }

    private void normalize(CodePoints piece, boolean first, int pass, Ids out) {
        CodePoints text = vocabulary.preTokenizer().normalization().apply(piece);
        int from = 0;
        for (AddedTokenMatcher.Found found : normalized[pass].find(text)) {
            segment(text.slice(from, found.from()), first && from == 0, out);
            out.add(found.token().id());
            from = found.to();
        }
        segment(text.slice(from, text.length()), first && from == 0, out);
    }

    private void segment(CodePoints text, boolean first, Ids out) {
        if (text.length() > 0) {
            segmenter.segment(text, first, out);
        }
    }

    @Override
    public byte[] tokenBytes(int id) {
        TokenTable tokens = vocabulary.tokens();
        return switch (tokens.type(id)) {
            case CONTROL, UNKNOWN -> tokens.text(id).getBytes(StandardCharsets.UTF_8);
            case BYTE -> {
                int b = byteValue(tokens.text(id));
                yield b < 0 ? segmenter.bytes(id) : new byte[] {(byte) b};
            }
            case USER_DEFINED, NORMAL, UNUSED -> segmenter.bytes(id);
        };
    }

    /** The byte that {@code <0x0A>} means, or -1 for any other text. */
    static int byteValue(String text) {
        if (text.length() != 6 || !text.startsWith("<0x") || text.charAt(5) != '>') {
            return -1;
        }
        int high = Character.digit(text.charAt(3), 16);
        int low = Character.digit(text.charAt(4), 16);
        return high < 0 || low < 0 ? -1 : high << 4 | low;
    }

    @Override
    public byte[] decodeBytes(int[] ids, boolean showSpecial) {
        ByteArrayOutputStream out = new ByteArrayOutputStream(ids.length * 4);
        boolean begun = !sentencePiece || vocabulary.spacePrefix() == SpacePrefix.NEVER;
        for (int id : ids) {
            boolean special = isSpecial(id);
            if (special && !showSpecial) {
                continue;
            }
            byte[] bytes = tokenBytes(id);
            boolean prefixed = !begun && !special && bytes.length > 0 && bytes[0] == ' ';
            begun |= !special;
            out.write(bytes, prefixed ? 1 : 0, bytes.length - (prefixed ? 1 : 0));
        }
        return out.toByteArray();
    }
}
