package dev.trit.format;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.trit.tensor.FloatTensor;
import dev.trit.tensor.Scales;
import dev.trit.tensor.TernaryTensor;
import java.nio.file.Path;
import java.util.Objects;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class LayoutEvidenceTest {
    private static final int ROWS = 512;
    private static final int COLS = 2560;

    /** Zeros depend on row and column as strongly as {@code structure}; 0 for weights without any structure. */
    private static TernaryTensor matrix(int rows, int cols, float[] columns, double structure, long seed) {
        Random random = new Random(seed);
        byte[] trits = new byte[rows * cols];
        for (int r = 0; r < rows; r++) {
            double row = random.nextGaussian();
            for (int c = 0; c < cols; c++) {
                double p = 0.6 + structure * (columns[c] - 1 + 0.3 * row);
                trits[r * cols + c] = (byte) (random.nextDouble() > p ? 0 : random.nextBoolean() ? 1 : -1);
            }
        }
        return TernaryTensor.of(rows, cols, trits, Scales.perTensor(0.5f));
    }

    private static float[] gains(int n) {
        Random random = new Random(1);
        float[] gains = new float[n];
        for (int i = 0; i < n; i++) {
            gains[i] = 1 + 0.3f * (float) random.nextGaussian();
        }
        return gains;
    }

    private static TernaryTensor readAsFile(TernaryTensor t, I2s.Layout layout) {
        byte[] blob = TestMatrices.encode(new I2s(layout), t);
        return TestMatrices.decode(new I2s(), blob, t.rows(), t.cols());
    }

    @ParameterizedTest
    @EnumSource
    void structureTellsTheLayout(I2s.Layout layout) {
        float[] gains = gains(COLS);
        TernaryTensor read = readAsFile(matrix(ROWS, COLS, gains, 0.1, 2), layout);
        assertThat(LayoutEvidence.of(read, gains).verdict()).isEqualTo(layout);
    }

    @ParameterizedTest
    @EnumSource
    void withoutStructureThereIsNoVerdict(I2s.Layout layout) {
        float[] gains = gains(COLS);
        for (int seed = 0; seed < 5; seed++) {
            LayoutEvidence evidence = LayoutEvidence.of(readAsFile(matrix(ROWS, COLS, gains, 0, seed), layout), gains);
            assertThat(evidence.verdict()).isNull();
            assertThat(evidence.overNeon()).isBetween(-5.0, 5.0);
            assertThat(evidence.overInterleaved()).isBetween(-5.0, 5.0);
        }
    }

    /** A model file, written in one layout and opened as every file is. */
    @ParameterizedTest
    @ValueSource(strings = {"FILE", "NEON"})
    void judgesAModel(String layout, @TempDir Path dir) {
        Path file = dir.resolve("model.gguf");
        I2s dialect = new I2s(I2s.Layout.valueOf(layout));
        float[] hidden = gains(512);
        float[] inner = new float[1024];
        TernaryTensor up = matrix(1024, 512, hidden, 0.3, 3);
        float[] density = LayoutEvidence.rowDensities(up);
        for (int i = 0; i < inner.length; i++) {
            inner[i] = 1 + 4 * (density[i] - 0.6f);
        }
        GgufWriter writer = new GgufWriter(file).put("general.architecture", "bitnet-b1.58");
        writer.matrix("blk.0.attn_q.weight", GgmlType.I2_S, dialect, matrix(512, 512, hidden, 0.3, 4));
        writer.matrix("blk.0.ffn_up.weight", GgmlType.I2_S, dialect, up);
        writer.matrix("blk.0.ffn_down.weight", GgmlType.I2_S, dialect, matrix(512, 1024, inner, 0.3, 5));
        writer.vector("blk.0.attn_norm.weight", FloatTensor.of(1, 512, hidden));
        writer.vector("blk.0.ffn_norm.weight", FloatTensor.of(1, 512, hidden));
        writer.write();
        try (GgufFile gguf = GgufFile.open(file)) {
            LayoutEvidence evidence = Objects.requireNonNull(LayoutEvidence.of(gguf));
            assertThat(evidence.verdict()).isEqualTo(I2s.Layout.valueOf(layout));
        }
    }

    @Test
    void aNormOfAnotherSizeIsRefused() {
        TernaryTensor t = matrix(4, 128, gains(128), 0, 1);
        assertThatThrownBy(() -> LayoutEvidence.of(t, new float[64]))
                .isInstanceOf(FormatException.class)
                .hasMessageContaining("expected 128, got 64");
    }

    @Test
    void otherTypesAreNotJudged(@TempDir Path dir) {
        Path file = dir.resolve("model.gguf");
        GgufWriter writer = new GgufWriter(file).put("general.architecture", "bitnet-b1.58");
        writer.vector("blk.0.attn_norm.weight", FloatTensor.of(1, 4, 1, 1, 1, 1));
        writer.write();
        try (GgufFile gguf = GgufFile.open(file)) {
            assertThat(LayoutEvidence.of(gguf)).isNull();
        }
    }
}
