package dev.trit.text;

import java.util.Arrays;

/**
 * SentencePiece's unigram model (Kudo 2018, arXiv 1804.10959): of all segmentations into pieces the one with the highest
 * sum of log-probabilities, found by dynamic programming from left to right.
 */
final class SentencePieceUnigram implements Segmenter {
    /** How much less likely an unknown character is than the least likely piece. */
    private static final float UNKNOWN_PENALTY = 10;

    private final TokenTable tokens;
    private final TokenIndex index;
    private final SentencePieceText pieces;
    private final float unknownScore;
    private final float highestScore;

    SentencePieceUnigram(Vocabulary vocabulary) {
        tokens = vocabulary.tokens();
        index = tokens.index();
        pieces = new SentencePieceText(vocabulary);
        if (!tokens.hasScores()) {
            throw new TextException("a unigram vocabulary needs a score per token; it has none");
        }
        float lowest = Float.POSITIVE_INFINITY;
        float highest = Float.NEGATIVE_INFINITY;
        for (int id = 0; id < tokens.size(); id++) {
            if (tokens.typeCode(id) == TokenType.NORMAL.code()) {
                lowest = Math.min(lowest, tokens.score(id));
                highest = Math.max(highest, tokens.score(id));
            }
        }
        unknownScore = lowest - UNKNOWN_PENALTY;
        highestScore = highest;
    }

    @Override
    public void segment(CodePoints piece, boolean first, Ids out) {
        CodePoints text = pieces.escape(piece, first);
        int n = text.length();
        float[] best = new float[n + 1]; // score of the best segmentation that ends here
        int[] start = new int[n + 1]; // where its last piece begins
        int[] token = new int[n + 1]; // and which it is, -1 for an unknown character
        Arrays.fill(start, -1);
        char[] chars = new char[2 * n + 2];
        for (int from = 0; from < n; from++) {
            boolean single = false;
            int hash = 0;
            int length = 0; // in chars
            for (int to = from; to < n; ) {
                int count = Character.toChars(text.at()[to++], chars, length);
                for (int i = 0; i < count; i++) {
                    hash = TokenIndex.hash(hash, chars[length++]);
                }
                if (length > index.longest()) {
                    break;
                }
                int id = index.find(chars, 0, length, hash);
                if (id >= 0 && pieces.isPiece(id)) {
                    offer(from, to, best[from] + score(id, to - from), id, best, start, token);
                    single |= to == from + 1;
                }
            }
            if (!single) {
                offer(from, from + 1, best[from] + unknownScore, -1, best, start, token);
            }
        }
        int[] ends = new int[n];
        int count = 0;
        for (int at = n; at > 0; at = start[at]) {
            ends[count++] = at;
        }
        while (count-- > 0) {
            int end = ends[count];
            if (token[end] >= 0) {
                out.add(token[end]);
            } else {
                pieces.unknown(text.at()[end - 1], out);
            }
        }
    }

    private float score(int id, int length) {
        // User-defined pieces always win over what they could be split into.
        boolean userDefined = tokens.typeCode(id) == TokenType.USER_DEFINED.code();
        return userDefined ? length * highestScore - 0.1f : tokens.score(id);
    }

    private static void offer(int from, int to, float score, int id, float[] best, int[] start, int[] token) {
        if (start[to] < 0 || score > best[to]) {
            best[to] = score;
            start[to] = from;
            token[to] = id;
        }
    }

    @Override
    public byte[] bytes(int id) {
        return pieces.bytes(id);
    }
}
