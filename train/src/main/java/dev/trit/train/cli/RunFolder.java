package dev.trit.train.cli;

import dev.trit.cli.CommandException;
import dev.trit.cli.ExitCode;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The folder of a run, held by one process at a time.
 *
 * <pre>
 * recipe.yaml            every field, as the run uses it
 * checkpoints/step-N     each a model of its own
 * metrics.jsonl          one line for each step and event
 * tensorboard/           event files
 * report.html            loss, rates, codes, samples
 * </pre>
 */
final class RunFolder implements AutoCloseable {
    private final Path path;
    private final @Nullable FileChannel lock;

    private RunFolder(Path path, @Nullable FileChannel lock) {
        this.path = path;
        this.lock = lock;
    }

    /**
     * Creates or enters the folder.
     *
     * @throws CommandException if another process trains there
     */
    static RunFolder open(Path path) throws IOException {
        Files.createDirectories(path);
        FileChannel lock = FileChannel.open(path.resolve(".lock"), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
        if (lock.tryLock() == null) {
            lock.close();
            throw new CommandException(
                    ExitCode.FAILURE, path + ": another process trains there: stop it, or name another folder");
        }
        return new RunFolder(path, lock);
    }

    /** Enters the folder of a run that another process holds, and trains together with this one. */
    static RunFolder follow(Path path) throws IOException {
        Files.createDirectories(path);
        return new RunFolder(path, null);
    }

    /** Whether there is something in the folder that a new run would mix with; what failed before its first step is not. */
    static boolean isTaken(Path path) throws IOException {
        if (!Files.isDirectory(path)) {
            return Files.exists(path);
        }
        try (Stream<Path> entries = Files.list(path)) {
            for (Path entry : entries.toList()) {
                boolean left = entry.endsWith(".lock") || entry.endsWith("checkpoints") && !isTaken(entry);
                if (!left) {
                    return true;
                }
            }
        }
        return false;
    }

    Path path() {
        return path;
    }

    Path recipe() {
        return path.resolve("recipe.yaml");
    }

    Path checkpoints() {
        return path.resolve("checkpoints");
    }

    Path metrics() {
        return path.resolve("metrics.jsonl");
    }

    Path tensorBoard() {
        return path.resolve("tensorboard");
    }

    Path report() {
        return path.resolve("report.html");
    }

    /** Writes a file whole or not at all. */
    static void write(Path file, String text) throws IOException {
        @Nullable Path name = file.getFileName();
        Path partial = file.resolveSibling("." + name + ".partial");
        Files.writeString(partial, text);
        Files.move(partial, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    }

    @Override
    public void close() throws IOException {
        if (lock != null) {
            lock.close();
        }
    }
}
