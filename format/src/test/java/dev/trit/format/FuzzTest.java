package dev.trit.format;

import static org.assertj.core.api.Assertions.assertThat;

import dev.trit.tensor.Dequantize;
import dev.trit.tensor.FloatTensor;
import dev.trit.tensor.TernaryTensor;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.io.UncheckedIOException;
import java.lang.foreign.Arena;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * Mutated model files are opened and decoded: nothing but {@link FormatException} may come out, in under a second each,
 * without allocating more than the file's size justifies.
 */
class FuzzTest {
    private static final long FIXED_BYTES = 2 << 20; // buffers, parsers, first-time class loading
    private static final long NANOS = TimeUnit.SECONDS.toNanos(1);
    private static final int DECODED = 1 << 12; // values of each tensor that are decoded

    /** A valid file, to be mutated. */
    private record Seed(String name, byte[] bytes) {}

    @TempDir
    Path dir;

    private final byte[] trits = new byte[1 << 17];
    private final float[] floats = new float[1 << 17];
    private Path checkpoint = Path.of("");
    private List<Seed> gguf = List.of();
    private List<Seed> hf = List.of();
    private int opened;
    private int decoded;

    @BeforeEach
    void seeds() throws IOException {
        checkpoint = Files.createDirectory(dir.resolve("hf"));
        gguf = FuzzSeeds.gguf(dir).stream()
                .map(f -> new Seed(f.getFileName().toString(), read(f)))
                .toList();
        hf = new ArrayList<>();
        for (Path f : FuzzSeeds.checkpoint(checkpoint)) {
            hf.add(new Seed(f.getFileName().toString(), read(f)));
        }
    }

    private static byte[] read(Path file) {
        try {
            return Files.readAllBytes(file);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Test
    void unharmedSeedsOpenAndDecode() {
        for (Seed seed : gguf) {
            Path file = write(dir.resolve("case.gguf"), seed.bytes());
            exercise(file);
        }
        exercise(checkpoint);
        assertThat(opened).isEqualTo(gguf.size() + 1);
        assertThat(decoded).isGreaterThan(30);
    }

    @Test
    @Timeout(60)
    void fourThousandMutatedFiles() {
        fuzz(4_000, 1);
    }

    @Test
    @Tag("slow")
    @Timeout(300)
    void aHundredThousandMutatedFiles() {
        fuzz(100_000, 2);
    }

    private void fuzz(int cases, long seed) {
        List<byte[]> all = new ArrayList<>();
        gguf.forEach(s -> all.add(s.bytes()));
        hf.forEach(s -> all.add(s.bytes()));
        for (int i = 0; i < cases; i++) {
            Mutation mutation = new Mutation(seed * 1_000_000_007L + i, all);
            boolean isGguf = i % 2 == 0;
            Seed victim = isGguf ? gguf.get(mutation.below(gguf.size())) : hf.get(mutation.below(hf.size()));
            byte[] bytes = mutation.of(victim.bytes(), victim.name().endsWith("json") || !isGguf);
            Path file = isGguf ? dir.resolve("case.gguf") : checkpoint.resolve(victim.name());
            write(file, bytes);
            try {
                exercise(isGguf ? file : checkpoint);
            } catch (RuntimeException | Error e) {
                throw new AssertionError("case %d of seed %d, a mutation of %s".formatted(i, seed, victim.name()), e);
            }
            if (!isGguf) {
                write(file, victim.bytes());
            }
        }
        // Mutations that leave nothing readable would prove little.
        assertThat(opened).isBetween(cases / 20, cases);
        assertThat(decoded).isGreaterThan(cases);
    }

    /** Opens and reads everything, in the time and space that it may take. */
    private void exercise(Path path) {
        long size = size(path);
        long start = System.nanoTime();
        long before = Allocation.now();
        try (Checkpoint c = Checkpoint.open(path)) {
            opened++;
            c.warnings();
            check(c.metadata().size() < 10_000, "metadata", c.metadata().size());
            for (StoredTensor t : c.tensors()) {
                try (Arena arena = Arena.ofConfined()) {
                    decode(t, arena);
                    decoded++;
                } catch (FormatException refused) {
                    check(refused.tensor() != null && refused.file() != null, refused.getMessage(), 0);
                }
            }
            c.architecture();
            c.ropeInterleaved();
            c.masterWeights();
        } catch (FormatException refused) {
            check(refused.file() != null, refused.getMessage(), 0);
        }
        long allocated = Allocation.now() - before;
        check(allocated < FIXED_BYTES + 24 * size, "bytes allocated for a file of " + size, allocated);
        long nanos = System.nanoTime() - start;
        check(nanos < NANOS, "nanoseconds", nanos);
    }

    /** AssertJ is too slow, and allocates too much, for what happens a million times. */
    private static void check(boolean holds, @Nullable String what, long got) {
        if (!holds) {
            throw new AssertionError(what + ": " + got);
        }
    }

    private void decode(StoredTensor t, Arena arena) {
        int cols = t.cols();
        if (!t.ternary()) {
            FloatTensor f = t.floats(arena);
            if (cols <= DECODED) {
                Dequantize.row(f, f.rows() - 1, 0, cols, floats, 0);
            }
        }
        boolean master =
                t.type().equals("F32") || t.type().equals("F16") || t.type().equals("BF16");
        if (t.ternary() || master && (long) t.rows() * cols <= DECODED) {
            TernaryTensor decoded = t.trits(arena);
            int rows = Math.min(t.rows(), DECODED / cols);
            decoded.trits().read(0, rows, trits, 0);
            for (int i = 0; i < rows * cols; i++) {
                check(trits[i] >= -1 && trits[i] <= 1, "not a trit", trits[i]);
            }
        }
    }

    private static long size(Path path) {
        try {
            if (!Files.isDirectory(path)) {
                return Files.size(path);
            }
            long size = 0;
            try (var files = Files.list(path)) {
                for (Path f : files.toList()) {
                    size += Files.size(f);
                }
            }
            return size;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Overwrites in place: some file systems flush a file to the disk when it was truncated to nothing before. */
    private static Path write(Path file, byte[] bytes) {
        try (RandomAccessFile out = new RandomAccessFile(file.toFile(), "rw")) {
            out.write(bytes);
            out.setLength(bytes.length);
            return file;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
