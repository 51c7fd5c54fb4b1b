package dev.trit.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.trit.format.Checkpoint;
import dev.trit.format.GgmlType;
import dev.trit.format.GgufWriter;
import dev.trit.format.I2s;
import dev.trit.format.StoredTensor;
import dev.trit.format.TernaryDialect;
import dev.trit.format.Tq1_0;
import dev.trit.format.Tq2_0;
import dev.trit.tensor.FloatTensor;
import dev.trit.tensor.TernaryTensor;
import java.lang.foreign.Arena;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The same model from other files gives the same bits; files that lie or ask for more than we know are refused. */
class WeightsLoaderTest {
    @TempDir
    Path directory;

    /** A checkpoint rewritten as GGUF, with whatever is wrong put into metadata and vectors on the way. */
    private final class Rewrite {
        private final Path source;
        private final Map<String, Object> metadata = new LinkedHashMap<>();
        private final Map<String, float[]> vectors = new LinkedHashMap<>();
        private GgmlType ternaryType = GgmlType.I2_S;
        private TernaryDialect dialect = new I2s();
        private String left = "";

        Rewrite(String fixture) {
            source = Fixtures.own(fixture);
            try (Checkpoint checkpoint = Checkpoint.open(source)) {
                metadata.putAll(checkpoint.metadata());
            }
        }

        Rewrite put(String key, Object value) {
            metadata.put(key, value);
            return this;
        }

        Rewrite remove(String key) {
            metadata.remove(key);
            return this;
        }

        /** A vector that replaces a tensor or comes in addition. */
        Rewrite vector(String name, float... values) {
            vectors.put(name, values);
            return this;
        }

        Rewrite without(String tensor) {
            left = tensor;
            return this;
        }

        Rewrite as(GgmlType type) {
            ternaryType = type;
            dialect = type == GgmlType.TQ1_0 ? new Tq1_0() : type == GgmlType.TQ2_0 ? new Tq2_0() : new I2s();
            return this;
        }

        Path write() {
            Path target = directory.resolve("model.gguf");
            try (Checkpoint checkpoint = Checkpoint.open(source);
                    Arena arena = Arena.ofShared()) {
                GgufWriter writer = new GgufWriter(target);
                metadata.forEach(writer::put);
                boolean interleaved = "llama".equals(metadata.get("general.architecture"));
                int headDim = Config.of(checkpoint).headDim();
                for (StoredTensor t : checkpoint.tensors()) {
                    if (!vectors.containsKey(t.name()) && !t.name().equals(left)) {
                        boolean permuted = interleaved && t.name().matches(".*attn_[qk]\\.weight");
                        write(writer, checkpoint, t, permuted ? headDim : 0, arena);
                    }
                }
                vectors.forEach((name, values) -> writer.vector(name, FloatTensor.of(1, values.length, values)));
                writer.write();
            }
            return target;
        }

        private void write(GgufWriter writer, Checkpoint checkpoint, StoredTensor t, int headDim, Arena arena) {
            if (t.ternary() || (checkpoint.masterWeights() && t.name().startsWith("blk.") && t.rows() > 1)) {
                TernaryTensor trits = t.trits(arena);
                writer.matrix(t.name(), ternaryType, dialect, headDim > 0 ? interleaved(trits, headDim) : trits);
            } else if (t.rows() == 1) {
                writer.vector(
                        t.name(), FloatTensor.of(1, t.cols(), t.floats(arena).toFloats()));
            } else {
                writer.matrix(t.name(), t.floats(arena));
            }
        }
    }

    /** As llama.cpp's converter does it: inside a head, row s * n/2 + j goes to 2j + s. */
    private static TernaryTensor interleaved(TernaryTensor t, int n) {
        byte[] from = t.toBytes();
        byte[] to = new byte[from.length];
        for (int r = 0; r < t.rows(); r++) {
            int inHead = r % n;
            int s = inHead / (n / 2);
            int j = inHead % (n / 2);
            System.arraycopy(from, r * t.cols(), to, (r - inHead + 2 * j + s) * t.cols(), t.cols());
        }
        return TernaryTensor.of(t.rows(), t.cols(), to, t.scales());
    }

    private static float[][] logits(Path path) {
        try (Model model = Fixtures.load(path, "vector", 2);
                Session session = model.session()) {
            return Fixtures.logits(session, 256, 84, 114, 105, 116, 115, 58, 32);
        }
    }

    private void refuses(Rewrite file, String... messages) {
        Path path = file.write();
        assertThatThrownBy(() -> Fixtures.load(path, "scalar", 1))
                .isInstanceOf(ModelException.class)
                .hasMessageStartingWith(path.toString())
                .hasMessageContainingAll(messages);
    }

    @ParameterizedTest
    @EnumSource(
            value = GgmlType.class,
            names = {"I2_S", "TQ1_0", "TQ2_0"})
    void ternaryDialectsGiveTheSameBits(GgmlType type) {
        // The fixture's scales are bfloat16, which half precision holds here.
        assertThat(logits(new Rewrite("bitnet-tiny-packed").as(type).write()))
                .isDeepEqualTo(logits(Fixtures.own("bitnet-tiny-packed")));
    }

    @Test
    void interleavedHeadsOfGgufLlamaAreUndone() {
        assertThat(logits(new Rewrite("llama-bitlinear-tiny").write()))
                .isDeepEqualTo(logits(Fixtures.own("llama-bitlinear-tiny")));
    }

