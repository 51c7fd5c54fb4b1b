package dev.trit.text;

/** What a token is for. The codes are those of SentencePiece's {@code ModelProto} and of GGUF's token_type. */
public enum TokenType {
    /** Piece of text, made by merging. */
    NORMAL(1),
    /** Stands for text that has no token. */
    UNKNOWN(2),
    /** Steers the model ({@code <s>}, {@code <|im_end|>}): never made from plain text, not shown to readers. */
    CONTROL(3),
    /** Text that is always one token, wherever it stands. */
    USER_DEFINED(4),
    /** A number without meaning, such as padding up to a round vocabulary size. */
    UNUSED(5),
    /** One byte, written {@code <0x0A>}: what is left when a character has no token. */
    BYTE(6);

    private final int code;

    TokenType(int code) {
        this.code = code;
    }

    /** The number in files, 1 to 6. */
    public int code() {
        return code;
    }

    /** @throws TextException if {@code code} is not 1 to 6 */
    public static TokenType of(int code) {
        return switch (code) {
            case 1 -> NORMAL;
            case 2 -> UNKNOWN;
            case 3 -> CONTROL;
            case 4 -> USER_DEFINED;
            case 5 -> UNUSED;
            case 6 -> BYTE;
            default -> throw new TextException("token type " + code + ": expected 1 (normal) to 6 (byte)");
        };
    }
}
