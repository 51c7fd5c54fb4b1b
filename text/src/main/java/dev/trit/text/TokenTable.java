package dev.trit.text;

import java.util.List;
import java.util.OptionalInt;
import org.jspecify.annotations.Nullable;

/** All tokens by id: text as files write it, type and score. Immutable. */
public final class TokenTable {
    private final String[] texts; // [size]
    private final byte[] types; // [size], TokenType codes
    private final float[] scores; // [size], or empty where merges decide
    private volatile @Nullable TokenIndex index;

    /**
     * @param texts one per id; byte-level vocabularies write bytes in GPT-2's alphabet, SentencePiece writes spaces as
     *     U+2581
     * @param types {@link TokenType} codes, one per id
     * @param scores one per id (higher is merged earlier, or log-probabilities), or none
     * @throws TextException if the lengths differ, a type is not 1 to 6, or a score is not a number
     */
    public TokenTable(List<String> texts, byte[] types, float[] scores) {
        this.texts = texts.toArray(new String[0]);
        this.types = types.clone();
        this.scores = scores.clone();
        if (types.length != this.texts.length || scores.length != 0 && scores.length != this.texts.length) {
            throw new TextException("vocabulary of " + this.texts.length + " tokens has " + types.length
                    + " token types and " + scores.length + " scores; expected one per token");
        }
        for (byte type : types) {
            if (type < 1 || type > 6) {
                TokenType.of(type);
            }
        }
        for (float score : scores) {
            if (Float.isNaN(score)) {
                throw new TextException("vocabulary has a token score that is not a number");
            }
        }
    }

    public int size() {
        return texts.length;
    }

    /** The text of a token as files write it. */
    public String text(int id) {
        return texts[check(id)];
    }

    public TokenType type(int id) {
        return TokenType.of(types[check(id)]);
    }

    /** The score, 0 where the vocabulary has none. */
    public float score(int id) {
        check(id);
        return scores.length == 0 ? 0 : scores[id];
    }

    public boolean hasScores() {
        return scores.length != 0;
    }

    /** The id of the token written exactly so; the last one if several are. */
    public OptionalInt find(String text) {
        int id = index().find(text);
        return id < 0 ? OptionalInt.empty() : OptionalInt.of(id);
    }

    /** All texts, by id. */
    public List<String> texts() {
        return List.of(texts);
    }

    TokenIndex index() {
        TokenIndex built = index;
        if (built == null) {
            built = new TokenIndex(texts); // two threads may build it; either is right
            index = built;
        }
        return built;
    }

    float[] scores() {
        return scores.clone();
    }

    int typeCode(int id) {
        return types[id];
    }

    private int check(int id) {
        if (id < 0 || id >= texts.length) {
            throw new TextException(
                    "token id " + id + " is not in the vocabulary; expected 0 to " + (texts.length - 1));
        }
        return id;
    }
}
