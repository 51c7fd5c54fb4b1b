package dev.trit.text;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/** What SentencePiece's two models share: spaces as U+2581, byte fallback, the unknown token, and the way back. */
final class SentencePieceText {
    /** How a space is written inside pieces. */
    static final char SPACE = '\u2581';

    private final Vocabulary vocabulary;
    private final int[] byteTokens = new int[256]; // -1 where there is none

    SentencePieceText(Vocabulary vocabulary) {
        this.vocabulary = vocabulary;
        Arrays.fill(byteTokens, -1);
        TokenTable tokens = vocabulary.tokens();
        for (int id = 0; id < tokens.size(); id++) {
            if (tokens.typeCode(id) == TokenType.BYTE.code()) {
                int b = VocabularyTokenizer.byteValue(tokens.text(id));
                if (b < 0) {
                    throw new TextException("token " + id + " is of type byte and written \"" + tokens.text(id)
                            + "\"; expected <0x00> to <0xFF>");
                }
                byteTokens[b] = id;
            }
        }
    }

    /** Whether a token can be made from plain text. */
    boolean isPiece(int id) {
        int type = vocabulary.tokens().typeCode(id);
        return type == TokenType.NORMAL.code() || type == TokenType.USER_DEFINED.code();
    }

    /** The text as pieces are written: prefix put in front, spaces replaced, extra ones removed if so asked. */
    CodePoints escape(CodePoints text, boolean first) {
        boolean prefix = vocabulary.spacePrefix().applies(text, first, SPACE);
        boolean squeeze = vocabulary.removeExtraSpaces();
        int[] out = new int[text.length() + 1];
        int n = 0;
        if (prefix) {
            out[n++] = SPACE;
        }
        boolean afterSpace = true; // or at the beginning
        for (int i = 0; i < text.length(); i++) {
            int cp = text.at()[i];
            boolean space = cp == ' ';
            if (!(squeeze && space && afterSpace)) {
                out[n++] = space ? SPACE : cp;
            }
            afterSpace = space;
        }
        while (squeeze && n > 0 && out[n - 1] == SPACE) {
            n--;
        }
        return new CodePoints(out, n);
    }

    /** A character without a token: its bytes, or else the unknown token, once for a run of them. */
    void unknown(int codePoint, Ids out) {
        byte[] utf8 = new byte[4];
        int count = Utf8.encode(codePoint, utf8, 0);
        boolean all = true;
        for (int i = 0; i < count; i++) {
            all &= byteTokens[utf8[i] & 0xFF] >= 0;
        }
        if (all) {
            for (int i = 0; i < count; i++) {
                out.add(byteTokens[utf8[i] & 0xFF]);
            }
            return;
        }
        int unk = vocabulary.special().unk();
        if (unk >= 0 && out.last() != unk) {
            out.add(unk);
        }
    }

    byte[] bytes(int id) {
        return vocabulary.tokens().text(id).replace(SPACE, ' ').getBytes(StandardCharsets.UTF_8);
    }
}
