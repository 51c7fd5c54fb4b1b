package dev.trit.text;

/** Where encoding puts a space in front, so that a word is the same token at the start of a text as inside it. */
public enum SpacePrefix {
    NEVER,
    /** Before the text, not after a special token in it. */
    FIRST,
    /** Before the text and again after every special token in it (LLaMA-2). */
    ALWAYS,
    /** As {@link #FIRST} unless a space is there already. */
    FIRST_IF_MISSING,
    /** As {@link #ALWAYS} unless a space is there already. */
    ALWAYS_IF_MISSING;

    /** Whether a piece gets one; {@code first}: it is the beginning of the text. */
    boolean applies(CodePoints piece, boolean first) {
        if (piece.length() == 0) {
            return false;
        }
        return switch (this) {
            case NEVER -> false;
            case FIRST -> first;
            case ALWAYS -> true;
            case FIRST_IF_MISSING -> first && piece.at()[0] != ' ';
            case ALWAYS_IF_MISSING -> piece.at()[0] != ' ';
        };
    }
}
