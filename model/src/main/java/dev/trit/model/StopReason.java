package dev.trit.model;

import java.util.Locale;

/** Why a generation ended; {@link #toString} is the word in JSON. */
public enum StopReason {
    /** The model ended it with an end-of-generation token. */
    END,
    /** A stop text came up. */
    STOP,
    /** The number of tokens asked for was reached, or the context is full. */
    LENGTH,
    /** Somebody called it off. */
    CANCELLED,
    /** The time allowed for it was over. */
    TIMEOUT,
    /** It went wrong. */
    FAILED;

    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT);
    }
}
