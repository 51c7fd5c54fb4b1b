package dev.trit.tensor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class KvRowsTest {
    private static float[] values(KvRows rows, int row) {
        float[] x = new float[rows.cols()];
        rows.elements(row, 1, x);
        for (int i = 0; i < x.length; i++) {
            x[i] *= rows.scaled(row, 1);
        }
        return x;
    }

    /** Half a step of each type: of q8 a 254th of the row's largest value, of f16 2^-11 of the value itself. */
    @ParameterizedTest
    @EnumSource(KvType.class)
    void whatIsReadIsWhatWasWrittenToHalfAStep(KvType type) {
        Random random = new Random(3);
        KvRows rows = new KvRows(type, 40, 80);
        for (int r = 0; r < 40; r++) {
            float[] x = new float[82];
            float max = 0;
            for (int i = 0; i < 80; i++) {
                x[2 + i] = (float) (random.nextGaussian() * Math.pow(10, r % 7 - 3));
                max = Math.max(max, Math.abs(x[2 + i]));
            }
            rows.put(r, x, 2);
            float[] back = values(rows, r);
            for (int i = 0; i < 80; i++) {
                float step = switch (type) {
                    case F32 -> 0;
                    case F16 -> Math.max(Math.abs(x[2 + i]) / 2048, 0x1p-25f);
                    case Q8 -> max / 254 * 1.00001f;
                };
                assertThat(back[i]).isCloseTo(x[2 + i], within(step));
            }
        }
    }

    @Test
    void eightBitsReachFrom127ToMinus127() {
        KvRows rows = new KvRows(KvType.Q8, 2, 4);
        rows.put(1, new float[] {2f, -2f, 0.0079f, 1f}, 0); // one step is 2 / 127
        assertThat(rows.codes()).containsExactly(0, 0, 0, 0, 127, -127, 1, 64);
        assertThat(rows.scales()[1]).isEqualTo(2f / 127);
    }

    @ParameterizedTest
    @EnumSource(KvType.class)
    void zerosAndTheLeastAndTheLargestNumbersStayFinite(KvType type) {
        KvRows rows = new KvRows(type, 1, 3);
        rows.put(0, new float[] {9, 9, 9}, 0);
        rows.put(0, new float[3], 0);
        assertThat(values(rows, 0)).containsOnly(0f);
        rows.put(0, new float[] {Float.MIN_VALUE, -Float.MIN_VALUE, 0}, 0);
        for (float x : values(rows, 0)) {
            assertThat(x).isCloseTo(0f, within(Float.MIN_VALUE));
        }
        rows.put(0, new float[] {3e38f, -3e38f, 0}, 0);
        float largest = type == KvType.F16 ? 65504f : 3e38f;
        assertThat(values(rows, 0)[0]).isCloseTo(largest, within(largest * 1e-6f));
        assertThat(values(rows, 0)[1]).isCloseTo(-largest, within(largest * 1e-6f));
    }

    @ParameterizedTest
    @EnumSource(KvType.class)
    void someRowsAreCopiedAndTheOthersStay(KvType type) {
        KvRows from = new KvRows(type, 6, 5);
        KvRows to = new KvRows(type, 6, 5);
        for (int r = 0; r < 6; r++) {
            from.put(r, new float[] {r + 1, 2, 3, 4, 5}, 0);
            to.put(r, new float[] {-7, -7, -7, -7, -7}, 0);
        }
        to.copy(from, 2, 3);
        for (int r = 0; r < 6; r++) {
            boolean copied = r >= 2 && r < 5;
            assertThat(values(to, r)[4]).isEqualTo(copied ? values(from, r)[4] : -7f, within(0.03f));
        }
    }

    @Test
    void typesHaveTheWordsOfTheCommandLine() {
        assertThat(KvType.of("q8")).isEqualTo(KvType.Q8);
        assertThat(KvType.Q8.rowBytes(128)).isEqualTo(132);
        assertThat(KvType.F16.rowBytes(128)).isEqualTo(256);
        assertThatThrownBy(() -> KvType.of("q4"))
                .isInstanceOf(TensorException.class)
                .hasMessageContaining("f32, f16 or q8");
    }
}