    @Test
    void scalingOfPositionsIsReadFromDivisorsToo() {
        // GGUF files carry llama3 scaling as rope_freqs: the quotient of plain and scaled frequencies.
        Rewrite file = new Rewrite("llama-bitlinear-tiny");
        float[] ones = new float[16];
        Arrays.fill(ones, 1f);
        assertThat(logits(file.vector("rope_freqs.weight", ones).write()))
                .isDeepEqualTo(logits(Fixtures.own("llama-bitlinear-tiny")));
        ones[15] = 2;
        assertThat(logits(file.vector("rope_freqs.weight", ones).write())[7])
                .isNotEqualTo(logits(Fixtures.own("llama-bitlinear-tiny"))[7]);
        ones[15] = 0;
        refuses(file.vector("rope_freqs.weight", ones), "rope_freqs.weight must be above 0");
    }

    @Test
    void aBiasIsAddedToTheProjectionAndFollowsTheOrderOfHeads() {
        Rewrite file = new Rewrite("llama-bitlinear-tiny");
        float[] zero = new float[128];
        assertThat(logits(file.vector("blk.0.attn_q.bias", zero).write()))
                .isDeepEqualTo(logits(Fixtures.own("llama-bitlinear-tiny")));
        zero[3] = 1;
        assertThat(logits(file.vector("blk.0.attn_q.bias", zero).write())[7])
                .isNotEqualTo(logits(Fixtures.own("llama-bitlinear-tiny"))[7]);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "block_count",
                "embedding_length",
                "feed_forward_length",
                "attention.head_count",
                "attention.layer_norm_rms_epsilon"
            })
    void refusesMetadataThatIsMissingOrAbsurd(String key) {
        String full = "bitnet-b1.58." + key;
        refuses(new Rewrite("bitnet-tiny-packed").remove(full), full, "got nothing");
        refuses(new Rewrite("bitnet-tiny-packed").put(full, "many"), full, "got many");
        refuses(new Rewrite("bitnet-tiny-packed").put(full, key.endsWith("epsilon") ? (Object) 0f : 0), full, "got 0");
        refuses(new Rewrite("bitnet-tiny-packed").put(full, -1), full, "got -1");
    }

    @Test
    void refusesShapesThatContradictTheMetadata() {
        refuses(
                new Rewrite("bitnet-tiny-packed").put("bitnet-b1.58.feed_forward_length", 512),
                "blk.0.ffn_",
                "must be [512, 256] by the metadata, got [256, 256]");
        refuses(
                new Rewrite("bitnet-tiny-packed").put("bitnet-b1.58.attention.head_count_kv", 3),
                "4 query heads cannot share 3 key-value heads");
        refuses(new Rewrite("bitnet-tiny-packed").put("bitnet-b1.58.rope.dimension_count", 63), "must be even");
        refuses(new Rewrite("bitnet-tiny-packed").put("bitnet-b1.58.attention.value_length", 32), "value_length");
        refuses(
                new Rewrite("bitnet-tiny-packed").vector("output_norm.weight", 1, 2, 3),
                "output_norm.weight must be [1, 256] by the metadata, got [1, 3]");
        Path path = new Rewrite("bitnet-tiny-packed")
                .put("bitnet-b1.58.block_count", 3)
                .write();
        assertThatThrownBy(() -> Fixtures.load(path, "scalar", 1)).hasMessageContaining("blk.2.attn_");
    }

    @Test
    void refusesDamagedValues() {
        float[] gain = new float[256];
        gain[17] = Float.NaN;
        refuses(
                new Rewrite("bitnet-tiny-packed").vector("blk.1.ffn_norm.weight", gain),
                "tensor blk.1.ffn_norm.weight",
                "value 17 must be finite, got NaN");
    }

    @Test
    void refusesModelsThatComputeSomethingElse() {
        refuses(new Rewrite("bitnet-tiny-packed").vector("blk.0.attn_v_norm_in.weight", 1, 2), "blk.0.attn_v_norm_in");
        refuses(new Rewrite("bitnet-tiny-packed").put("bitnet-b1.58.expert_count", 8), "expert_count is 8");
        refuses(
                new Rewrite("bitnet-tiny-packed").put("bitnet-b1.58.rope.scaling.type", "yarn"),
                "rope scaling yarn is not supported");
        refuses(
                new Rewrite("bitnet-tiny-packed").put("general.architecture", "mamba"),
                "architecture mamba is not supported");
        Path path = new Rewrite("bitnet-tiny-packed")
                .without("blk.1.ffn_down.weight")
                .write();
        assertThatThrownBy(() -> Fixtures.load(path, "scalar", 1)).hasMessageContaining("blk.1.ffn_down.weight");
    }

    @Test
    void aTensorNobodyReadsIsAWarning() {
        Path path = new Rewrite("bitnet-tiny-packed").vector("some.extra", 1).write();
        try (Model model = Fixtures.load(path, "scalar", 1)) {
            assertThat(model.warnings()).anyMatch(w -> w.contains("some.extra is not used"));
            assertThat(model.warnings()).anyMatch(w -> w.contains("no tokenizer"));
            assertThatThrownBy(model::tokenizer).hasMessageContaining("no tokenizer");
        }
    }

    @Test
    void namesWhatItHasRead() {
        try (Model model = Fixtures.load(Fixtures.own("bitnet-tiny-packed"), "scalar", 1)) {
            Config c = model.config();
            assertThat(c.architecture()).isEqualTo("bitnet-b1.58");
            assertThat(c.activation()).isEqualTo(Activation.RELU2);
            assertThat(c.subNorms()).isTrue();
            assertThat(c.tiedHead()).isTrue();
            assertThat(model.name()).isEqualTo("bitnet-tiny-packed");
            assertThat(model.weights().layers().getFirst().qkv()).as("fused").hasSize(1);
            assertThat(model.weights().layers().getFirst().gateUp()).as("fused").hasSize(1);
        }
    }
}
