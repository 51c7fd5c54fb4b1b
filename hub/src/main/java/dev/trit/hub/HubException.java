package dev.trit.hub;

import org.jspecify.annotations.Nullable;

/**
 * A model cannot be fetched, found or removed. The message says which repository or file, what happened and what to do.
 * The one exception of this module.
 */
public final class HubException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    public HubException(String message) {
        super(message);
    }

    public HubException(String message, @Nullable Throwable cause) {
        super(message, cause);
    }
}
