package dev.trit.text;

/**
 * A vocabulary, a tokenizer file or a chat template is damaged, or asks for something that is not understood. The
 * message says where, what was expected, what was found and what to do.
 */
public final class TextException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    public TextException(String message) {
        super(message);
    }

    public TextException(String message, Throwable cause) {
        super(message, cause);
    }
}
