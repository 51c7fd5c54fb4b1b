package dev.trit.format;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.trit.tensor.DType;
import dev.trit.tensor.FloatTensor;
import dev.trit.tensor.Scales;
import dev.trit.tensor.TernaryTensor;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class MasterWeightsTest {
    private static final ValueLayout.OfShort I16 = ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

    private static FloatTensor as(DType type, int rows, int cols, float... values) {
        if (type == DType.F32) {
            return FloatTensor.of(rows, cols, values);
        }
        MemorySegment data = MemorySegment.ofArray(new byte[2 * values.length]);
        for (int i = 0; i < values.length; i++) {
            int bits = type == DType.F16 ? Float.floatToFloat16(values[i]) : Float.floatToRawIntBits(values[i]) >> 16;
            data.set(I16, 2L * i, (short) bits);
        }
        return new FloatTensor(type, rows, cols, data);
    }

    @Test
    void quantizesTheWorkedExample() {
        TernaryTensor t = MasterWeights.quantize(FloatTensor.of(2, 3, 0.3f, -0.1f, 0.05f, -0.7f, 0.2f, -0.02f));
        assertThat(t.toBytes()).containsExactly(1, 0, 0, -1, 1, 0);
        assertThat(t.scales().ofRow(0)).isCloseTo(0.228333f, within(1e-6f));
    }

    /** One comparison of integers against the formula, value by value, for values around the threshold too. */
    @ParameterizedTest
    @EnumSource(names = {"F32", "F16", "BF16"})
    void agreesWithTheFormula(DType type) {
        Random random = new Random(5);
        int rows = 9;
        int cols = 117;
        float[] w = new float[rows * cols];
        for (int i = 0; i < w.length; i++) {
            w[i] = (float) random.nextGaussian() * 0.02f;
        }
        w[0] = -0f;
        w[1] = Float.MIN_VALUE;
        w[2] = -1e-7f;
        FloatTensor master = as(type, rows, cols, w);
        float[] stored = master.toFloats();
        double sum = 0;
        for (float x : stored) {
            sum += Math.abs(x);
        }
        float delta = (float) (sum / stored.length);
        TernaryTensor t = MasterWeights.quantize(master);
        assertThat(t.scales()).isEqualTo(Scales.perTensor(delta));
        byte[] trits = t.toBytes();
        for (int i = 0; i < trits.length; i++) {
            double expected = Math.clamp(Math.rint(stored[i] * (1f / delta)), -1, 1);
            assertThat((double) trits[i]).as("weight %s", stored[i]).isEqualTo(expected + 0.0);
        }
    }

    @Test
    void roundsHalfToEvenAndDoesNotDivideByLessThanTheGuard() {
        // mean 1: exactly half rounds to 0, the next float above it to 1
        TernaryTensor t =
                MasterWeights.quantize(FloatTensor.of(1, 4, 0.5f, -0.5f, Math.nextUp(0.5f), 4 - 1.5f - Math.ulp(0.5f)));
        assertThat(t.scales().ofRow(0)).isEqualTo(1f);
        assertThat(t.toBytes()).containsExactly(0, 0, 1, 1);
        TernaryTensor tiny = MasterWeights.quantize(FloatTensor.of(1, 2, 1e-7f, 2e-7f));
        assertThat(tiny.scales().ofRow(0)).isEqualTo(1e-5f);
        assertThat(tiny.toBytes()).containsExactly(0, 0);
        TernaryTensor zero = MasterWeights.quantize(FloatTensor.of(2, 2, 0, 0, -0f, 0));
        assertThat(zero.scales()).isEqualTo(Scales.perTensor(1e-5f));
        assertThat(zero.toBytes()).containsExactly(0, 0, 0, 0);
    }

    @ParameterizedTest
    @EnumSource(names = {"F32", "F16", "BF16"})
    void keepsTheScalesOfWeightsThatAreTernaryAlready(DType type) {
        TernaryTensor whole = MasterWeights.quantize(as(type, 2, 3, 0, 0.75f, 0, -0.75f, 0.75f, 0));
        assertThat(whole.scales()).isEqualTo(Scales.perTensor(0.75f));
        assertThat(whole.toBytes()).containsExactly(0, 1, 0, -1, 1, 0);
        // shards with a scale each (TriLM), zeros in between and in front
        TernaryTensor shards = MasterWeights.quantize(as(type, 5, 2, 0, 0, 2, -2, 0, 0, 0, -0.5f, 0.5f, 0));
        assertThat(shards.scales()).isEqualTo(Scales.perRowRange(new int[] {0, 3}, new float[] {2, 0.5f}));
        assertThat(shards.toBytes()).containsExactly(0, 0, 1, -1, 0, 0, 0, -1, 1, 0);
    }

    @Test
    void refusesWhatIsNoNumber() {
        for (float bad : new float[] {Float.NaN, Float.POSITIVE_INFINITY, Float.NEGATIVE_INFINITY}) {
            assertThatThrownBy(() -> MasterWeights.quantize(FloatTensor.of(2, 2, 1, 2, 3, bad)))
                    .isInstanceOf(FormatException.class)
                    .hasMessageContaining("row 1, column 1");
        }
        FloatTensor q8 = new FloatTensor(DType.Q8_0, 1, 32, MemorySegment.ofArray(new byte[34]));
        assertThatThrownBy(() -> MasterWeights.quantize(q8))
                .isInstanceOf(FormatException.class)
                .hasMessageContaining("Q8_0");
    }
}
