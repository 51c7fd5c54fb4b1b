package dev.trit.model;

/**
 * A model cannot be loaded or asked for what it cannot do. The message says where, what was expected, what was got and,
 * where there is something, what to do. The one exception of this module.
 */
public final class ModelException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    public ModelException(String message) {
        super(message);
    }

    public ModelException(String message, Throwable cause) {
        super(message, cause);
    }
}
