package dev.trit.format;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.trit.tensor.DType;
import dev.trit.tensor.Dequantize;
import dev.trit.tensor.FloatTensor;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class QuantizeTest {
    private record Golden(DType type, float[] values, byte[] bytes) {}

    /** Made by src/test/python/make_quantize_goldens.py. */
    private static List<Golden> goldens() throws IOException {
        try (InputStream in = Objects.requireNonNull(QuantizeTest.class.getResourceAsStream("quantize-goldens.txt"))) {
            return new String(in.readAllBytes(), StandardCharsets.UTF_8)
                    .lines()
                    .map(line -> {
                        String[] parts = line.split(" ", -1);
                        byte[] x = HexFormat.of().parseHex(parts[1]);
                        float[] values = new float[x.length / 4];
                        ByteBuffer.wrap(x)
                                .order(ByteOrder.LITTLE_ENDIAN)
                                .asFloatBuffer()
                                .get(values);
                        return new Golden(
                                DType.valueOf(parts[0]), values, HexFormat.of().parseHex(parts[2]));
                    })
                    .toList();
        }
    }

    private static byte[] quantize(DType type, float... values) {
        byte[] out = new byte[Math.toIntExact(type.rowBytes(values.length))];
        Quantize.row(type, values, 0, out, 0);
        return out;
    }

    private static float[] dequantize(DType type, byte[] bytes, int n) {
        float[] out = new float[n];
        Dequantize.blocks(type, MemorySegment.ofArray(bytes), 0, n / type.blockElements(), out, 0);
        return out;
    }

    private static double error(float[] a, float[] b) {
        double sum = 0;
        for (int i = 0; i < a.length; i++) {
            sum += (a[i] - (double) b[i]) * (a[i] - (double) b[i]);
        }
        return Math.sqrt(sum / a.length);
    }

    @Test
    void writesTheBytesOfTheReference() throws IOException {
        int compared = 0;
        for (Golden g : goldens()) {
            if (g.type != DType.Q6_K) {
                assertThat(HexFormat.of().formatHex(quantize(g.type, g.values)))
                        .as("%s of %s", g.type, Arrays.toString(g.values))
                        .isEqualTo(HexFormat.of().formatHex(g.bytes));
                compared++;
            }
        }
        assertThat(compared).isEqualTo(24);
    }

    /** A compiler that fuses multiplications and additions may break a near tie otherwise: so errors, not bytes. */
    @Test
    void q6IsAsCloseAsTheReference() throws IOException {
        int compared = 0;
        for (Golden g : goldens()) {
            if (g.type == DType.Q6_K) {
                float[] ours = dequantize(g.type, quantize(g.type, g.values), 256);
                float[] theirs = dequantize(g.type, g.bytes, 256);
                assertThat(error(g.values, ours)).isLessThanOrEqualTo(1.001 * error(g.values, theirs));
                compared++;
            }
        }
        assertThat(compared).isEqualTo(8);
    }

    @ParameterizedTest
    @EnumSource(names = {"Q8_0", "Q6_K"})
    void keepsZerosAndScalesWithItsInput(DType type) {
        float[] zeros = new float[256];
        assertThat(error(zeros, dequantize(type, quantize(type, zeros), 256))).isZero();
        Random random = new Random(4);
        float[] x = new float[256];
        for (int i = 0; i < x.length; i++) {
            x[i] = (float) random.nextGaussian();
        }
        double error = error(x, dequantize(type, quantize(type, x), 256));
        assertThat(error).isBetween(1e-4, type == DType.Q8_0 ? 0.007 : 0.025);
        float[] denormal = new float[256];
        for (int i = 0; i < denormal.length; i++) {
            denormal[i] = x[i] * 1e-42f;
        }
        assertThat(dequantize(type, quantize(type, denormal), 256)).doesNotContain(Float.NaN);
    }

    @Test
    void roundsHalvesToEvenInPlainTypes() {
        float tie = 1 + 0x1p-8f; // between two bfloat16 numbers, the lower one is even
        float tie2 = 1 + 3 * 0x1p-8f;
        assertThat(dequantize(DType.BF16, quantize(DType.BF16, tie, tie2, Float.MIN_VALUE, -0f), 4))
                .containsExactly(1f, 1 + 4 * 0x1p-8f, 0f, -0f);
        float half = 1 + 0x1p-11f;
        assertThat(dequantize(DType.F16, quantize(DType.F16, half, 0x1p-24f, 0x1p-25f), 3))
                .containsExactly(1f, 0x1p-24f, 0f);
        assertThat(dequantize(DType.F32, quantize(DType.F32, half, tie), 2)).containsExactly(half, tie);
    }

    @Test
    void refusesWhatTheTypeCannotHold() {
        for (DType type : new DType[] {DType.F32, DType.F16, DType.BF16, DType.Q8_0, DType.Q6_K}) {
            for (float bad : new float[] {Float.NaN, Float.POSITIVE_INFINITY, Float.NEGATIVE_INFINITY}) {
                float[] x = new float[256];
                x[200] = bad;
                assertThatThrownBy(() -> quantize(type, x))
                        .isInstanceOf(FormatException.class)
                        .hasMessageContaining("row 0, column 200");
            }
        }
        float[] large = new float[256];
        large[3] = 3e38f;
        large[2] = Float.MAX_VALUE;
        assertThatThrownBy(() -> quantize(DType.F16, large)).hasMessageContaining("column 2");
        assertThatThrownBy(() -> quantize(DType.BF16, large)).hasMessageContaining("column 2");
        assertThatThrownBy(() -> quantize(DType.Q8_0, large)).isInstanceOf(FormatException.class);
        assertThatThrownBy(() -> quantize(DType.Q6_K, large)).isInstanceOf(FormatException.class);
        assertThatThrownBy(() -> Quantize.row(DType.Q4_0, new float[32], 0, new byte[18], 0))
                .isInstanceOf(FormatException.class)
                .hasMessageContaining("not written");
        assertThatThrownBy(() -> Quantize.row(DType.Q8_0, new float[33], 0, new byte[99], 0))
                .isInstanceOf(FormatException.class)
                .hasMessageContaining("multiple of 32");
    }

    @Test
    void streamsWholeTensors() {
        Random random = new Random(6);
        float[] x = new float[70 * 5120];
        for (int i = 0; i < x.length; i++) {
            x[i] = (float) random.nextGaussian();
        }
        FloatTensor source = FloatTensor.of(70, 5120, x); // more than one chunk
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        Quantize.body(source, DType.Q8_0).writeTo(out::write);
        FloatTensor back = new FloatTensor(DType.Q8_0, 70, 5120, MemorySegment.ofArray(out.toByteArray()));
        assertThat(error(x, back.toFloats())).isLessThan(0.007);
        out.reset();
        Quantize.body(source, DType.F32).writeTo(out::write);
        assertThat(MemorySegment.ofArray(out.toByteArray()).mismatch(source.data()))
                .isEqualTo(-1);
    }
}
