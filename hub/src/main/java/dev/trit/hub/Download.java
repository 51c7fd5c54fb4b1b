package dev.trit.hub;

import dev.trit.hub.HubConnection.Answer;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Deque;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.LongConsumer;
import org.jspecify.annotations.Nullable;

/**
 * One blob on its way to the disk. Several connections fetch ranges ahead, one thread appends them in order, so the
 * unfinished file is at any moment a beginning of the whole: a later run, or another tool that resumes by length, goes on
 * from there.
 */
final class Download {
    static final int CONNECTIONS = 4;

    /** Ranges in flight or waiting to be written; with {@link #chunk} the memory this takes. */
    private static final int AHEAD = CONNECTIONS + 2;

    private final HubConnection hub;
    private final String what; // REPO:FILE, for messages
    private final URI resolve; // the hub's own address of the file
    private final String etag;
    private final long size;
    private final Path file; // BLOB.incomplete
    private final int chunk;
    private final LongConsumer progress;
    private volatile URI location; // where the hub sent us; signed addresses expire

    /** @param chunk bytes of one range */
    Download(
            HubConnection hub,
            String what,
            URI resolve,
            String etag,
            long size,
            Path file,
            int chunk,
            LongConsumer progress) {
        this.hub = hub;
        this.what = what;
        this.resolve = resolve;
        this.location = resolve;
        this.etag = etag;
        this.size = size;
        this.file = file;
        this.chunk = chunk;
        this.progress = progress;
    }

    /** The server sends whole files only. */
    private static final class NoRanges extends RuntimeException {
        private static final long serialVersionUID = 1L;
    }

    /**
     * Fetches what is missing and checks all of it.
     *
     * @throws HubException if that fails; what has arrived stays for the next time, unless it is damaged
     */
    void run() {
        try {
            long had = Files.exists(file) ? Files.size(file) : 0;
            if (had > size) {
                had = 0;
            }
            String wrong = attempt(had);
            if (wrong != null && had > 0) {
                wrong = attempt(0); // what was here before may have been damaged
            }
            if (wrong != null) {
                Files.delete(file);
                throw new HubException(what + ": damaged on the way: expected hash " + etag + ", got " + wrong
                        + ". It was removed; try again");
            }
        } catch (IOException e) {
            throw failed(e);
        }
    }

