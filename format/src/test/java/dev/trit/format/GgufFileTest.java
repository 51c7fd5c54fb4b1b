package dev.trit.format;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.trit.tensor.FloatTensor;
import java.lang.foreign.Arena;
import java.lang.foreign.ValueLayout;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class GgufFileTest {
    @TempDir
    Path dir;

    @Test
    void everyValueTypeComesBackWithItsType() {
        Path path = dir.resolve("values.gguf");
        new GgufWriter(path)
                .put("general.architecture", "llama")
                .put("u8", 200, GgufValueType.U8)
                .put("i8", -3, GgufValueType.I8)
                .put("u16", 65535, GgufValueType.U16)
                .put("i16", -32768, GgufValueType.I16)
                .put("u32", 7)
                .put("large u32", 4294967295L, GgufValueType.U32)
                .put("i32", -7)
                .put("f32", 1.5f)
                .put("bool", true)
                .put("string", "Grüße \uD83D\uDE00")
                .put("u64", 1L << 40)
                .put("i64", Long.MIN_VALUE, GgufValueType.I64)
                .put("f64", Math.PI)
                .put("bytes", new byte[] {1, -1})
                .put("shorts", new int[] {1, -2}, GgufValueType.I16)
                .put("ints", new int[] {1, -2})
                .put("unsigned ints", new int[] {1, -2}, GgufValueType.U32)
                .put("longs", new long[] {5, Long.MAX_VALUE})
                .put("floats", new float[] {0.5f, Float.NEGATIVE_INFINITY})
                .put("doubles", new double[] {0.1})
                .put("booleans", new boolean[] {true, false})
                .put("strings", List.of("a", "", "\u0000b", "\uFFFD"))
                .put("nested", List.of(new int[] {1}, List.of("x")))
                .put("none", List.of())
                .write();
        Path copy = dir.resolve("copy.gguf");
        try (GgufFile file = GgufFile.open(path)) {
            Map<String, Object> m = file.metadata();
            assertThat(m.keySet())
                    .startsWith("general.architecture", "u8", "i8")
                    .hasSize(25);
            assertThat(m.get("u8")).isEqualTo(200);
            assertThat(m.get("i8")).isEqualTo(-3);
            assertThat(m.get("u16")).isEqualTo(65535);
            assertThat(m.get("i16")).isEqualTo(-32768);
            assertThat(m.get("u32")).isEqualTo(7);
            assertThat(m.get("large u32")).isEqualTo(4294967295L);
            assertThat(m.get("i32")).isEqualTo(-7);
            assertThat(m.get("f32")).isEqualTo(1.5f);
            assertThat(m.get("bool")).isEqualTo(true);
            assertThat(m.get("string")).isEqualTo("Grüße \uD83D\uDE00");
            assertThat(m.get("u64")).isEqualTo(1L << 40);
            assertThat(m.get("i64")).isEqualTo(Long.MIN_VALUE);
            assertThat(m.get("f64")).isEqualTo(Math.PI);
            assertThat(m.get("bytes")).isEqualTo(new byte[] {1, -1});
            assertThat(m.get("shorts")).isEqualTo(new int[] {1, -2});
            assertThat(m.get("ints")).isEqualTo(new int[] {1, -2});
            assertThat(m.get("unsigned ints")).isEqualTo(new int[] {1, -2});
            assertThat(m.get("longs")).isEqualTo(new long[] {5, Long.MAX_VALUE});
            assertThat(m.get("floats")).isEqualTo(new float[] {0.5f, Float.NEGATIVE_INFINITY});
            assertThat(m.get("doubles")).isEqualTo(new double[] {0.1});
            assertThat(m.get("booleans")).isEqualTo(new boolean[] {true, false});
            assertThat(m.get("strings")).isEqualTo(List.of("a", "", "\u0000b", "\uFFFD"));
            assertThat((List<?>) m.get("nested")).last().isEqualTo(List.of("x"));
            assertThat(m.get("none")).isEqualTo(List.of());
            assertThat(file.valueType("shorts")).isEqualTo(GgufValueType.I16);
            assertThat(file.valueType("large u32")).isEqualTo(GgufValueType.U32);
            new GgufWriter(copy).putAll(file).write();
        }
        assertThat(copy).hasSameBinaryContentAs(path);
    }

    @Test
    void stringsOfAnyLengthSurviveTheBuffer() {
        List<String> strings = new ArrayList<>();
        Random random = new Random(1);
        for (int i = 0; i < 30_000; i++) {
            strings.add("\u0120é".repeat(random.nextInt(12)) + i);
        }
        strings.set(7, "x".repeat(300_000)); // longer than the buffer
        strings.set(8, "y".repeat(70_000)); // length of more than two bytes
        strings.set(9, "z".repeat(65_535));
        Path path = dir.resolve("strings.gguf");
        new GgufWriter(path).put("strings", strings).put("after", 1).write();
        try (GgufFile file = GgufFile.open(path)) {
            assertThat(file.metadata().get("strings")).isEqualTo(strings);
            assertThat(file.metadata()).containsEntry("after", 1);
        }
    }

    @Test
    void tensorsComeBackBitEqual() {
        Path path = dir.resolve("tensors.gguf");
        float[] values = {1, -2, 3, 0.5f, Float.MIN_VALUE, 6};
        new GgufWriter(path)
                .put("general.architecture", "qwen3")
                .vector("output_norm.weight", FloatTensor.of(1, 6, values))
                .matrix("blk.0.attn_q.weight", FloatTensor.of(2, 3, values))
                .matrix("blk.0.ffn_up.weight", GgmlType.I2_S, 2, 128, out -> out.write(new byte[96]))
                .write();
        try (Checkpoint file = Checkpoint.open(path);
                Arena arena = Arena.ofConfined()) {
            assertThat(file.container()).isEqualTo("gguf");
            assertThat(file.ropeInterleaved()).isFalse();
            assertThat(file.tensors())
                    .extracting(StoredTensor::name)
                    .containsExactly("output_norm.weight", "blk.0.attn_q.weight", "blk.0.ffn_up.weight");
            assertThat(file.tensor("output_norm.weight").rows()).isEqualTo(1);
            FloatTensor q = file.tensor("blk.0.attn_q.weight").floats(arena);
            assertThat(q.rows()).isEqualTo(2);
            assertThat(q.toFloats()).containsExactly(values);
            StoredTensor up = file.tensor("blk.0.ffn_up.weight");
            assertThat(up.ternary()).isTrue();
            assertThat(up.bytes()).isEqualTo(96);
            assertThatThrownBy(() -> up.floats(arena))
                    .isInstanceOf(FormatException.class)
                    .hasMessageContaining("blk.0.ffn_up.weight")
                    .hasMessageContaining("Read it as trits");
            assertThatThrownBy(() -> file.tensor("nothing"))
                    .isInstanceOf(FormatException.class)
                    .hasMessageContaining("no such tensor");
        }
    }

    @Test
    void closingTheArenaUnmapsOneTensorOnly() {
        Path path = dir.resolve("t.gguf");
        new GgufWriter(path)
                .put("general.architecture", "llama")
                .vector("a", FloatTensor.of(1, 2, 1, 2))
                .write();
        try (GgufFile file = GgufFile.open(path)) {
            FloatTensor gone;
            try (Arena arena = Arena.ofConfined()) {
                gone = file.tensor("a").floats(arena);
            }
            assertThatThrownBy(() -> gone.data().get(ValueLayout.JAVA_BYTE, 0))
                    .isInstanceOf(IllegalStateException.class);
            try (Arena arena = Arena.ofConfined()) {
                assertThat(file.tensor("a").floats(arena).toFloats()).containsExactly(1, 2);
            }
        }
    }

    @Test
    void id39IsTl2InBitnetFilesAndMxfp4Elsewhere() {
        assertThat(typeOf("bitnet-b1.58", GgmlType.TL2, 32, 768)).isEqualTo("TL2");
        assertThat(typeOf("llama", GgmlType.MXFP4, 32, 768)).isEqualTo("MXFP4");
    }

    @Test
    void blocksOfQ2AreToldBySpace() {
        assertThat(typeOf("qwen3", GgmlType.Q2_0, 64, 256)).isEqualTo("Q2_0");
        assertThat(typeOf("qwen3", GgmlType.Q2_0_128, 64, 256)).isEqualTo("Q2_0_128");
    }

    private String typeOf(String architecture, GgmlType type, int rows, int cols) {
        Path path = dir.resolve("types.gguf");
        new GgufWriter(path)
                .put("general.architecture", architecture)
                .put("general.file_type", 40)
                .matrix(
                        "blk.0.ffn_up.weight",
                        type,
                        rows,
                        cols,
                        out -> out.write(new byte[(int) type.bytes(rows, cols)]))
                .vector("output_norm.weight", FloatTensor.of(1, 2, 1, 2))
                .write();
        try (GgufFile file = GgufFile.open(path)) {
            assertThat(file.warnings()).anyMatch(w -> w.contains("file_type 40"));
            return file.tensor("blk.0.ffn_up.weight").type();
        }
    }

    @Test
    void rotatedWeightsAreRefusedByName() {
        Path path = dir.resolve("rotated.gguf");
        new GgufWriter(path)
                .put("general.architecture", "qwen3")
                .matrix("blk.0.ffn_up.weight", GgmlType.PQ2_0, 1, 128, out -> out.write(new byte[34]))
                .write();
        try (GgufFile file = GgufFile.open(path);
                Arena arena = Arena.ofConfined()) {
            assertThatThrownBy(() -> file.tensor("blk.0.ffn_up.weight").trits(arena))
                    .isInstanceOf(FormatException.class)
                    .hasMessageContaining("Hadamard");
        }
    }

    @Test
    void scaleTensorsBelongToTheirMatrix() {
        Path path = dir.resolve("scaled.gguf");
        new GgufWriter(path)
                .put("general.architecture", "bitnet")
                .matrix("blk.0.attn_q.weight", GgmlType.TQ2_0, 1, 256, out -> out.write(new byte[66]))
                .vector("blk.0.attn_q.scale", FloatTensor.of(1, 1, 0.5f))
                .write();
        try (GgufFile file = GgufFile.open(path)) {
            assertThat(file.tensors()).extracting(StoredTensor::name).containsExactly("blk.0.attn_q.weight");
            assertThat(file.has("blk.0.attn_q.scale")).isTrue();
        }
    }

    @Test
    void readsTheSharedModels() {
        try (GgufFile smol = GgufFile.open(SharedData.path("models/smollm2-135m-instruct.q4_1.gguf"));
                Arena arena = Arena.ofConfined()) {
            assertThat(smol.architecture()).isEqualTo("llama");
            assertThat(smol.ropeInterleaved()).isTrue();
            assertThat(smol.metadata()).containsEntry("llama.block_count", 30);
            assertThat((List<?>) smol.metadata().get("tokenizer.ggml.tokens")).hasSize(49152);
            assertThat(smol.tensors()).hasSize(272);
            assertThat(smol.warnings()).isEmpty();
            FloatTensor embedding = smol.tensor("token_embd.weight").floats(arena);
            assertThat(embedding.rows()).isEqualTo(49152);
            assertThat(embedding.cols()).isEqualTo(576);
        }
        for (String name :
                List.of("llama-tiny-F32.gguf", "llama-tiny-TQ1_0.gguf", "llama-tiny-TQ2_0.gguf", "tq-types.gguf")) {
            try (GgufFile file = GgufFile.open(SharedData.path("fixtures/" + name))) {
                assertThat(file.tensors()).isNotEmpty();
                assertThat(file.warnings()).isEmpty();
            }
        }
        for (String name : List.of("falcon", "gpt-2", "llama-spm", "phi-3")) {
            try (GgufFile file = GgufFile.open(SharedData.path("tokenizers/vectors/ggml-vocab-" + name + ".gguf"))) {
                assertThat((List<?>) file.metadata().get("tokenizer.ggml.tokens"))
                        .hasSizeGreaterThan(30000);
            }
        }
    }
}
