package dev.trit.format;

import dev.trit.tensor.DType;
import dev.trit.tensor.Dequantize;
import dev.trit.tensor.FloatTensor;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * Floats to the ordinary types that are written: F32, F16 and BF16 rounded to nearest, ties to even; Q8_0 as in
 * gguf-py, to the byte; Q6_K with the search for scales that llama.cpp's reference has. {@link Dequantize} is the
 * opposite.
 */
public final class Quantize {
    private static final int CHUNK = 1 << 18;
    private static final int SUB = 16; // values of a Q6_K block that share an 8-bit scale
    private static final int MAX_CODE = 32; // codes of Q6_K are -32 ... 31
    private static final float Q6_LIMIT = 65504f * 128 * 32; // largest d, scale and code
    private static final float ALL_ZERO = 1e-15f;
    private static final float ROUND = 0x1.8p23f; // added, it leaves the nearest integer in the low bits, ties to even

    private Quantize() {}

    /** Whether floats can be written as {@code type}. */
    public static boolean canWrite(DType type) {
        return switch (type) {
            case F32, F16, BF16, Q8_0, Q6_K -> true;
            case Q4_0, Q4_1, Q5_0, Q5_1, Q4_K, Q5_K -> false;
        };
    }

    /** Whether every value of type {@code from}, with certainty, is also one of type {@code to}. */
    public static boolean lossless(DType from, DType to) {
        return from == to || (to == DType.F32 && (from == DType.F16 || from == DType.BF16));
    }

    /**
     * The bytes of {@code source} as {@code type}, produced a few rows at a time; as they are if the type is the same.
     *
     * @throws FormatException at once if the type is not written or rows do not fill its blocks; while writing, if a
     *     value is not finite or too large for the type
     */
    public static TensorBody body(FloatTensor source, DType type) {
        if (source.type() == type) {
            return TensorBody.of(source.data());
        }
        int rowBytes = rowBytes(type, source.cols());
        return out -> {
            int atOnce = Math.clamp(CHUNK / source.cols(), 1, source.rows());
            float[] row = new float[source.cols()];
            byte[] bytes = new byte[Math.multiplyExact(atOnce, rowBytes)];
            for (int from = 0; from < source.rows(); from += atOnce) {
                int n = Math.min(atOnce, source.rows() - from);
                for (int r = 0; r < n; r++) {
                    Dequantize.row(source, from + r, 0, row.length, row, 0);
                    row(type, row, from + r, bytes, r * rowBytes);
                }
                out.write(bytes, 0, n * rowBytes);
            }
        };
    }

    private static int rowBytes(DType type, int cols) {
        if (!canWrite(type)) {
            throw new FormatException(
                    "%s is read but not written".formatted(type), "F32, F16, BF16, Q8_0 or Q6_K", type);
        }
        PackedRows.checkBlocks(type.name(), 1, cols, type.blockElements());
        return Math.toIntExact(type.rowBytes(cols));
    }

    /**
     * Writes one row.
     *
     * @param row index of the row, for the message of an error
     * @param out receives the bytes from {@code at} on
     * @throws FormatException if a value is not finite, or not finite any more in {@code type}
     */
    public static void row(DType type, float[] values, int row, byte[] out, int at) {
        rowBytes(type, values.length);
        for (int c = 0; c < values.length; c++) {
            if (!Float.isFinite(values[c])) {
                throw notFinite(type, row, c, values[c]);
            }
        }
        ByteBuffer bytes = ByteBuffer.wrap(out).order(ByteOrder.LITTLE_ENDIAN).position(at);
        switch (type) {
            case F32 -> bytes.asFloatBuffer().put(values);
            case F16 -> {
                for (int c = 0; c < values.length; c++) {
                    bytes.putShort(half(type, values[c], row, c));
                }
            }
            case BF16 -> {
                for (int c = 0; c < values.length; c++) {
                    bytes.putShort(bfloat16(values[c], row, c));
                }
            }
            case Q8_0 -> {
                for (int c = 0; c < values.length; c += 32) {
                    q8(values, row, c, bytes);
                }
            }
            case Q6_K -> {
                for (int c = 0; c < values.length; c += 256) {
                    q6(values, row, c, bytes);
                }
            }
            default -> throw new FormatException("%s is not written".formatted(type));
        }
    }

    private static FormatException notFinite(DType type, int row, int col, float value) {
        return new FormatException(
                "a value cannot be written as %s, at row %d, column %d".formatted(type, row, col),
                "a finite number in the range of the type",
                value,
                "F32 and BF16 have the widest range.");
    }

    private static short half(DType type, float value, int row, int col) {
        short half = Float.floatToFloat16(value);
        if ((half & 0x7c00) == 0x7c00) {
            throw notFinite(type, row, col, value);
        }
        return half;
    }

    /** The upper half of a float, rounded: adding 0x7fff, and 1 more if the result would be odd, carries when it must. */
    private static short bfloat16(float value, int row, int col) {
        int bits = Float.floatToRawIntBits(value);
        int rounded = bits + 0x7fff + (bits >>> 16 & 1);
        if ((rounded & 0x7f800000) == 0x7f800000) {
            throw notFinite(DType.BF16, row, col, value);
        }
        return (short) (rounded >>> 16);
    }