    /** Appends to the first {@code had} bytes; returns a hash that is not the right one, or null. */
    private @Nullable String attempt(long had) throws IOException {
        checkSpace(size - had);
        try (FileChannel out =
                FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE)) {
            out.truncate(had);
            BlobHash hash = new BlobHash(etag, size);
            readAgain(out, had, hash);
            try {
                inRanges(had, out, hash);
            } catch (NoRanges e) {
                hash = hub.patiently(what, () -> whole(out));
            }
            out.force(true);
            return hash.mismatch();
        }
    }

    private void readAgain(FileChannel in, long had, BlobHash hash) throws IOException {
        ByteBuffer buffer = ByteBuffer.allocate(1 << 20);
        in.position(0);
        while (in.position() < had) {
            int n = in.read(buffer.clear());
            hash.update(buffer.array(), 0, n);
        }
        progress.accept(had);
    }

    private void inRanges(long had, FileChannel out, BlobHash hash) throws IOException {
        if (had == size) {
            return;
        }
        long at = had;
        byte[] first = range(at, Math.min(at + chunk, size)); // alone: it shows whether ranges work at all
        at += append(first, at, out, hash);
        Deque<Future<byte[]>> ahead = new ArrayDeque<>();
        try (ExecutorService connections =
                Executors.newFixedThreadPool(CONNECTIONS, Thread.ofVirtual().factory())) {
            try {
                for (long next = at; at < size; ) {
                    while (next < size && ahead.size() < AHEAD) {
                        long from = next;
                        long to = Math.min(next + chunk, size);
                        ahead.add(connections.submit(() -> range(from, to)));
                        next = to;
                    }
                    at += append(ahead.remove().get(), at, out, hash);
                }
            } catch (ExecutionException e) {
                throw e.getCause() instanceof RuntimeException r ? r : new HubException(what + ": " + e.getCause(), e);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new HubException(what + ": interrupted", e);
            } finally {
                connections.shutdownNow();
            }
        }
    }

    private int append(byte[] bytes, long at, FileChannel out, BlobHash hash) throws IOException {
        out.position(at);
        for (ByteBuffer buffer = ByteBuffer.wrap(bytes); buffer.hasRemaining(); ) {
            out.write(buffer);
        }
        hash.update(bytes, 0, bytes.length);
        progress.accept(at + bytes.length);
        return bytes.length;
    }

    /** Bytes {@code from ... to-1}; a connection that was cut goes on where it was. */
    private byte[] range(long from, long to) {
        byte[] bytes = new byte[(int) (to - from)];
        int filled = 0;
        while (filled < bytes.length) {
            int have = filled;
            filled = hub.patiently(what, () -> fill(bytes, have, from));
        }
        return bytes;
    }

    /** Reads on from {@code filled}; returns how far it came, which is further, or throws. */
    private int fill(byte[] bytes, int filled, long from) throws IOException {
        long begin = from + filled;
        try (Answer answer = open("bytes=" + begin + "-" + (from + bytes.length - 1))) {
            String got = answer.header("Content-Range");
            if (answer.status() == 200) {
                throw new NoRanges();
            }
            if (answer.status() != 206 || got == null || !got.startsWith("bytes " + begin + "-")) {
                throw new IOException("asked for bytes from " + begin + ", got status " + answer.status() + ", " + got);
            }
            int at = filled;
            try (InputStream in = answer.body()) {
                for (int n; at < bytes.length && (n = in.read(bytes, at, bytes.length - at)) >= 0; ) {
                    at += n;
                }
            } catch (IOException e) {
                if (at == filled) {
                    throw e;
                }
            }
            if (at == filled) {
                throw new EOFException("the connection ended early");
            }
            return at;
        }
    }

    /** The file in one piece, from its beginning. */
    private BlobHash whole(FileChannel out) throws IOException {
        out.truncate(0);
        BlobHash hash = new BlobHash(etag, size);
        byte[] buffer = new byte[1 << 16];
        long at = 0;
        try (Answer answer = open(null);
                InputStream in = answer.body()) {
            for (int n; (n = in.read(buffer)) >= 0; ) {
                at += append(Arrays.copyOf(buffer, n), at, out, hash);
            }
        }
        if (at != size) {
            throw new EOFException("the connection ended after " + at + " of " + size + " bytes");
        }
        return hash;
    }

    private Answer open(@Nullable String range) throws IOException {
        URI asked = location;
        Answer answer = hub.request("GET", asked, range, true);
        if (answer.status() >= 400 && !asked.equals(resolve)) {
            answer.close(); // the address we were sent to has expired
            answer = hub.request("GET", resolve, range, true);
        }
        if (answer.status() >= 400 && !answer.uri().equals(resolve)) { // the hub let us in, its storage did not
            int status = answer.status();
            answer.close();
            throw new IOException("the address that the hub handed out was refused (" + status + ")"); // expired again
        }
        if (answer.status() >= 400) {
            HubException refusal = hub.refused(what, answer);
            answer.close();
            throw refusal;
        }
        location = answer.uri();
        return answer;
    }

    private void checkSpace(long needed) throws IOException {
        Path folder = file.toAbsolutePath().getParent();
        long free = Files.getFileStore(folder).getUsableSpace();
        if (free < needed) {
            throw new HubException(
                    "%s: not enough disk space: %,d bytes needed, %,d free in %s. Free some, or set HF_HOME"
                            .formatted(what, needed, free, folder));
        }
    }

    private HubException failed(IOException e) {
        boolean full = String.valueOf(e.getMessage()).contains("No space left");
        return new HubException(
                full
                        ? what + ": the disk is full. What has arrived stays; free some space and pull again"
                        : what + ": " + file + " cannot be written: " + e.getMessage(),
                e);
    }
}
