package dev.trit.text;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;

/** Between SentencePiece's scores and Hugging Face's list of merges, which say the same thing for BPE. */
final class MergeScores {
    private MergeScores() {}

    /**
     * A score per token such that merging by score does what {@code v.merges()} say: minus the place of the first merge
     * that makes the token.
     *
     * @throws TextException if no scores can say it, because merges that make the same token are not neighbours
     */
    static float[] of(Vocabulary v) {
        TokenTable tokens = v.tokens();
        float[] scores = new float[tokens.size()];
        Arrays.fill(scores, -v.merges().size());
        boolean[] made = new boolean[tokens.size()];
        int last = -1;
        int rank = 0;
        for (String merge : v.merges()) {
            int id = tokens.index()
                    .find(merge.substring(0, merge.indexOf(' ', 1)) + merge.substring(merge.indexOf(' ', 1) + 1));
            if (id != last && made[id]) {
                throw new TextException(
                        "merges of token \"" + tokens.text(id)
                                + "\" do not stand together; such a vocabulary cannot be written as scores, keep it as tokenizer.json");
            }
            if (!made[id]) {
                made[id] = true;
                scores[id] = -rank++;
            }
            last = id;
        }
        return scores;
    }

    /** The list of merges that scores stand for: every way to make a piece of two pieces, best score first. */
    static List<String> merges(Vocabulary v) {
        record Merge(float score, int id, int left, int right) {}

        TokenTable tokens = v.tokens();
        SentencePieceText pieces = new SentencePieceText(v);
        List<Merge> merges = new ArrayList<>();
        for (int id = 0; id < tokens.size(); id++) {
            String text = tokens.text(id);
            for (int cut = 1; pieces.isPiece(id) && cut < text.length(); cut++) {
                int left = tokens.index().find(text.substring(0, cut));
                int right = tokens.index().find(text.substring(cut));
                if (left >= 0 && right >= 0 && pieces.isPiece(left) && pieces.isPiece(right)) {
                    merges.add(new Merge(tokens.score(id), id, left, right));
                }
            }
        }
        merges.sort(Comparator.comparingDouble((Merge m) -> -m.score)
                .thenComparingInt(Merge::id)
                .thenComparingInt(Merge::left)
                .thenComparingInt(Merge::right));
        return merges.stream()
                .map(m -> tokens.text(m.left) + " " + tokens.text(m.right))
                .toList();
    }
}
