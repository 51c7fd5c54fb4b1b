package dev.trit.tensor;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;

/**
 * What the blocks of every {@link DType} mean, value by value: the specification that faster readers are held to.
 *
 * <p>Layouts and formulas are those of GGUF (gguf-py decodes to the same floats). A product of scales is formed first,
 * so each weight is rounded once: {@code (d * sc) * q} or {@code (d * sc) * q - (dmin * m)}.
 */
public final class Dequantize {
    private static final ValueLayout.OfFloat F32 = ValueLayout.JAVA_FLOAT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
    private static final ValueLayout.OfShort I16 = ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
    private static final ValueLayout.OfInt I32 = ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

    private Dequantize() {}

    /**
     * Values {@code from ... to-1} of one row.
     *
     * @param from first column, a multiple of the block
     * @param to one past the last column, a multiple of the block
     * @param out receives {@code out[at + c - from]}
     */
    public static void row(FloatTensor t, int row, int from, int to, float[] out, int at) {
        DType type = t.type();
        long start = row * t.rowBytes() + type.rowBytes(from);
        int blocks = (int) (type.rowBytes(to - from) / type.blockBytes());
        blocks(type, t.data(), start, blocks, out, at);
    }

    /** {@code blocks} consecutive blocks that begin at byte {@code start}. */
    public static void blocks(DType type, MemorySegment data, long start, int blocks, float[] out, int at) {
        int n = type.blockElements();
        int bytes = type.blockBytes();
        for (int b = 0; b < blocks; b++) {
            long p = start + (long) b * bytes;
            int o = at + b * n;
            switch (type) {
                case F32 -> out[o] = data.get(F32, p);
                case F16 -> out[o] = f16(data, p);
                case BF16 -> out[o] = Float.intBitsToFloat(data.get(I16, p) << 16);
                case Q8_0 -> q8(data, p, out, o);
                case Q4_0 -> q4(data, p + 2, f16(data, p), -8 * f16(data, p), out, o);
                case Q4_1 -> q4(data, p + 4, f16(data, p), f16(data, p + 2), out, o);
                case Q5_0 -> q5(data, p + 2, f16(data, p), -16 * f16(data, p), out, o);
                case Q5_1 -> q5(data, p + 4, f16(data, p), f16(data, p + 2), out, o);
                case Q4_K -> q4k(data, p, out, o);
                case Q5_K -> q5k(data, p, out, o);
                case Q6_K -> q6k(data, p, out, o);
            }
        }
    }

    static float f16(MemorySegment data, long p) {
        return Float.float16ToFloat(data.get(I16, p));
    }

    private static int u8(MemorySegment data, long p) {
        return data.get(ValueLayout.JAVA_BYTE, p) & 0xff;
    }

    /** f16 d, 32 int8: d * q. */
    private static void q8(MemorySegment data, long p, float[] out, int o) {
        float d = f16(data, p);
        for (int j = 0; j < 32; j++) {
            out[o + j] = d * data.get(ValueLayout.JAVA_BYTE, p + 2 + j);
        }
    }

    /** 16 bytes: value j in the low nibble of byte j, value j + 16 in the high one; d * q + m, exact before the sum. */
    private static void q4(MemorySegment data, long qs, float d, float m, float[] out, int o) {
        for (int j = 0; j < 16; j++) {
            int b = u8(data, qs + j);
            out[o + j] = d * (b & 15) + m;
            out[o + j + 16] = d * (b >>> 4) + m;
        }
    }

    /** As {@link #q4} with the fifth bits of all 32 values in front, value j in bit j. */
    private static void q5(MemorySegment data, long p, float d, float m, float[] out, int o) {
        int high = data.get(I32, p);
        for (int j = 0; j < 16; j++) {
            int b = u8(data, p + 4 + j);
            out[o + j] = d * (b & 15 | (high >>> j & 1) << 4) + m;
            out[o + j + 16] = d * (b >>> 4 | (high >>> j + 16 & 1) << 4) + m;
        }
    }

    /** Six-bit scale of sub-block j < 8 in the 12 bytes that Q4_K and Q5_K share. */
    private static int scaleK(MemorySegment data, long s, int j) {
        return j < 4 ? u8(data, s + j) & 63 : u8(data, s + j + 4) & 15 | u8(data, s + j - 4) >>> 6 << 4;
    }

    /** Six-bit minimum of sub-block j < 8, beside {@link #scaleK}. */
    private static int minK(MemorySegment data, long s, int j) {
        return j < 4 ? u8(data, s + j + 4) & 63 : u8(data, s + j + 4) >>> 4 | u8(data, s + j) >>> 6 << 4;
    }

    /** f16 d, f16 dmin, 12 bytes of scales, 128 of nibbles: sub-blocks 2i and 2i+1 share 32 bytes, low and high. */
    private static void q4k(MemorySegment data, long p, float[] out, int o) {
        float d = f16(data, p);
        float dmin = f16(data, p + 2);
        for (int j = 0; j < 8; j++) {
            float scale = d * scaleK(data, p + 4, j);
            float min = dmin * minK(data, p + 4, j);
            for (int l = 0; l < 32; l++) {
                int q = u8(data, p + 16 + 32L * (j >> 1) + l) >>> 4 * (j & 1) & 15;
                out[o + 32 * j + l] = scale * q - min;
            }
        }
    }

    /** As {@link #q4k} with 32 bytes of fifth bits before the nibbles, sub-block j in bit j. */
    private static void q5k(MemorySegment data, long p, float[] out, int o) {
        float d = f16(data, p);
        float dmin = f16(data, p + 2);
        for (int j = 0; j < 8; j++) {
            float scale = d * scaleK(data, p + 4, j);
            float min = dmin * minK(data, p + 4, j);
            for (int l = 0; l < 32; l++) {
                int low = u8(data, p + 48 + 32L * (j >> 1) + l) >>> 4 * (j & 1) & 15;
                int q = low | (u8(data, p + 16 + l) >>> j & 1) << 4;
                out[o + 32 * j + l] = scale * q - min;
            }
        }
    }

    /**
     * 128 bytes of low nibbles, 64 of high bit pairs, 16 int8 scales, f16 d. In each half of 128 values, value
     * 32k + l (k < 4) has its low bits in byte 32 (k & 1) + l, nibble k >> 1, its high bits in byte l, pair k.
     */
    private static void q6k(MemorySegment data, long p, float[] out, int o) {
        float d = f16(data, p + 208);
        for (int i = 0; i < 256; i++) {
            float scale = d * data.get(ValueLayout.JAVA_BYTE, p + 192 + i / 16);
            out[o + i] = scale * q6k(data, p, i);
        }
    }

    /** Value i of a Q6_K block without scales, -32 ... 31. */
    static int q6k(MemorySegment data, long p, int i) {
        int half = i / 128;
        int k = i / 32 % 4;
        int l = i % 32;
        int low = u8(data, p + 64 * half + 32 * (k & 1) + l) >>> 4 * (k >> 1) & 15;
        int high = u8(data, p + 128 + 32 * half + l) >>> 2 * k & 3;
        return (low | high << 4) - 32;
    }
}
