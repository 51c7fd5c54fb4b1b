package dev.trit.tensor;

/** A tensor or kernel was asked for something it cannot do; the message says what was expected and what was got. */
public final class TensorException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    public TensorException(String message) {
        super(message);
    }

    public TensorException(String message, Throwable cause) {
        super(message, cause);
    }
}
