package dev.trit.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.trit.train.torch.Scope;
import dev.trit.train.torch.Tensor;
import org.junit.jupiter.api.Test;

class QuantizerTest {
    @Test
    void absmeanRoundsHalfToEvenAndClips() {
        try (Scope scope = new Scope()) {
            // mean |w| = 0.5: 0.25 and -0.25 lie on the border and round to the even 0, 0.75 to 2, clipped to 1
            Tensor w = Tensor.of(new float[] {0.25f, -0.25f, 0.75f, -0.75f, 0.3f, -0.7f, 0.95f, 0.05f}, 2, 4);
            WeightQuantizer.Codes codes = new WeightQuantizer.AbsmeanTernary().codes(w);
            assertThat(codes.scale().item()).isCloseTo(0.5, within(1e-7));
            assertThat(codes.codes().toFloats())
                    .usingElementComparator((a, b) -> a.intValue() - b.intValue())
                    .containsExactly(0f, 0f, 1f, -1f, 1f, -1f, 1f, 0f);
        }
    }

    @Test
    void zerosStayZeros() {
        try (Scope scope = new Scope()) {
            assertThat(new WeightQuantizer.AbsmeanTernary()
                            .quantize(Tensor.zeros(2, 2))
                            .toFloats())
                    .containsOnly(0);
            assertThat(new ActivationQuantizer.AbsmaxInt8()
                            .quantize(Tensor.zeros(2, 2))
                            .toFloats())
                    .containsOnly(0);
        }
    }

    @Test
    void signIsCentredAndZeroCountsAsBelow() {
        try (Scope scope = new Scope()) {
            // mean 0.25, mean |w| = 0.75
            Tensor w = Tensor.of(new float[] {1, -1, 0.25f, 0.75f}, 2, 2);
            assertThat(new WeightQuantizer.CentredSign().quantize(w).toFloats())
                    .containsExactly(0.75f, -0.75f, -0.75f, 0.75f);
        }
    }

    @Test
    void activationsAreQuantizedPerTokenAndGradientsPass() {
        try (Scope scope = new Scope()) {
            Tensor x = Tensor.of(new float[] {1, -0.5f, 0.2f, 0, 10, 3.3f, -7.1f, 0.04f}, 2, 4)
                    .requireGrad();
            Tensor y = new ActivationQuantizer.AbsmaxInt8().quantize(x);
            float[] values = y.toFloats();
            // 127 * (1, -0.5, 0.2) rounds to 127, -64 (a tie), 25; 12.7 * (3.3, -7.1, 0.04) to 42, -90, 1
            float[] expected = {1, -64 / 127f, 25 / 127f, 0, 10, 42 / 12.7f, -90 / 12.7f, 1 / 12.7f};
            for (int i = 0; i < values.length; i++) {
                assertThat(values[i]).isCloseTo(expected[i], within(1e-6f));
            }
            y.sum().backward();
            assertThat(x.grad().toFloats()).containsOnly(1);
        }
    }

    @Test
    void scheduleFollowsTheTrainingTips() {
        Schedule s = new Schedule("two-stage", 1000, 10, 1.5e-3, 1e-3, 0.1);
        assertThat(s.learningRate(0)).isCloseTo(1.5e-4, within(1e-12));
        assertThat(s.learningRate(9)).isCloseTo(1.5e-3, within(1e-12));
        assertThat(s.learningRate(499)).isCloseTo(1.5e-3 * 0.501, within(1e-12));
        assertThat(s.learningRate(500)).isCloseTo(1e-3 * 0.5, within(1e-12));
        assertThat(s.weightDecay(499)).isEqualTo(0.1);
        assertThat(s.weightDecay(500)).isZero();
        Schedule c = new Schedule("cosine", 1000, 10, 2e-3, 1e-3, 0.1);
        assertThat(c.learningRate(500)).isCloseTo(5e-4, within(1e-12));
        assertThat(c.weightDecay(250)).isCloseTo(0.05, within(1e-12));
        assertThat(c.weightDecay(500)).isZero();
    }

    @Test
    void everyWindowOnceAnEpoch() {
        for (long windows : new long[] {1, 2, 3, 64, 65, 1000}) {
            WindowOrder order = new WindowOrder(windows, 5);
            long[] first = java.util.stream.LongStream.range(0, windows)
                    .map(order::window)
                    .toArray();
            long[] second = java.util.stream.LongStream.range(windows, 2 * windows)
                    .map(order::window)
                    .toArray();
            assertThat(java.util.Arrays.stream(first).sorted())
                    .containsExactly(java.util.stream.LongStream.range(0, windows)
                            .boxed()
                            .toArray(Long[]::new));
            assertThat(java.util.Arrays.stream(second).sorted())
                    .containsExactly(java.util.stream.LongStream.range(0, windows)
                            .boxed()
                            .toArray(Long[]::new));
            if (windows > 60) {
                assertThat(second).isNotEqualTo(first);
            }
        }
    }
}
