package dev.trit.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.trit.format.Checkpoint;
import dev.trit.format.Conversion;
import dev.trit.format.FormatException;
import dev.trit.format.GgufFile;
import dev.trit.format.StoredTensor;
import dev.trit.format.WeightType;
import dev.trit.tensor.DType;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What a conversion calls lossless gives the logits of its source to the bit, in every container and type. */
class ConversionTest {
    private static final int[] IDS = new Random(8).ints(40, 0, 256).toArray();

    @TempDir
    private Path dir;

    /** The fixtures' tokenizer splits nothing, which GGUF cannot say; its keys only have to arrive. */
    private static final Conversion.TokenizerForms FORMS = new Conversion.TokenizerForms() {
        @Override
        public Map<String, Object> gguf() {
            return Map.of(
                    "tokenizer.ggml.model",
                    "gpt2",
                    "tokenizer.ggml.tokens",
                    List.of("a", "b", "ab"),
                    "tokenizer.ggml.merges",
                    List.of("a b"),
                    "tokenizer.ggml.token_type",
                    new int[] {1, 1, 1},
                    "tokenizer.ggml.eos_token_id",
                    257);
        }

        @Override
        public Map<String, byte[]> files() {
            return Map.of("tokenizer.json", new byte[] {'{', '}'});
        }
    };

    private static Conversion.Result convert(Path from, Path to, String type, @Nullable DType embedding) {
        try (Checkpoint in = Checkpoint.open(from)) {
            List<String> seen = new ArrayList<>();
            Conversion.Result result = new Conversion(WeightType.named(type), embedding).run(in, to, FORMS, seen::add);
            assertThat(seen)
                    .containsAll(in.tensors().stream()
                            .map(StoredTensor::name)
                            .filter(n -> !n.startsWith("rope"))
                            .toList());
            assertThat(result.path()).isEqualTo(to);
            return result;
        }
    }

    private static float[][] logits(Path model) {
        try (Model m = Fixtures.load(model, "scalar", 1);
                Session session = m.session()) {
            return Fixtures.logits(session, IDS);
        }
    }

    private Path out(String name, String type, boolean gguf) {
        return dir.resolve(name + "-" + type + (gguf ? ".gguf" : ""));
    }

    /** Fixture, type, whether GGUF, whether the scales and values survive. */
    static Stream<Arguments> conversions() {
        return Stream.of(
                Arguments.of("bitnet-tiny-packed", "i2_s", true, true),
                Arguments.of("bitnet-tiny-packed", "tq1_0", true, true),
                Arguments.of("bitnet-tiny-packed", "tq2_0", true, true),
                Arguments.of("bitnet-tiny-packed", "q2_0", true, true),
                Arguments.of("bitnet-tiny-packed", "iq1_bn", true, true),
                Arguments.of("bitnet-tiny-packed", "iq2_bn", true, true),
                Arguments.of("bitnet-tiny-packed", "hf-packed", false, true),
                Arguments.of("bitnet-tiny-packed", "f32", true, true),
                Arguments.of("bitnet-tiny-packed", "f32", false, true),
                Arguments.of("bitnet-tiny-packed", "bf16", true, true),
                Arguments.of("bitnet-tiny-packed", "bf16", false, true),
                Arguments.of("bitnet-tiny-packed", "q8_0", true, false),
                Arguments.of("llama-bitlinear-tiny", "i2_s", true, true),
                Arguments.of("llama-bitlinear-tiny", "iq2_bn", true, true),
                Arguments.of("llama-bitlinear-tiny", "iq1_bn", true, false), // 1 / weight_scale needs a float
                Arguments.of("llama-bitlinear-tiny", "hf-packed", false, true),
                Arguments.of("llama-bitlinear-tiny", "f32", true, true),
                Arguments.of("llama-bitlinear-tiny", "f32", false, false), // runs as an ordinary model
                Arguments.of("bitnet-tiny", "hf-packed", false, true),
                Arguments.of("bitnet-tiny", "bf16", true, true),
                Arguments.of("bitnet-tiny", "bf16", false, true),
                Arguments.of("bitnet-tiny", "f32", true, true),
                Arguments.of("bitnet-tiny", "q8_0", true, false),
                Arguments.of("llama-dense-tiny", "f32", true, false), // rope scaling becomes a table of divisors
                Arguments.of("llama-dense-tiny", "f32", false, true),
                Arguments.of("llama-dense-sharded", "f32", true, false),
                Arguments.of("llama-dense-sharded", "f32", false, true),
                Arguments.of("llama-dense-tiny", "q8_0", true, false),
                Arguments.of("qwen3-dense-tiny", "f32", true, true),
                Arguments.of("qwen3-dense-tiny", "f32", false, true));
    }

    @ParameterizedTest
    @MethodSource("conversions")
    void whatIsLosslessGivesTheSameLogits(String fixture, String type, boolean gguf, boolean lossless) {
        Path source = Fixtures.own(fixture);
        Path target = out(fixture, type, gguf);
        Conversion.Result result = convert(source, target, type, null);
        assertThat(result.lossless()).as("losses: %s", result.losses()).isEqualTo(lossless);
        float[][] expected = logits(source);
        float[][] actual = logits(target);
        if (lossless) {
            assertThat(actual).isDeepEqualTo(expected);
        } else {
            assertThat(relativeError(actual, expected))
                    .isLessThan(type.equals("f32") && fixture.contains("dense") ? 1e-5 : 0.08);
        }
    }

