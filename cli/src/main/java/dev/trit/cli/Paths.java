package dev.trit.cli;

import java.nio.file.Files;
import java.nio.file.Path;

/** Files that the caller named. */
public final class Paths {
    private Paths() {}

    /** The path itself, or the one line that says it is not there. */
    public static Path existing(Path path) {
        if (!Files.exists(path)) {
            throw new CommandException(ExitCode.NO_FILE, path + ": no such file or directory");
        }
        return path;
    }
}
