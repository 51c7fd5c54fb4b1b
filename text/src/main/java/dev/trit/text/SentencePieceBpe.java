package dev.trit.text;

import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;

/**
 * SentencePiece's BPE (LLaMA-2): two neighbouring symbols merge if their joined text is a piece, highest score first, the
 * leftmost of equals. All pairs that can ever merge are listed when the tokenizer is built, so that merging itself is
 * that of {@link PairMerge}. A vocabulary that came with a list of merges uses the list.
 */
final class SentencePieceBpe implements Segmenter {
    private final SentencePieceText pieces;
    private final int size;
    // Symbol of a single character: its token, or a number from `size` up if it has none but stands in some token.
    private final int[] basic = new int[0x10000]; // -1 where neither
    private final Map<Integer, Integer> supplementary = new HashMap<>();
    private int[] tokenless = new int[16]; // [symbol - size] to character
    private int tokenlessCount;
    private final PairTable pairs;
    private final AddedTokenMatcher userDefined; // pieces that are never split nor merged with their neighbours

    SentencePieceBpe(Vocabulary vocabulary) {
        TokenTable tokens = vocabulary.tokens();
        pieces = new SentencePieceText(vocabulary);
        size = tokens.size();
        Arrays.fill(basic, -1);
        for (int id = 0; id < size; id++) {
            String text = tokens.text(id);
            if (pieces.isPiece(id) && !text.isEmpty() && text.length() == Character.charCount(text.codePointAt(0))) {
                setSymbol(text.codePointAt(0), id);
            }
        }
        userDefined = new AddedTokenMatcher(SpecialTokenNames.userDefinedPieces(vocabulary));
        if (!vocabulary.merges().isEmpty()) {
            pairs = ByteLevelSegmenter.pairs(vocabulary.merges(), tokens.index());
        } else if (tokens.hasScores()) {
            pairs = pairsByScore(tokens);
        } else {
            throw new TextException(
                    "a SentencePiece BPE vocabulary needs scores (tokenizer.ggml.scores) or merges; it has neither");
        }
    }

    private PairTable pairsByScore(TokenTable tokens) {
        float[] scores = tokens.scores();
        float[] ordered = scores.clone();
        Arrays.sort(ordered);
        TokenIndex index = tokens.index();
        PairTable table = new PairTable(4 * size);
        for (int id = 0; id < size; id++) {
            if (!pieces.isPiece(id)) {
                continue;
            }
            String text = tokens.text(id);
            // Equal scores get equal ranks: then the place decides. 0.0 and -0.0 are one score.
            int rank = size - 1 - lastIndexOf(ordered, scores[id] + 0f);
            for (int cut = 1; cut < text.length(); cut++) {
                if (Character.isLowSurrogate(text.charAt(cut))) {
                    continue;
                }
                int left = part(text, 0, cut, index);
                int right = part(text, cut, text.length(), index);
                if (left >= 0 && right >= 0) {
                    table.put(left, right, rank, id);
                }
            }
        }
        return table;
    }

    private static int lastIndexOf(float[] ordered, float score) {
        int at = Arrays.binarySearch(ordered, score);
        while (at + 1 < ordered.length && at >= 0 && ordered[at + 1] == score) {
            at++;
        }
        return Math.max(at, 0);
    }

    /** The symbol for part of a token: a piece, or a character that is none; -1 for anything else. */
    private int part(String text, int from, int to, TokenIndex index) {
        int cp = text.codePointAt(from);
        if (to - from == Character.charCount(cp)) {
            int symbol = symbol(cp);
            if (symbol < 0) {
                if (tokenlessCount == tokenless.length) {
                    tokenless = Arrays.copyOf(tokenless, tokenlessCount * 2);
                }
                tokenless[tokenlessCount] = cp;
                symbol = size + tokenlessCount++;
                setSymbol(cp, symbol);
            }
            return symbol;
        }
        int id = index.find(text.substring(from, to));
        return id >= 0 && pieces.isPiece(id) ? id : -1;
    }

    private int symbol(int cp) {
        return cp < 0x10000 ? basic[cp] : supplementary.getOrDefault(cp, -1);
    }

    private void setSymbol(int cp, int symbol) {
        if (cp < 0x10000) {
            basic[cp] = symbol;
        } else {
            supplementary.put(cp, symbol);
        }
    }

    @Override
    public void segment(CodePoints piece, boolean first, Ids out) {
        CodePoints text = pieces.escape(piece, first);
        PairMerge merge = new PairMerge(pairs);
        int from = 0;
        for (AddedTokenMatcher.Found found : userDefined.find(text)) {
            segment(text, from, found.from(), merge, out);
            out.add(found.token().id());
            from = found.to();
        }
        segment(text, from, text.length(), merge, out);
    }

    private void segment(CodePoints text, int from, int to, PairMerge merge, Ids out) {
        int[] symbols = new int[to - from];
        for (int i = 0; i < symbols.length; i++) {
            int cp = text.at()[from + i];
            int symbol = symbol(cp);
            symbols[i] = symbol >= 0 ? symbol : -1 - cp; // the character itself, for what follows
        }
        int n = merge.merge(symbols, symbols.length);
        for (int i = 0; i < n; i++) {
            int symbol = symbols[i];
            if (symbol >= 0 && symbol < size) {
                out.add(symbol);
            } else {
                pieces.unknown(symbol < 0 ? -1 - symbol : tokenless[symbol - size], out);
            }
        }
    }

    @Override
    public byte[] bytes(int id) {
        return pieces.bytes(id);
    }
}
