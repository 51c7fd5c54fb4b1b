package dev.trit.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Comparator;
import java.util.stream.Stream;

/** A file or directory in the making beside where it is to be: it appears there in one rename, or not at all. */
public final class Staged implements AutoCloseable {
    private final Path out;
    private final Path path;
    private final boolean directory;

    /**
     * @param directory then {@code out} must not exist; a file is replaced
     * @throws CommandException if it cannot be put there
     */
    public Staged(Path out, boolean directory) {
        Path name = out.getFileName();
        if (name == null) {
            throw new CommandException(ExitCode.USAGE, "OUT is not a name: " + out);
        }
        if (directory && Files.exists(out)) {
            throw new CommandException(ExitCode.USAGE, out + " exists already: name a directory that does not");
        }
        this.out = out;
        this.directory = directory;
        // The name keeps the ending that decides the container.
        this.path = out.resolveSibling(
                "." + name + ".unfinished-" + ProcessHandle.current().pid() + (directory ? "" : ".gguf"));
    }

    /** Where to write. */
    public Path path() {
        return path;
    }

    /** The last step. */
    public void publish() throws IOException {
        if (directory) {
            Files.move(path, out);
        } else {
            Files.move(path, out, StandardCopyOption.REPLACE_EXISTING, StandardCopyOption.ATOMIC_MOVE);
        }
    }

    /** Bytes of a file, or of all files in a directory. */
    public static long bytes(Path path) throws IOException {
        try (Stream<Path> files = Files.walk(path)) {
            return files.filter(Files::isRegularFile)
                    .mapToLong(f -> f.toFile().length())
                    .sum();
        }
    }

    /** Deletes a file or directory if it is there. */
    public static void delete(Path path) throws IOException {
        if (!Files.exists(path)) {
            return;
        }
        try (Stream<Path> files = Files.walk(path)) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(file);
            }
        }
    }

    /** Deletes what was not published. */
    @Override
    public void close() throws IOException {
        delete(path);
    }
}
