package dev.trit.tensor.internal.vector;

import static jdk.incubator.vector.VectorOperators.B2I;
import static jdk.incubator.vector.VectorOperators.I2F;
import static jdk.incubator.vector.VectorOperators.LSHL;
import static jdk.incubator.vector.VectorOperators.LSHR;
import static jdk.incubator.vector.VectorOperators.ZERO_EXTEND_B2I;
import static jdk.incubator.vector.VectorOperators.ZERO_EXTEND_S2I;

import dev.trit.tensor.DType;
import dev.trit.tensor.Dequantize;
import dev.trit.tensor.FloatTensor;
import dev.trit.tensor.TensorException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import jdk.incubator.vector.ByteVector;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.ShortVector;
import jdk.incubator.vector.VectorSpecies;

/**
 * Rows of stored types as floats, eight values at a time; equal to {@link Dequantize} value by value. F16 is {@link
 * VectorHalves}'. On 128-bit machines rows are read by the specification itself.
 */
final class VectorDequantize {
    private static final VectorSpecies<Byte> B8 = ByteVector.SPECIES_64;
    private static final VectorSpecies<Integer> I8 = IntVector.SPECIES_256;
    private static final VectorSpecies<Float> F8 = FloatVector.SPECIES_256;
    private static final ValueLayout.OfFloat F32 = ValueLayout.JAVA_FLOAT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

    private static final IntVector LANE = IntVector.zero(I8).addIndex(1);

    private VectorDequantize() {}

    /**
     * Row {@code row} as floats. The stored bytes are copied to the heap first: that costs a few per cent, while every
     * load from a segment would check anew that the segment is alive (a quarter of the time, measured on Q4_1).
     *
     * @param bytes scratch of at least one row as stored
     */
    static void row(FloatTensor t, int row, float[] out, int at, byte[] bytes) {
        int cols = t.cols();
        long start = row * t.rowBytes();
        if (!Width.WIDE) {
            Dequantize.row(t, row, 0, cols, out, at);
            return;
        }
        if (t.type() == DType.F32) {
            MemorySegment.copy(t.data(), F32, start, out, at, cols);
            return;
        }
        MemorySegment.copy(t.data(), ValueLayout.JAVA_BYTE, start, bytes, 0, (int) t.rowBytes());
        switch (t.type()) {
            case BF16 -> bf16(bytes, cols, out, at);
            case Q8_0 -> q8(bytes, cols / 32, out, at);
            case Q4_0, Q4_1 -> q4(bytes, cols / 32, t.type().blockBytes(), out, at);
            case Q5_0, Q5_1 -> q5(bytes, cols / 32, t.type().blockBytes(), out, at);
            case Q4_K -> k(bytes, cols / 256, false, out, at);
            case Q5_K -> k(bytes, cols / 256, true, out, at);
            case Q6_K -> q6k(bytes, cols / 256, out, at);
            default -> throw new TensorException("no vector reader for " + t.type());
        }
    }

    private static void bf16(byte[] data, int cols, float[] out, int at) {
        int i = 0;
        for (; i + 8 <= cols; i += 8) {
            ShortVector v =
                    ByteVector.fromArray(ByteVector.SPECIES_128, data, 2 * i).reinterpretAsShorts();
            IntVector bits = (IntVector) v.convertShape(ZERO_EXTEND_S2I, I8, 0);
            bits.lanewise(LSHL, 16).reinterpretAsFloats().intoArray(out, at + i);
        }
        for (; i < cols; i++) {
            out[at + i] = Float.intBitsToFloat(short16(data, 2 * i) << 16);
        }
    }

    private static short short16(byte[] data, int p) {
        return (short) (data[p] & 0xff | data[p + 1] << 8);
    }

    private static float half(byte[] data, int p) {
        return Float.float16ToFloat(short16(data, p));
    }

    private static FloatVector floats(IntVector v) {
        return (FloatVector) v.convertShape(I2F, F8, 0);
    }

    private static IntVector unsigned(byte[] data, int p) {
        ByteVector bytes = ByteVector.fromArray(B8, data, p);
        return (IntVector) bytes.convertShape(ZERO_EXTEND_B2I, I8, 0);
    }

    private static void q8(byte[] data, int blocks, float[] out, int at) {
        for (int b = 0; b < blocks; b++) {
            int q = 34 * b;
            FloatVector d = FloatVector.broadcast(F8, half(data, q));
            for (int j = 0; j < 32; j += 8) {
                ByteVector bytes = ByteVector.fromArray(B8, data, q + 2 + j);
                IntVector v = (IntVector) bytes.convertShape(B2I, I8, 0);
                d.mul(floats(v)).intoArray(out, at + 32 * b + j);
            }
        }
    }

