package dev.trit.train;

/** Training, its data or its checkpoints cannot go on: says where, what was expected, what was found and what to do. */
public class TrainException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    public TrainException(String message) {
        super(message);
    }

    public TrainException(String message, Throwable cause) {
        super(message, cause);
    }
}
