package dev.trit.format;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.trit.tensor.FloatTensor;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class AtomicFileTest {
    @TempDir
    Path dir;

    @Test
    void aFailureLeavesWhatWasThere() throws IOException {
        Path target = Files.writeString(dir.resolve("model.gguf"), "before");
        GgufWriter writer = new GgufWriter(target)
                .vector("good", FloatTensor.of(1, 1, 1))
                .vector("bad", GgmlType.F32, 100_000, out -> {
                    out.write(new byte[200_000]);
                    throw new FormatException("the source ended");
                });
        assertThatThrownBy(writer::write)
                .isInstanceOf(FormatException.class)
                .hasMessageContaining("tensor bad: the source ended")
                .hasMessageContaining(target.toString());
        assertThat(target).hasContent("before");
        assertThat(files()).containsExactly(target);
    }

    @Test
    void otherExceptionsLeaveNothingEither() throws IOException {
        Path target = dir.resolve("model.safetensors");
        SafetensorsWriter writer = new SafetensorsWriter()
                .tensor("a", FloatTensor.of(1, 1, 1), 1)
                .tensor("b", "U8", new long[] {4}, out -> {
                    throw new IllegalStateException("programming error");
                });
        assertThatThrownBy(() -> writer.write(target)).isInstanceOf(IllegalStateException.class);
        assertThatThrownBy(() -> writer.writeSharded(dir, 4)).isInstanceOf(IllegalStateException.class);
        assertThat(files()).isEmpty();
    }

    @Test
    void moreOrFewerBytesThanDeclaredAreRefused() throws IOException {
        for (int n : new int[] {3, 5}) {
            GgufWriter writer =
                    new GgufWriter(dir.resolve("m.gguf")).vector("v", GgmlType.F32, 1, out -> out.write(new byte[n]));
            assertThatThrownBy(writer::write)
                    .isInstanceOf(FormatException.class)
                    .hasMessageContaining(n < 4 ? "fewer bytes" : "more bytes")
                    .hasMessageContaining("expected 4, got " + n);
        }
        assertThat(files()).isEmpty();
    }

    @Test
    void aDiskTooSmallIsFoundBeforeAnythingIsWritten() throws IOException {
        for (int n : new int[] {100, 4096}) { // 2^59 bytes, 2^64 bytes
            GgufWriter writer = new GgufWriter(dir.resolve("m.gguf"));
            for (int i = 0; i < n; i++) {
                writer.matrix("huge" + i, GgmlType.F32, Integer.MAX_VALUE, 1 << 20, out -> {
                    throw new AssertionError("not to be called");
                });
            }
            assertThatThrownBy(writer::write)
                    .isInstanceOf(FormatException.class)
                    .hasMessageContaining(n == 100 ? "not enough disk space" : "more bytes than a file can");
        }
        assertThat(files()).isEmpty();
    }

    @Test
    void impossibleTargetsAreOneClearError() {
        assertThatThrownBy(() -> new GgufWriter(dir).write())
                .isInstanceOf(FormatException.class)
                .hasMessageContaining("is a directory");
        assertThatThrownBy(() -> new GgufWriter(dir.resolve("a/b.gguf")).write())
                .isInstanceOf(FormatException.class)
                .hasMessageContaining("its directory does not exist");
    }

    private List<Path> files() throws IOException {
        try (Stream<Path> files = Files.list(dir)) {
            return files.toList();
        }
    }
}
