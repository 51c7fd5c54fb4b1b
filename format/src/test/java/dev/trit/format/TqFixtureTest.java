package dev.trit.format;

import static org.assertj.core.api.Assertions.assertThat;

import dev.trit.tensor.TernaryTensor;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.HexFormat;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;

/** TQ blocks made by llama.cpp's Python package: bytes to trits and back to the same bytes. */
class TqFixtureTest {
    @ParameterizedTest
    @ValueSource(strings = {"ternary.TQ1_0", "ternary.TQ2_0", "gauss.TQ1_0", "gauss.TQ2_0"})
    void writesTheSameBytesAgain(String name) throws Exception {
        Path file = SharedData.path("fixtures/tq-types.gguf");
        JsonNode facts = facts().path(name);
        try (Arena arena = Arena.ofConfined();
                GgufFile gguf = GgufFile.open(file)) {
            GgufTensor stored = gguf.tensor(name);
            byte[] blob = stored.map(arena).toArray(ValueLayout.JAVA_BYTE);
            assertThat(sha256(blob)).isEqualTo(facts.path("sha256").asString());
            TernaryDialect dialect = stored.ggmlType() == GgmlType.TQ1_0 ? new Tq1_0() : new Tq2_0();
            TernaryTensor t = stored.trits(arena);
            assertThat(TestMatrices.encode(dialect, t)).isEqualTo(blob);
            assertThat(8.0 * blob.length / t.rows() / t.cols())
                    .isEqualTo(facts.path("bits_per_weight").asDouble());
        }
    }

    @Test
    void bothTypesHoldTheSameWeights() {
        try (Arena arena = Arena.ofConfined();
                GgufFile gguf = GgufFile.open(SharedData.path("fixtures/tq-types.gguf"))) {
            for (String kind : new String[] {"ternary", "gauss"}) {
                TernaryTensor one = gguf.tensor(kind + ".TQ1_0").trits(arena);
                TernaryTensor two = gguf.tensor(kind + ".TQ2_0").trits(arena);
                assertThat(one.toBytes()).isEqualTo(two.toBytes());
                assertThat(one.scales()).isEqualTo(two.scales());
            }
        }
    }

    private static JsonNode facts() throws IOException {
        return Json.MAPPER.readTree(Files.readAllBytes(SharedData.path("fixtures/tq-types.json")));
    }

    private static String sha256(byte[] bytes) throws Exception {
        return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes));
    }
}
