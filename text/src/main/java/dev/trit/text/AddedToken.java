package dev.trit.text;

/**
 * A token that is found in the text as it is written, before anything else is split or merged.
 *
 * @param id its number
 * @param text what is looked for; not empty
 * @param special true for control tokens: found only when special tokens are asked to be read, and not shown on decoding
 * @param normalized true if it is looked for after the text was normalized (Hugging Face), false if before
 * @param singleWord true if it may not stand inside a word
 * @param lstrip true if white space before it belongs to it
 * @param rstrip true if white space after it belongs to it
 */
public record AddedToken(
        int id, String text, boolean special, boolean normalized, boolean singleWord, boolean lstrip, boolean rstrip) {
    public AddedToken {
        if (text.isEmpty()) {
            throw new TextException("added token " + id + " has an empty text; remove it from the vocabulary");
        }
    }

    /** Found as written, anywhere, without any of the extra rules. */
    public AddedToken(int id, String text, boolean special) {
        this(id, text, special, false, false, false, false);
    }
}
