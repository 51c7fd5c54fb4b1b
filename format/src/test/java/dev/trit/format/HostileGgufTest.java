package dev.trit.format;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.trit.tensor.FloatTensor;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Every way in which a GGUF header can lie, one by one; each is one exception that says what is wrong. */
class HostileGgufTest {
    private static final long HUGE = Long.MAX_VALUE;

    @TempDir
    Path dir;

    static Stream<Arguments> lies() {
        return Stream.of(
                lie("an empty file", h -> {}, "the file ends inside the magic number"),
                lie("wrong magic", h -> h.i32(0x12345678), "not a GGUF file"),
                lie("version 1", h -> h.i32(GgufHeader.MAGIC).i32(1), "unsupported GGUF version"),
                lie("big-endian", h -> h.i32(GgufHeader.MAGIC).i32(0x03000000), "big-endian"),
                lie("ends after the version", h -> h.i32(GgufHeader.MAGIC).i32(3), "ends inside the tensor count"),
                lie("2^63 - 1 tensors", h -> start(h, HUGE, 0), "the number of tensors"),
                lie("-1 tensors", h -> start(h, -1, 0), "18446744073709551615"),
                lie("a billion tensors", h -> start(h, 1_000_000_000, 0), "the number of tensors"),
                lie("2^63 - 1 keys", h -> start(h, 0, HUGE), "the number of metadata values"),
                lie("a key of 2^63 - 1 bytes", h -> start(h, 0, 1).i64(HUGE).i64(0), "beyond the end of the file"),
                lie("a key of -1 bytes", h -> start(h, 0, 1).i64(-1).i64(0), "beyond the end of the file"),
                lie(
                        "a key that is not UTF-8",
                        h -> start(h, 0, 1).i64(2).i32(0xc0c0).i64(0),
                        "a metadata key is not UTF-8"),
                lie("value type 13", h -> start(h, 0, 1).string("k").i32(13).i64(0), "unknown metadata value type"),
                lie(
                        "a key twice",
                        h -> start(h, 0, 2)
                                .string("k")
                                .value(GgufValueType.U32, 1)
                                .string("k")
                                .value(GgufValueType.U32, 1),
                        "key k occurs twice"),
                lie(
                        "a boolean of 2",
                        h -> start(h, 0, 1)
                                .string("k")
                                .i32(GgufValueType.BOOL.ordinal())
                                .i32(2),
                        "not a boolean"),
                lie("an array of 2^62 floats", h -> array(h, GgufValueType.F32, 1L << 62), "elements of k"),
                lie("an array of 2^31 bytes", h -> array(h, GgufValueType.U8, 1L << 31), "elements of k"),
                lie("an array of 10^9 strings", h -> array(h, GgufValueType.STRING, 1_000_000_000), "elements of k"),
                lie("arrays without end", HostileGgufTest::nested, "arrays in arrays"),
                lie("rank 0", h -> tensor(h, "t", new long[0], 0, 0), "unsupported rank"),
                lie("rank 5", h -> tensor(h, "t", new long[] {1, 1, 1, 1, 1}, 0, 0), "unsupported rank"),
                lie("a dimension of 0", h -> tensor(h, "t", new long[] {0}, 0, 0), "a dimension is out of range"),
                lie("a dimension of -1", h -> tensor(h, "t", new long[] {1, -1}, 0, 0), "a dimension is out of range"),
                lie("2^31 columns", h -> tensor(h, "t", new long[] {1L << 31, 1}, 0, 0), "the shape is too large"),
                lie(
                        "a product that overflows",
                        h -> tensor(h, "t", new long[] {1, HUGE, HUGE, HUGE}, 0, 0),
                        "the shape is too large"),
                lie(
                        "a size that overflows to 0",
                        h -> tensor(h, "t", new long[] {1L << 30, 1L << 30, 4}, 28, 0),
                        "the shape is too large"),
                lie(
                        "2^62 bytes and more",
                        h -> tensor(h, "t", new long[] {1L << 30, 1L << 30}, 28, 0),
                        "more bytes than a file can"),
                lie("an unknown type", h -> tensor(h, "t", new long[] {1}, 99, 0), "unknown tensor type"),
                lie("half a block", h -> tensor(h, "t", new long[] {16}, 8, 0), "does not fill whole blocks"),
                lie(
                        "an offset beyond the end",
                        h -> tensor(h, "t", new long[] {1}, 0, 1 << 20),
                        "offset is out of range"),
                lie("an offset below 0", h -> tensor(h, "t", new long[] {1}, 0, -32), "offset is out of range"),
                lie("an offset that is not aligned", h -> tensor(h, "t", new long[] {1}, 0, 4), "not aligned"),
                lie("data beyond the end", h -> tensor(h, "t", new long[] {64}, 0, 0), "the file ends inside its data"),
                lie("no name", h -> tensor(h, "", new long[] {1}, 0, 0), "a tensor without a name"),
                lie(
                        "a name twice",
                        h -> {
                            start(h, 2, 0);
                            entry(h, "t", new long[] {1}, 0, 0);
                            entry(h, "t", new long[] {1}, 0, 0);
                        },
                        "the name occurs twice"),
                lie(
                        "overlapping data",
                        h -> {
                            start(h, 2, 0);
                            entry(h, "a", new long[] {16}, 0, 0);
                            entry(h, "b", new long[] {1}, 0, 32);
                        },
                        "overlaps that of b"),
                lie(
                        "the same data twice",
                        h -> {
                            start(h, 2, 0);
                            entry(h, "a", new long[] {1}, 0, 0);
                            entry(h, "b", new long[] {1}, 0, 0);
                        },
                        "overlaps that of b"),
                lie("alignment 0", h -> alignment(h, 0), "general.alignment is not usable"),
                lie("alignment 3", h -> alignment(h, 3), "general.alignment is not usable"),
                lie("alignment 2^31 as U32", h -> alignment(h, 0x80000000L), "general.alignment is not usable"),
                lie("alignment 2^30", h -> alignment(h, 1 << 30), "the file ends before its data section"));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("lies")
    void isRefused(String name, Consumer<GgufHeaderWriter> writer, String message) throws IOException {
        GgufHeaderWriter header = new GgufHeaderWriter();
        writer.accept(header);
        Path file = dir.resolve("lie.gguf");
        int length = header.bytes().length;
        // Room for one aligned tensor of eight floats after the header, so that only the lie is wrong.
        Files.write(file, Arrays.copyOf(header.bytes(), length < 24 ? length : (length + 31) / 32 * 32 + 64));
        long before = Allocation.now();
        assertThatThrownBy(() -> GgufFile.open(file).close())
                .isInstanceOf(FormatException.class)
                .hasMessageContaining(message)
                .hasMessageContaining(file.toString());
        assertThat(Allocation.now() - before).isLessThan(2 << 20);
    }

    @Test
    void theExceptionCarriesItsParts() throws IOException {
        GgufHeaderWriter header = new GgufHeaderWriter();
        tensor(header, "t\u0007", new long[] {1}, 99, 0);
        Path file = dir.resolve("parts.gguf");
        Files.write(file, Arrays.copyOf(header.bytes(), 256));
        assertThatThrownBy(() -> GgufFile.open(file)).isInstanceOfSatisfying(FormatException.class, e -> {
            assertThat(e.file()).isEqualTo(file);
            assertThat(e.tensor()).isEqualTo("t\u0007");
            assertThat(e.what()).isEqualTo("unknown tensor type");
            assertThat(e.got()).isEqualTo("99");
            assertThat(e.getMessage()).contains("tensor t?: unknown");
        });
    }

    @Test
    void everyTruncationIsRefused() throws IOException {
        Path whole = dir.resolve("whole.gguf");
        new GgufWriter(whole)
                .put("general.architecture", "llama")
                .put("tokens", List.of("a", "b"))
                .vector("v", FloatTensor.of(1, 4, 1, 2, 3, 4))
                .matrix("m", FloatTensor.of(2, 2, 1, 2, 3, 4))
                .write();
        byte[] bytes = Files.readAllBytes(whole);
        Path cut = dir.resolve("cut.gguf");
        // The last 16 bytes are padding behind the last tensor.
        for (int n = 0; n < bytes.length - 16; n++) {
            Files.write(cut, Arrays.copyOf(bytes, n));
            assertThatThrownBy(() -> GgufFile.open(cut)).isInstanceOf(FormatException.class);
        }
        Files.write(cut, Arrays.copyOf(bytes, bytes.length - 16));
        GgufFile.open(cut).close();
    }

    @Test
    void otherFilesAreToldApart() throws IOException {
        assertRefused("PK\u0003\u0004 pickle", "a pickled PyTorch file");
        assertRefused("{\"weight_map\": {}}", "Give the directory");
        assertRefused("", "begins with nothing");
        assertThatThrownBy(() -> Checkpoint.open(dir.resolve("absent")))
                .isInstanceOf(FormatException.class)
                .hasMessageContaining("no such file");
        assertThatThrownBy(() -> Checkpoint.open(Files.createDirectory(dir.resolve("empty"))))
                .isInstanceOf(FormatException.class)
                .hasMessageContaining("not one model");
    }

    private void assertRefused(String content, String message) throws IOException {
        Path file = Files.writeString(dir.resolve("other.gguf"), content);
        assertThatThrownBy(() -> Checkpoint.open(file))
                .isInstanceOf(FormatException.class)
                .hasMessageContaining(message);
    }

    private static Arguments lie(String name, Consumer<GgufHeaderWriter> header, String message) {
        return Arguments.of(name, header, message);
    }

    private static GgufHeaderWriter start(GgufHeaderWriter h, long tensors, long keys) {
        return h.i32(GgufHeader.MAGIC).i32(3).i64(tensors).i64(keys);
    }

    private static void array(GgufHeaderWriter h, GgufValueType of, long n) {
        start(h, 0, 1)
                .string("k")
                .i32(GgufValueType.ARRAY.ordinal())
                .i32(of.ordinal())
                .i64(n)
                .i64(0);
    }

    private static void nested(GgufHeaderWriter h) {
        start(h, 0, 1).string("k").i32(GgufValueType.ARRAY.ordinal());
        for (int i = 0; i < 1000; i++) {
            h.i32(GgufValueType.ARRAY.ordinal()).i64(1);
        }
    }

    private static void alignment(GgufHeaderWriter h, long value) {
        start(h, 1, 1).string("general.alignment").value(GgufValueType.U32, value);
        entry(h, "t", new long[] {1}, 0, 0);
    }

    private static void tensor(GgufHeaderWriter h, String name, long[] dims, int type, long offset) {
        start(h, 1, 0);
        entry(h, name, dims, type, offset);
    }

    private static void entry(GgufHeaderWriter h, String name, long[] dims, int type, long offset) {
        h.string(name).i32(dims.length);
        for (long d : dims) {
            h.i64(d);
        }
        h.i32(type).i64(offset);
    }
}
