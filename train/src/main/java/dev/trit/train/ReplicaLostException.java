package dev.trit.train;

/** Another process of a data-parallel run is gone. What this process has trained so far is whole. */
public final class ReplicaLostException extends TrainException {
    private static final long serialVersionUID = 1L;

    public ReplicaLostException(String message, Throwable cause) {
        super(message, cause);
    }
}
