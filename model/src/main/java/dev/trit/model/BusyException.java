package dev.trit.model;

import java.time.Duration;

/** An {@link Engine} takes no request at the moment; nothing is wrong with the request, and it may be sent again. */
public final class BusyException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final boolean closing;
    private final transient Duration retryAfter;

    BusyException(String message, boolean closing, Duration retryAfter) {
        super(message);
        this.closing = closing;
        this.retryAfter = retryAfter;
    }

    /** True where the engine is being shut down, false where its queue is full. */
    public boolean closing() {
        return closing;
    }

    /** When a place should be free, at the speed of late; whole seconds, at least one. */
    public Duration retryAfter() {
        return retryAfter;
    }
}
