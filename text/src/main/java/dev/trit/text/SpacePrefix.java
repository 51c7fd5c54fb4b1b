package dev.trit.text;

/** Where encoding puts a space in front, so that a word is the same token at the start of a text as inside it. */
public enum SpacePrefix {
    NEVER,
    /** Before the text and again after every special token in it (LLaMA-2). */
    ALWAYS,
    /** As {@link #ALWAYS} unless a space is there already. */
    ALWAYS_IF_MISSING,
    /** Only before the whole text, unless a space is there already. */
    FIRST_IF_MISSING;

    /**
     * Whether a piece gets one.
     *
     * @param first it is the beginning of the whole text
     * @param written how a space may be written besides as itself
     */
    boolean applies(CodePoints piece, boolean first, char written) {
        boolean missing = piece.length() > 0 && piece.at()[0] != ' ' && piece.at()[0] != written;
        return switch (this) {
            case NEVER -> false;
            case ALWAYS -> piece.length() > 0;
            case ALWAYS_IF_MISSING -> missing;
            case FIRST_IF_MISSING -> first && missing;
        };
    }
}