    /** There, to another type, and back: codes, scales, row order, configuration and tokenizer survive all of it. */
    @ParameterizedTest
    @ValueSource(strings = {"bitnet-tiny-packed", "llama-bitlinear-tiny", "qwen3-dense-tiny"})
    void aRoundTripThroughBothContainersChangesNothing(String fixture) throws IOException {
        boolean ternary = fixture.startsWith("bitnet") || fixture.contains("bitlinear");
        Path source = Fixtures.own(fixture);
        Path one = out(fixture, "one", true);
        Path two = out(fixture, "two", false);
        Path three = out(fixture, "three", true);
        Path four = out(fixture, "four", true);
        assertThat(convert(source, one, ternary ? "i2_s" : "f32", null).losses())
                .isEmpty();
        assertThat(convert(one, two, ternary ? "hf-packed" : "f32", null).losses())
                .isEmpty();
        assertThat(convert(two, three, "f32", null).losses()).isEmpty();
        assertThat(convert(three, four, ternary ? "i2_s" : "f32", null).losses())
                .isEmpty();
        float[][] expected = logits(source);
        assertThat(logits(two)).isDeepEqualTo(expected);
        assertThat(logits(three)).isDeepEqualTo(expected);
        assertThat(logits(four)).isDeepEqualTo(expected);
        try (GgufFile first = GgufFile.open(one);
                GgufFile last = GgufFile.open(four)) {
            FORMS.gguf()
                    .forEach((key, value) ->
                            assertThat(first.metadata().get(key)).as(key).isEqualTo(value));
            last.metadata().forEach((key, value) -> {
                if (!key.equals("general.name") && !key.startsWith("trit.")) {
                    assertThat(value).as(key).isEqualTo(first.metadata().get(key));
                }
            });
            assertThat(Files.readString(two.resolve("tokenizer.json"))).isEqualTo("{}");
            assertThat(last.metadata().get("general.file_type")).isEqualTo(ternary ? 40 : 0);
        }
    }

    @Test
    void anOrdinaryGgufModelBecomesAHuggingFaceOneAndBack() {
        Path source = Fixtures.shared("fixtures/llama-tiny-F32.gguf"); // rows of heads interleaved
        Path directory = out("llama-tiny", "f32", false);
        Path back = out("llama-tiny", "back", true);
        assertThat(convert(source, directory, "f32", null).losses()).isEmpty();
        assertThat(convert(directory, back, "f32", null).losses()).isEmpty();
        float[][] expected = logits(source);
        assertThat(logits(directory)).isDeepEqualTo(expected);
        assertThat(logits(back)).isDeepEqualTo(expected);
        try (GgufFile first = GgufFile.open(source);
                GgufFile last = GgufFile.open(back);
                Arena arena = Arena.ofConfined()) {
            for (StoredTensor t : first.tensors()) {
                assertThat(last.tensor(t.name())
                                .map(arena)
                                .mismatch(first.tensor(t.name()).map(arena)))
                        .as(t.name())
                        .isEqualTo(-1);
            }
        }
    }

    @Test
    void theEmbeddingHasATypeOfItsOwn() {
        Path source = Fixtures.own("bitnet-tiny-packed");
        for (DType type : new DType[] {DType.F16, DType.Q8_0, DType.Q6_K}) {
            Path target = out("embedding", type.name(), true);
            convert(source, target, "tq2_0", type);
            try (GgufFile gguf = GgufFile.open(target)) {
                assertThat(gguf.tensor("token_embd.weight").type()).isEqualTo(type.name());
                assertThat(gguf.tensor("blk.1.ffn_down.weight").type()).isEqualTo("TQ2_0");
                assertThat(gguf.tensor("blk.1.ffn_sub_norm.weight").type()).isEqualTo("F32");
            }
            assertThat(relativeError(logits(target), logits(source))).isLessThan(type == DType.F16 ? 1e-3 : 0.2);
        }
        assertThatThrownBy(() -> convert(source, out("embedding", "hf", false), "hf-packed", DType.Q8_0))
                .isInstanceOf(FormatException.class)
                .hasMessageContaining("token_embd.weight");
    }

    @Test
    void refusesWhatWouldDestroyTheModelAndLeavesNothing() throws IOException {
        assertThatThrownBy(() -> convert(Fixtures.own("llama-dense-tiny"), dir.resolve("x.gguf"), "tq2_0", null))
                .isInstanceOf(FormatException.class)
                .hasMessageContaining("not a ternary model");
        assertThatThrownBy(() -> convert(Fixtures.own("bitnet-tiny"), dir.resolve("x.gguf"), "i2_s", null))
                .isInstanceOf(FormatException.class)
                .hasMessageContaining("multiple of 128")
                .hasMessageContaining("blk.0.");
        assertThatThrownBy(() -> WeightType.named("q3_9")).hasMessageContaining("i2_s, tq1_0");
        Path taken = Files.createDirectory(dir.resolve("taken"));
        Files.writeString(taken.resolve("mine"), "kept");
        assertThatThrownBy(() -> convert(Fixtures.own("bitnet-tiny-packed"), taken, "hf-packed", null))
                .isInstanceOf(FormatException.class)
                .hasMessageContaining("exists already");
        try (Stream<Path> left = Files.list(dir)) {
            assertThat(left).containsExactly(taken);
        }
    }

    private static double relativeError(float[][] actual, float[][] expected) {
        double error = 0;
        double size = 0;
        for (int i = 0; i < expected.length; i++) {
            for (int j = 0; j < expected[i].length; j++) {
                error += Math.pow(actual[i][j] - expected[i][j], 2);
                size += Math.pow(expected[i][j], 2);
            }
        }
        return Math.sqrt(error / size);
    }
}
