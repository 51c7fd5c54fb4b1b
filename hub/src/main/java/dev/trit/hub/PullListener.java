package dev.trit.hub;

/** Hears how a pull goes on. Called by one thread at a time. */
public interface PullListener {
    /** Nobody listens. */
    PullListener SILENT = new PullListener() {};

    /** Something worth a line: what was chosen, what is waited for. */
    default void say(String line) {}

    /**
     * Bytes of the model that are here, of all its files together.
     *
     * @param file the one in progress
     */
    default void at(String file, long done, long total) {}
}