    /** Q4_0 (18 bytes, minimum -8 d) and Q4_1 (20 bytes, minimum stored). d * q is exact, so fma rounds as d * q + m. */
    private static void q4(byte[] data, int blocks, int blockBytes, float[] out, int at) {
        int header = blockBytes - 16;
        for (int b = 0; b < blocks; b++) {
            int q = blockBytes * b;
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

    /** Q5_0 (22 bytes, minimum -16 d) and Q5_1 (24 bytes, minimum stored): fifth bits in one word, value j in bit j. */
    private static void q5(byte[] data, int blocks, int blockBytes, float[] out, int at) {
        int header = blockBytes - 20;
        for (int b = 0; b < blocks; b++) {
            int q = blockBytes * b;
            float scale = half(data, q);
            float min = header == 4 ? half(data, q + 2) : -16 * scale;
            IntVector high = IntVector.broadcast(
                            I8, (short16(data, q + header) & 0xffff | short16(data, q + header + 2) << 16))
                    .lanewise(LSHR, LANE);
            for (int j = 0; j < 32; j += 8) {
                IntVector low = unsigned(data, q + header + 4 + (j & 15))
                        .lanewise(LSHR, j >> 4 << 2)
                        .and(15);
                IntVector fifth = high.lanewise(LSHR, j).and(1).lanewise(LSHL, 4);
                store(low.or(fifth), scale, min, out, at + 32 * b + j);
            }
        }
    }

    /** Q4_K and Q5_K: eight sub-blocks of 32 with six-bit scales and minima; see {@link Dequantize}. */
    private static void k(byte[] data, int blocks, boolean five, float[] out, int at) {
        int qs = five ? 48 : 16;
        for (int b = 0; b < blocks; b++) {
            int block = (qs + 128) * b;
            float d = half(data, block);
            float dmin = half(data, block + 2);
            for (int j = 0; j < 8; j++) {
                float scale = d * scaleK(data, block + 4, j);
                float min = -(dmin * minK(data, block + 4, j));
                int low = block + qs + 32 * (j >> 1);
                kSubBlock(data, low, 4 * (j & 1), five ? block + 16 : -1, j, scale, min, out, at + 256 * b + 32 * j);
            }
        }
    }

    private static int scaleK(byte[] data, int s, int j) {
        return j < 4 ? data[s + j] & 63 : data[s + j + 4] & 15 | (data[s + j - 4] & 0xff) >>> 6 << 4;
    }

    private static int minK(byte[] data, int s, int j) {
        return j < 4 ? data[s + j + 4] & 63 : (data[s + j + 4] & 0xff) >>> 4 | (data[s + j] & 0xff) >>> 6 << 4;
    }

    private static void kSubBlock(
            byte[] data, int qs, int shift, int fifths, int bit, float scale, float min, float[] out, int o) {
        for (int l = 0; l < 32; l += 8) {
            IntVector q = unsigned(data, qs + l).lanewise(LSHR, shift).and(15);
            if (fifths >= 0) {
                q = q.or(unsigned(data, fifths + l).lanewise(LSHR, bit).and(1).lanewise(LSHL, 4));
            }
            store(q, scale, min, out, o + l);
        }
    }

    /** scale * q + min in one rounding: scale * q is exact, so this is what two operations give. */
    private static void store(IntVector q, float scale, float min, float[] out, int o) {
        floats(q)
                .fma(FloatVector.broadcast(F8, scale), FloatVector.broadcast(F8, min))
                .intoArray(out, o);
    }

    private static void q6k(byte[] data, int blocks, float[] out, int at) {
        for (int b = 0; b < blocks; b++) {
            int block = 210 * b;
            float d = half(data, block + 208);
            for (int quarter = 0; quarter < 8; quarter++) {
                int half = quarter >> 2;
                int k = quarter & 3;
                q6quarter(
                        data,
                        block + 64 * half + 32 * (k & 1),
                        4 * (k >> 1),
                        block + 128 + 32 * half,
                        2 * k,
                        block + 192 + 2 * quarter,
                        d,
                        out,
                        at + 256 * b + 32 * quarter);
            }
        }
    }

    /** 32 values: low nibbles at {@code ql >>> lowShift}, bit pairs at {@code qh >>> highShift}, two int8 scales. */
    private static void q6quarter(
            byte[] data, int ql, int lowShift, int qh, int highShift, int scales, float d, float[] out, int o) {
        for (int l = 0; l < 32; l += 8) {
            IntVector low = unsigned(data, ql + l).lanewise(LSHR, lowShift).and(15);
            IntVector high = unsigned(data, qh + l).lanewise(LSHR, highShift).and(3);
            float scale = d * data[scales + (l >> 4)];
            floats(low.or(high.lanewise(LSHL, 4)).sub(32)).mul(scale).intoArray(out, o + l);
        }
    }
}
