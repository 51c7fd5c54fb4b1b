package dev.trit.text;

/** The part of a tokenizer that differs between kinds: plain text, in which no added token stands, to ids. */
interface Segmenter {
    /**
     * Appends the ids of {@code text}.
     *
     * @param first whether this is the beginning of the whole text
     */
    void segment(CodePoints text, boolean first, Ids out);

    /** The bytes of a normal, user-defined, unused or byte token. */
    byte[] bytes(int id);
}
