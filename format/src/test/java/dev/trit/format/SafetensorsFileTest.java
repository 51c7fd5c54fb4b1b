package dev.trit.format;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.trit.tensor.FloatTensor;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SafetensorsFileTest {
    @TempDir
    Path dir;

    @Test
    void whatIsWrittenIsReadBack() {
        Path path = dir.resolve("a.safetensors");
        new SafetensorsWriter()
                .metadata("step", "12 \u00e9")
                .tensor("matrix", FloatTensor.of(2, 3, 1, 2, 3, 4, 5, 6), 2, 3)
                .tensor("codes", "U8", new long[] {1, 5}, out -> out.write(new byte[] {1, 2, 3, 4, 5}))
                .tensor("cube", FloatTensor.of(4, 1, 1, 2, 3, 4), 2, 2, 1)
                .tensor("scalar", "I64", new long[0], out -> out.write(new byte[] {7, 0, 0, 0, 0, 0, 0, 0}))
                .tensor("empty", "F32", new long[] {0, 4}, out -> {})
                .write(path);
        try (SafetensorsFile file = SafetensorsFile.open(path);
                Arena arena = Arena.ofConfined()) {
            assertThat(file.metadata()).containsEntry("format", "pt").containsEntry("step", "12 \u00e9");
            assertThat(file.entries())
                    .extracting(SafetensorsFile.Entry::name)
                    .containsExactly("matrix", "codes", "cube", "scalar", "empty");
            assertThat(file.floats(file.entry("matrix"), arena).toFloats()).containsExactly(1, 2, 3, 4, 5, 6);
            assertThat(file.map(file.entry("codes"), arena).toArray(ValueLayout.JAVA_BYTE))
                    .containsExactly(1, 2, 3, 4, 5);
            assertThat(file.floats(file.entry("cube"), arena).rows()).isEqualTo(4);
            assertThat(file.entry("scalar").shape()).isEmpty();
            assertThatThrownBy(() -> file.floats(file.entry("codes"), arena))
                    .isInstanceOf(FormatException.class)
                    .hasMessageContaining("U8 [1, 5]");
            assertThatThrownBy(() -> file.floats(file.entry("empty"), arena)).isInstanceOf(FormatException.class);
            assertThatThrownBy(() -> file.entry("other")).isInstanceOf(FormatException.class);
        }
    }

    // Each header is followed by 16 bytes of data.
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "[1, 2]|the header has the wrong JSON type",
                "{\"a\": 1}|the description has the wrong JSON type",
                "{\"a\": {}}|the description is incomplete",
                "{\"a\": {\"dtype\": \"F32\", \"shape\": [1], \"data_offsets\": [0]}}|the description is incomplete",
                "{\"a\": {\"dtype\": \"F33\", \"shape\": [1], \"data_offsets\": [0, 4]}}|unknown dtype",
                "{\"a\": {\"dtype\": 4, \"shape\": [1], \"data_offsets\": [0, 4]}}|dtype has the wrong JSON type",
                "{\"a\": {\"dtype\": \"F32\", \"shape\": [\"1\"], \"data_offsets\": [0, 4]}}|shape has the wrong JSON type",
                "{\"a\": {\"dtype\": \"F32\", \"shape\": [1.0], \"data_offsets\": [0, 4]}}|shape has the wrong JSON type",
                "{\"a\": {\"dtype\": \"F32\", \"shape\": [1,1,1,1,1,1,1,1,1], \"data_offsets\": [0, 4]}}|shape is too long",
                "{\"a\": {\"dtype\": \"F32\", \"shape\": [-1], \"data_offsets\": [0, 4]}}|the shape is out of range",
                "{\"a\": {\"dtype\": \"F32\", \"shape\": [4294967296], \"data_offsets\": [0, 4]}}|the shape is out of range",
                "{\"a\": {\"dtype\": \"F32\", \"shape\": [65536, 65536, 1], \"data_offsets\": [0, 4]}}|the shape is out of range",
                "{\"a\": {\"dtype\": \"F64\", \"shape\": [2147483647, 2147483647], \"data_offsets\": [0, 8]}}|the shape is out of range",
                "{\"a\": {\"dtype\": \"F32\", \"shape\": [99999999999999999999], \"data_offsets\": [0, 4]}}|not valid JSON",
                "{\"a\": {\"dtype\": \"F32\", \"shape\": [2], \"data_offsets\": [0, 4]}}|data_offsets do not fit",
                "{\"a\": {\"dtype\": \"F32\", \"shape\": [1], \"data_offsets\": [-4, 0]}}|data_offsets do not fit",
                "{\"a\": {\"dtype\": \"F32\", \"shape\": [1], \"data_offsets\": [16, 20]}}|data_offsets do not fit",
                "{\"a\": {\"dtype\": \"F32\", \"shape\": [1], \"data_offsets\": [9223372036854775807, -9223372036854775805]}}|data_offsets do not fit",
                "{\"a\": {\"dtype\": \"F32\", \"shape\": [2], \"data_offsets\": [0, 8]}, \"b\": {\"dtype\": \"F32\", \"shape\": [2], \"data_offsets\": [4, 12]}}|overlaps",
                "{\"a\": {\"dtype\": \"F32\", \"shape\": [1], \"data_offsets\": [0, 4]}, \"a\": {}}|Duplicate",
                "{\"__metadata__\": {\"a\": 1}}|a value of __metadata__ has the wrong JSON type",
                "{\"a\": {\"dtype\": \"F32\", |not valid JSON",
                "{} {}|more JSON after",
                "{\"|not valid JSON",
            })
    void isRefused(String header, String message) throws IOException {
        byte[] json = header.getBytes(StandardCharsets.UTF_8);
        assertRefused(json.length, json, message);
    }

    @Test
    void lyingLengthsAndDeepJsonAreRefused() throws IOException {
        assertRefused(Long.MAX_VALUE, new byte[0], "the header length cannot be right");
        assertRefused(-1, new byte[0], "the header length cannot be right");
        assertRefused(1000, new byte[0], "the header length cannot be right");
        assertRefused(0, new byte[0], "the header length cannot be right");
        byte[] deep = ("{\"a\": {\"x\": " + "[".repeat(100_000)).getBytes(StandardCharsets.UTF_8);
        assertRefused(deep.length, deep, "nesting depth");
        byte[] bad = "{\"a\u00ff\": 1}".getBytes(StandardCharsets.ISO_8859_1);
        assertRefused(bad.length, bad, "not valid JSON");
        byte[] number = ("{\"a\": {\"shape\": [" + "9".repeat(100_000) + "]}}").getBytes(StandardCharsets.UTF_8);
        assertRefused(number.length, number, "not valid JSON");
    }

    private void assertRefused(long length, byte[] json, String message) throws IOException {
        Path path = dir.resolve("lie.safetensors");
        byte[] start = new GgufHeaderWriter().i64(length).bytes();
        byte[] bytes = Arrays.copyOf(start, 8 + json.length + 16);
        System.arraycopy(json, 0, bytes, 8, json.length);
        Files.write(path, bytes);
        long before = Allocation.now();
        assertThatThrownBy(() -> SafetensorsFile.open(path).close())
                .isInstanceOf(FormatException.class)
                .hasMessageContaining(message)
                .hasMessageContaining(path.toString());
        assertThat(Allocation.now() - before).isLessThan(4 << 20);
    }
}