    /** d = max |x| / 127 in half precision, then x / d rounded half away from zero (with the d before rounding). */
    private static void q8(float[] x, int row, int from, ByteBuffer out) {
        float max = 0;
        for (int i = from; i < from + 32; i++) {
            max = Math.max(max, Math.abs(x[i]));
        }
        float d = max / 127;
        float inverse = d == 0 ? 0 : 1 / d;
        if (inverse == Float.POSITIVE_INFINITY) {
            inverse = 0; // d is a denormal float, far below half precision: the block reads as zeros in any case
        }
        out.putShort(half(DType.Q8_0, d, row, from));
        for (int i = from; i < from + 32; i++) {
            float q = x[i] * inverse;
            int magnitude = (int) (Math.abs(q) + 0.5f);
            out.put((byte) (q < 0 ? -magnitude : magnitude));
        }
    }

    /** 128 bytes of low nibbles, 64 of high bit pairs, 16 scales, d: the layout is told where it is read. */
    private static void q6(float[] x, int row, int from, ByteBuffer out) {
        int start = out.position();
        for (int c = from; c < from + 256; c++) {
            if (Math.abs(x[c]) > Q6_LIMIT) {
                throw notFinite(DType.Q6_K, row, c, x[c]); // its square would overflow in the search
            }
        }
        float[] scales = new float[SUB];
        float extreme = 0;
        for (int s = 0; s < SUB; s++) {
            scales[s] = searchScale(x, from + s * SUB);
            if (Math.abs(scales[s]) > Math.abs(extreme)) {
                extreme = scales[s];
            }
        }
        out.position(start + 210);
        if (Math.abs(extreme) < ALL_ZERO) {
            for (int i = start; i < start + 210; i++) {
                out.put(i, (byte) 0); // scales and d of 0: the codes do not matter
            }
            return;
        }
        float inverse = -128 / extreme;
        short half = half(DType.Q6_K, 1 / inverse, row, from);
        float d = Float.float16ToFloat(half);
        out.putShort(start + 208, half);
        int[] codes = new int[256];
        for (int s = 0; s < SUB; s++) {
            byte scale = (byte) Math.min(127, (int) Math.rint(inverse * scales[s]));
            out.put(start + 192 + s, scale);
            float step = d * scale;
            for (int i = s * SUB; i < (s + 1) * SUB; i++) {
                codes[i] = step == 0 ? MAX_CODE : code(x[from + i] / step) + MAX_CODE;
            }
        }
        for (int i = 0; i < 256; i++) {
            int half128 = i / 128;
            int plane = i % 128 / 32;
            int l = i % 32;
            or(out, start + 64 * half128 + 32 * (plane & 1) + l, (codes[i] & 15) << 4 * (plane >> 1), plane < 2);
            or(out, start + 128 + 32 * half128 + l, codes[i] >> 4 << 2 * plane, plane == 0);
        }
    }

    /** Sets bits of a byte; the first time, the others become 0. */
    private static void or(ByteBuffer out, int at, int bits, boolean first) {
        out.put(at, (byte) (first ? bits : out.get(at) | bits));
    }

    private static int code(float q) {
        return Math.clamp((int) Math.rint(q), -MAX_CODE, MAX_CODE - 1);
    }

    /**
     * The scale of 16 values with the least squared error, each error weighted by the square of its value: for each of 19
     * ways to spread the codes (the extreme value on code -32, or up to 0.9 of a code beside it) the best scale is
     * sum(w x q) / sum(w q q), and the one that explains most wins.
     */
    private static float searchScale(float[] x, int from) {
        float extreme = 0;
        for (int i = from; i < from + SUB; i++) {
            if (Math.abs(x[i]) > Math.abs(extreme)) {
                extreme = x[i];
            }
        }
        if (Math.abs(extreme) < ALL_ZERO) {
            return 0;
        }
        float[] wx = new float[SUB];
        float[] w = new float[SUB];
        for (int i = 0; i < SUB; i++) {
            w[i] = x[from + i] * x[from + i];
            wx[i] = w[i] * x[from + i];
        }
        float scale = 0;
        float best = -1;
        for (int step = 0; step <= 18; step++) {
            int offset = step == 0 ? 0 : step <= 9 ? step - 10 : step - 9; // 0, -9 ... -1, 1 ... 9
            float inverse = -(MAX_CODE + 0.1f * offset) / extreme;
            float xq = 0;
            float qq = 0;
            for (int i = 0; i < SUB; i++) {
                int nearest = Float.floatToRawIntBits(inverse * x[from + i] + ROUND) - Float.floatToRawIntBits(ROUND);
                int q = Math.max(-MAX_CODE, Math.min(MAX_CODE - 1, nearest));
                xq += wx[i] * q;
                qq += w[i] * q * q;
            }
            if (best < 0) {
                scale = qq > 0 ? xq / qq : 0;
                best = scale * xq;
            } else if (qq > 0 && xq * xq > best * qq) {
                scale = xq / qq;
                best = scale * xq;
            }
        }
        return scale;
    }
}
