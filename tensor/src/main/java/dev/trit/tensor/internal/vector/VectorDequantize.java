package dev.trit.tensor.internal.vector;

import static java.nio.ByteOrder.LITTLE_ENDIAN;
import static jdk.incubator.vector.VectorOperators.B2I;
import static jdk.incubator.vector.VectorOperators.I2F;
import static jdk.incubator.vector.VectorOperators.LSHL;
import static jdk.incubator.vector.VectorOperators.LSHR;
import static jdk.incubator.vector.VectorOperators.ZERO_EXTEND_B2I;
import static jdk.incubator.vector.VectorOperators.ZERO_EXTEND_S2I;

import dev.trit.tensor.Dequantize;
import dev.trit.tensor.FloatTensor;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import jdk.incubator.vector.ByteVector;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.ShortVector;
import jdk.incubator.vector.VectorSpecies;

/**
 * Rows of stored types as floats, eight values at a time; equal to {@link Dequantize} value by value. Types without a
 * fast form here (and all of them on 128-bit machines) are read by the specification itself.
 */
final class VectorDequantize {
    private static final VectorSpecies<Byte> B8 = ByteVector.SPECIES_64;
    private static final VectorSpecies<Integer> I8 = IntVector.SPECIES_256;
    private static final VectorSpecies<Float> F8 = FloatVector.SPECIES_256;
    private static final ValueLayout.OfFloat F32 = ValueLayout.JAVA_FLOAT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
    private static final ValueLayout.OfShort I16 = ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

    private VectorDequantize() {}

    /** Row {@code row} as floats. {@code halves} is scratch of at least {@code cols} values. */
    static void row(FloatTensor t, int row, float[] out, int at, short[] halves) {
        MemorySegment data = t.data();
        int cols = t.cols();
        long p = row * t.rowBytes();
        switch (t.type()) {
            case F32 -> MemorySegment.copy(data, F32, p, out, at, cols);
            case F16 -> f16(data, p, cols, out, at, halves);
            case BF16 -> {
                if (Width.WIDE) {
                    bf16(data, p, cols, out, at);
                } else {
                    Dequantize.row(t, row, 0, cols, out, at);
                }
            }
            case Q8_0 -> {
                if (Width.WIDE) {
                    q8(data, p, cols / 32, out, at);
                } else {
                    Dequantize.row(t, row, 0, cols, out, at);
                }
            }
            case Q4_0, Q4_1 -> {
                if (Width.WIDE) {
                    q4(data, p, cols / 32, t.type().blockBytes(), out, at);
                } else {
                    Dequantize.row(t, row, 0, cols, out, at);
                }
            }
            case Q6_K -> {
                if (Width.WIDE) {
                    q6k(data, p, cols / 256, out, at);
                } else {
                    Dequantize.row(t, row, 0, cols, out, at);
                }
            }
            default -> Dequantize.row(t, row, 0, cols, out, at);
        }
    }

    /** The compiler turns this loop into the conversion instruction; the copy costs less than it saves. */
    private static void f16(MemorySegment data, long p, int cols, float[] out, int at, short[] halves) {
        MemorySegment.copy(data, I16, p, halves, 0, cols);
        for (int i = 0; i < cols; i++) {
            out[at + i] = Float.float16ToFloat(halves[i]);
        }
    }

    private static void bf16(MemorySegment data, long p, int cols, float[] out, int at) {
        int i = 0;
        for (; i + 8 <= cols; i += 8) {
            ShortVector v = ShortVector.fromMemorySegment(ShortVector.SPECIES_128, data, p + 2L * i, LITTLE_ENDIAN);
            IntVector bits = (IntVector) v.convertShape(ZERO_EXTEND_S2I, I8, 0);
            bits.lanewise(LSHL, 16).reinterpretAsFloats().intoArray(out, at + i);
        }
        for (; i < cols; i++) {
            out[at + i] = Float.intBitsToFloat(data.get(I16, p + 2L * i) << 16);
        }
    }

    private static float half(MemorySegment data, long p) {
        return Float.float16ToFloat(data.get(I16, p));
    }

    private static FloatVector floats(IntVector v) {
        return (FloatVector) v.convertShape(I2F, F8, 0);
    }

    private static IntVector unsigned(MemorySegment data, long p) {
        ByteVector bytes = ByteVector.fromMemorySegment(B8, data, p, LITTLE_ENDIAN);
        return (IntVector) bytes.convertShape(ZERO_EXTEND_B2I, I8, 0);
    }

    private static void q8(MemorySegment data, long p, int blocks, float[] out, int at) {
        for (int b = 0; b < blocks; b++) {
            long q = p + 34L * b;
            FloatVector d = FloatVector.broadcast(F8, half(data, q));
            for (int j = 0; j < 32; j += 8) {
                ByteVector bytes = ByteVector.fromMemorySegment(B8, data, q + 2 + j, LITTLE_ENDIAN);
                IntVector v = (IntVector) bytes.convertShape(B2I, I8, 0);
                d.mul(floats(v)).intoArray(out, at + 32 * b + j);
            }
        }
    }

    /** Q4_0 (18 bytes, minimum -8 d) and Q4_1 (20 bytes, minimum stored). d * q is exact, so fma rounds as d * q + m. */
    private static void q4(MemorySegment data, long p, int blocks, int blockBytes, float[] out, int at) {
        int header = blockBytes - 16;
        for (int b = 0; b < blocks; b++) {
            long q = p + (long) blockBytes * b;
            float scale = half(data, q);
            FloatVector d = FloatVector.broadcast(F8, scale);
            FloatVector m = FloatVector.broadcast(F8, header == 4 ? half(data, q + 2) : -8 * scale);
            for (int j = 0; j < 16; j += 8) {
                IntVector v = unsigned(data, q + header + j);
                d.fma(floats(v.and(15)), m).intoArray(out, at + 32 * b + j);
                d.fma(floats(v.lanewise(LSHR, 4)), m).intoArray(out, at + 32 * b + 16 + j);
            }
        }
    }

    private static void q6k(MemorySegment data, long p, int blocks, float[] out, int at) {
        for (int b = 0; b < blocks; b++) {
            long block = p + 210L * b;
            float d = half(data, block + 208);
            for (int half = 0; half < 2; half++) {
                int o = at + 256 * b + 128 * half;
                for (int l = 0; l < 32; l += 8) {
                    long scales = block + 192 + 8 * half + (l >> 4);
                    IntVector low = unsigned(data, block + 64 * half + l);
                    IntVector next = unsigned(data, block + 64 * half + 32 + l);
                    IntVector high = unsigned(data, block + 128 + 32 * half + l);
                    q6(data, scales, d, low.and(15), high.and(3), out, o + l);
                    q6(data, scales + 2, d, next.and(15), high.lanewise(LSHR, 2).and(3), out, o + 32 + l);
                    q6(
                            data,
                            scales + 4,
                            d,
                            low.lanewise(LSHR, 4),
                            high.lanewise(LSHR, 4).and(3),
                            out,
                            o + 64 + l);
                    q6(data, scales + 6, d, next.lanewise(LSHR, 4), high.lanewise(LSHR, 6), out, o + 96 + l);
                }
            }
        }
    }

    private static void q6(MemorySegment data, long scale, float d, IntVector low, IntVector high, float[] out, int o) {
        float s = d * data.get(ValueLayout.JAVA_BYTE, scale);
        floats(low.or(high.lanewise(LSHL, 4)).sub(32)).mul(s).intoArray(out, o);
    }
}
