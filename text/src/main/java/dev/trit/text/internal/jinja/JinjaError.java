package dev.trit.text.internal.jinja;

/** An operation that the values do not allow; the interpreter adds the line. */
final class JinjaError extends RuntimeException {
    private static final long serialVersionUID = 1L;

    JinjaError(String message) {
        super(message, null, false, false);
    }
}
