package dev.trit.format;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/** A file open for reading, with the size it had then; every failure is a {@link FormatException} that names it. */
record OpenFile(Path path, FileChannel channel, long size) implements AutoCloseable {
    static OpenFile open(Path path) {
        if (!Files.isRegularFile(path)) {
            throw new FormatException(
                            Files.exists(path) ? "not a regular file" : "no such file",
                            "a model file",
                            null,
                            "Check the path.")
                    .at(path, null);
        }
        try {
            FileChannel channel = FileChannel.open(path, StandardOpenOption.READ);
            try {
                return new OpenFile(path, channel, channel.size());
            } catch (IOException e) {
                channel.close();
                throw e;
            }
        } catch (IOException e) {
            throw unreadable(path, e);
        }
    }

    /** Maps {@code bytes} bytes from {@code from} on, read-only, for as long as {@code arena} lives. */
    MemorySegment map(long from, long bytes, Arena arena) {
        if (from < 0 || bytes < 0 || bytes > size - from) {
            throw new FormatException("bytes outside the file", "within " + size, from + " + " + bytes).at(path, null);
        }
        try {
            return channel.map(FileChannel.MapMode.READ_ONLY, from, bytes, arena);
        } catch (IOException e) {
            throw unreadable(path, e);
        }
    }

    @Override
    public void close() {
        try {
            channel.close();
        } catch (IOException e) {
            throw unreadable(path, e);
        }
    }

    static FormatException unreadable(Path path, IOException e) {
        return new FormatException("cannot be read: " + e).causedBy(e).at(path, null);
    }
}
