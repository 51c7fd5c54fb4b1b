package dev.trit.tensor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.lang.foreign.MemorySegment;
import java.util.Random;
import org.junit.jupiter.api.Test;

class Q16KTest {
    private final Random random = new Random(3);

    @Test
    void codesAreTheNearestAndScalesComeFromTheLargestOfEachBlock() {
        float[] x = new float[513];
        x[1] = -2;
        x[2] = 1;
        x[3] = 2f / 32767 * 0.49f;
        x[256 + 9] = 1000;
        Q16K codes = new Q16K(512);
        codes.quantize(x, 1);
        assertThat(codes.scales()).containsExactly(2f / 32767, 1000f / 32767);
        assertThat(codes.codes()[0]).isEqualTo((short) -32767);
        assertThat(codes.codes()[1]).isEqualTo((short) 16384); // 16383.5, to even
        assertThat(codes.codes()[2]).isZero();
        assertThat(codes.codes()[256 + 8]).isEqualTo((short) 32767);
    }

    @Test
    void aBlockThatIsNotFiniteMakesEveryProductNaN() {
        float[] x = new float[256];
        x[77] = Float.POSITIVE_INFINITY;
        Q16K codes = new Q16K(256);
        codes.quantize(x, 0);
        assertThat(codes.scales()).containsExactly(Float.NaN);
        assertThat(codes.codes()).containsOnly((short) 0);
        assertThat(codes.dot(weights(256), 0)).isNaN();
    }

    @Test
    void productsAreWithinWhatRoundingTheCodesMayLose() {
        int cols = 2560;
        FloatTensor w = weights(cols);
        float[] row = w.toFloats();
        Q16K codes = new Q16K(cols);
        for (int trial = 0; trial < 50; trial++) {
            float[] x = new float[cols];
            double exact = 0;
            double bound = 0;
            for (int i = 0; i < cols; i++) {
                x[i] = (float) (random.nextGaussian() * Math.exp(random.nextGaussian()));
            }
            codes.quantize(x, 0);
            for (int i = 0; i < cols; i++) {
                exact += (double) row[i] * x[i];
                bound += Math.abs(row[i]) * codes.scales()[i / Q16K.BLOCK] * 0.5;
            }
            assertThat((double) codes.dot(w, 0)).isCloseTo(exact, within(bound + 1e-6 * Math.abs(exact)));
        }
    }

    private FloatTensor weights(int cols) {
        byte[] bytes = new byte[(int) DType.Q6_K.rowBytes(cols)];
        random.nextBytes(bytes);
        for (int i = 208; i < bytes.length; i += 210) {
            bytes[i] = 0x00;
            bytes[i + 1] = 0x1c; // 2^-8
        }
        return new FloatTensor(DType.Q6_K, 1, cols, MemorySegment.ofArray(bytes));
    }
}
