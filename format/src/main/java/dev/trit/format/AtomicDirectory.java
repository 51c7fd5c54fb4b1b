package dev.trit.format;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.ThreadLocalRandom;
import java.util.stream.Stream;

/** A directory that appears whole or not at all: filled under a temporary name beside its place, then renamed. */
final class AtomicDirectory implements AutoCloseable {
    private final Path target;
    private final Path temporary;
    private boolean renamed;

    /** @throws FormatException if something is at {@code target} already: a directory is never replaced */
    AtomicDirectory(Path target) {
        this.target = target.toAbsolutePath().normalize();
        if (Files.exists(this.target) && !isEmptyDirectory(this.target)) {
            throw new FormatException(
                            "exists already", "a new directory", null, "Give another name, or remove it first.")
                    .at(target, null);
        }
        this.temporary = this.target.resolveSibling("." + this.target.getFileName() + ".partial-"
                + Long.toHexString(ThreadLocalRandom.current().nextLong()));
        try {
            Files.createDirectory(temporary);
        } catch (IOException e) {
            throw failed(e);
        }
    }

    private static boolean isEmptyDirectory(Path path) {
        if (!Files.isDirectory(path)) {
            return false;
        }
        try (Stream<Path> files = Files.list(path)) {
            return files.findAny().isEmpty();
        } catch (IOException e) {
            throw OpenFile.unreadable(path, e);
        }
    }

    /** Where files are written until {@link #commit}. */
    Path path() {
        return temporary;
    }

    void write(String name, byte[] bytes) {
        try (AtomicFile out = new AtomicFile(temporary.resolve(name), bytes.length)) {
            out.write(bytes);
            out.commit();
        }
    }

    void commit() {
        try {
            Files.deleteIfExists(target); // an empty directory
            Files.move(temporary, target);
            renamed = true;
        } catch (IOException e) {
            throw failed(e);
        }
    }

    @Override
    public void close() {
        if (renamed) {
            return;
        }
        try (Stream<Path> files = Files.list(temporary)) {
            for (Path file : files.toList()) {
                Files.delete(file);
            }
        } catch (IOException e) {
            throw failed(e);
        }
        try {
            Files.delete(temporary);
        } catch (IOException e) {
            throw failed(e);
        }
    }

    private FormatException failed(IOException e) {
        return new FormatException("cannot be written: " + e, null, null, "Check disk space and permissions.")
                .causedBy(e)
                .at(target, null);
    }
}
