package dev.trit.cli;

import dev.trit.format.FormatException;
import dev.trit.hub.HubException;
import dev.trit.model.ModelException;
import dev.trit.tensor.TensorException;
import dev.trit.text.TextException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.NoSuchFileException;
import java.util.Objects;

/** What a failure is to the person at the keyboard: one line and an exit code. */
final class Failures {
    private Failures() {}

    static ExitCode code(Throwable failure) {
        return switch (failure) {
            case CommandException e -> e.code();
            case FormatException e -> ExitCode.BAD_MODEL;
            case TextException e -> ExitCode.BAD_MODEL;
            case NoSuchFileException e -> ExitCode.NO_FILE;
            case AccessDeniedException e -> ExitCode.NO_FILE;
            case UncheckedIOException e -> code(cause(e));
            default -> Objects.requireNonNullElse(CommandSets.code(failure), ExitCode.FAILURE);
        };
    }

    /** The message after {@code trit: }; an unexpected exception says so and how to see more. */
    static String line(Throwable failure) {
        return switch (failure) {
            case CommandException e -> message(e);
            case TensorException e -> message(e);
            case FormatException e -> message(e);
            case TextException e -> message(e);
            case ModelException e -> message(e);
            case HubException e -> message(e);
            case NoSuchFileException e -> e.getFile() + ": no such file";
            case AccessDeniedException e -> e.getFile() + ": permission denied";
            case UncheckedIOException e -> line(cause(e));
            case IOException e -> message(e);
            case Throwable e when CommandSets.code(e) != null -> message(e);
            default ->
                "unexpected " + failure.getClass().getSimpleName() + ": " + message(failure)
                        + " (a fault of Trit; --verbose shows where)";
        };
    }

    private static IOException cause(UncheckedIOException e) {
        IOException cause = e.getCause();
        return cause != null ? cause : new IOException(message(e));
    }

    private static String message(Throwable e) {
        String message = e.getMessage();
        return message != null ? message : e.getClass().getSimpleName();
    }
}
