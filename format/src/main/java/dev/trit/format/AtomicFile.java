package dev.trit.format;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.AtomicMoveNotSupportedException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.concurrent.ThreadLocalRandom;

/**
 * A file that appears whole or not at all: bytes go to a temporary file beside the target, which is flushed to the disk
 * and then renamed over it. Closed before {@link #commit}, it leaves nothing behind.
 */
final class AtomicFile implements ByteSink, AutoCloseable {
    private final Path target;
    private final Path temporary;
    private final FileChannel channel;
    private final byte[] buffer = new byte[1 << 16];
    private int buffered;
    private long position;
    private boolean complete;
    private boolean renamed;

    /** @param bytes what will be written; checked against the free space first */
    AtomicFile(Path target, long bytes) {
        this.target = target.toAbsolutePath();
        if (Files.isDirectory(this.target)) {
            throw new FormatException("is a directory", "a file to write", null).at(target, null);
        }
        Path directory = this.target.getParent();
        this.temporary = this.target.resolveSibling("." + this.target.getFileName() + ".partial-"
                + Long.toHexString(ThreadLocalRandom.current().nextLong()));
        try {
            if (directory == null || !Files.isDirectory(directory)) {
                throw new FormatException("its directory does not exist", null, directory, "Create it first.")
                        .at(target, null);
            }
            long free = Files.getFileStore(directory).getUsableSpace();
            if (free < bytes) {
                throw new FormatException(
                                "not enough disk space",
                                bytes + " bytes",
                                free + " free",
                                "Free some space or write elsewhere; nothing was written.")
                        .at(target, null);
            }
            this.channel = FileChannel.open(temporary, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);
        } catch (IOException e) {
            throw failed(e);
        }
    }

    /** Bytes written so far. */
    long position() {
        return position;
    }

    @Override
    public void write(byte[] bytes, int from, int length) {
        position += length;
        if (length > buffer.length - buffered) {
            flush();
            if (length >= buffer.length) {
                put(ByteBuffer.wrap(bytes, from, length));
                return;
            }
        }
        System.arraycopy(bytes, from, buffer, buffered, length);
        buffered += length;
    }

    /** Zeros up to a multiple of {@code alignment}. */
    void pad(int alignment) {
        long zeros = GgufHeader.align(position, alignment) - position;
        byte[] block = new byte[(int) Math.min(zeros, 4096)];
        for (; zeros > 0; zeros -= block.length) {
            write(block, 0, (int) Math.min(zeros, block.length));
        }
    }

    /** Makes every byte safe on the disk; {@link #commit} then only renames. */
    void complete() {
        flush();
        try {
            channel.force(true);
            channel.close();
        } catch (IOException e) {
            throw failed(e);
        }
        complete = true;
    }

    /** Puts the file in its place; what was there is replaced in one step. */
    void commit() {
        if (!complete) {
            complete();
        }
        try {
            try {
                Files.move(temporary, target, StandardCopyOption.ATOMIC_MOVE);
            } catch (AtomicMoveNotSupportedException e) {
                Files.move(temporary, target, StandardCopyOption.REPLACE_EXISTING);
            }
        } catch (IOException e) {
            throw failed(e);
        }
        renamed = true;
    }

    /** Deletes the temporary file unless {@link #commit} has renamed it. */
    @Override
    public void close() {
        if (renamed) {
            return;
        }
        try {
            channel.close();
            Files.deleteIfExists(temporary);
        } catch (IOException e) {
            throw failed(e);
        }
    }

    private void flush() {
        int n = buffered;
        buffered = 0;
        put(ByteBuffer.wrap(buffer, 0, n));
    }

    private void put(ByteBuffer bytes) {
        try {
            while (bytes.hasRemaining()) {
                channel.write(bytes);
            }
        } catch (IOException e) {
            throw failed(e);
        }
    }

    private FormatException failed(IOException e) {
        return new FormatException(
                        "cannot be written: " + e, null, null, "Nothing was changed; check disk space and permissions.")
                .causedBy(e)
                .at(target, null);
    }
}
