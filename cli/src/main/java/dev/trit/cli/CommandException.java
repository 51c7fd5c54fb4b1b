package dev.trit.cli;

/** A command cannot go on; the message is the one line the user reads, and the code is the exit status. */
public final class CommandException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final ExitCode code;

    /** @param message what happened, to which file or option, and what to do */
    public CommandException(ExitCode code, String message) {
        super(message);
        this.code = code;
    }

    /** As above, keeping the cause for {@code --verbose}. */
    public CommandException(ExitCode code, String message, Throwable cause) {
        super(message, cause);
        this.code = code;
    }

    public ExitCode code() {
        return code;
    }
}
