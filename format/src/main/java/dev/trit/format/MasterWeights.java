package dev.trit.format;

import dev.trit.tensor.DType;
import dev.trit.tensor.FloatTensor;
import dev.trit.tensor.Scales;
import dev.trit.tensor.TensorException;
import dev.trit.tensor.TernaryTensor;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Full-precision weights of a ternary model, as the forward pass sees them: absmean quantization (The Era of 1-bit LLMs,
 * eq. 1 to 3, with the order of operations of the released code). With delta = max(mean |w|, 1e-5) and s = 1 / delta, a
 * trit is w * s rounded half to even and clipped to -1 ... +1, and a weight is delta * trit.
 *
 * <p>The mean is taken over the whole matrix, in double precision: in each row column c adds to sum c mod 8, the eight
 * sums are added as a tree, and the rows one after the other.
 *
 * <p>A matrix that is ternary already (each row holds only 0 and plus or minus one magnitude: what unpacking a ternary
 * file gives) keeps its magnitudes as scales; the mean over its zeros would be a wrong scale.
 */
final class MasterWeights implements TernaryTensor.Trits {
    private static final ValueLayout.OfInt I32 = ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
    private static final ValueLayout.OfShort I16 = ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
    private static final ValueLayout.OfFloat F32 = ValueLayout.JAVA_FLOAT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
    private static final float MIN_MEAN = 1e-5f;

    private final FloatTensor master;

    /**
     * The largest magnitude that rounds to 0, as an integer: without their sign bits, floats of all three types are
     * ordered as integers are, so that one comparison quantizes a weight.
     */
    private final int threshold;

    private MasterWeights(FloatTensor master, int threshold) {
        this.master = master;
        this.threshold = threshold;
    }

    /**
     * The trits of a matrix; only the mean is computed at once.
     *
     * @param master F32, F16 or BF16
     * @throws FormatException for another type, and for weights that are not finite numbers
     */
    static TernaryTensor quantize(FloatTensor master) {
        if (master.type() != DType.F32 && master.type() != DType.F16 && master.type() != DType.BF16) {
            throw new FormatException(
                    "master weights of this type cannot be quantized to trits",
                    "F32, F16 or BF16",
                    master.type(),
                    "Convert from the original checkpoint.");
        }
        float mean = (float) (magnitudes(master) / ((double) master.rows() * master.cols()));
        float[] scales = scalesIfTernary(master);
        if (scales != null) {
            return new TernaryTensor(
                    master.rows(),
                    master.cols(),
                    new MasterWeights(master, 0),
                    Scales.perRow(scales).coarsest(master.rows()));
        }
        float delta = Math.max(mean, MIN_MEAN);
        return new TernaryTensor(
                master.rows(),
                master.cols(),
                new MasterWeights(master, threshold(master.type(), 1f / delta)),
                Scales.perTensor(delta));
    }

    /** The largest code whose magnitude, times {@code s}, rounds to 0: half itself does, being half way to even. */
    private static int threshold(DType type, float s) {
        int low = 0; // rounds to 0
        int high = infinity(type); // does not
        while (high - low > 1) {
            int middle = low + high >>> 1;
            if (magnitude(type, middle) * s > 0.5f) {
                high = middle;
            } else {
                low = middle;
            }
        }
        return low;
    }

    private static int infinity(DType type) {
        return switch (type) {
            case F32 -> 0x7f800000;
            case F16 -> 0x7c00;
            case BF16 -> 0x7f80;
            default -> throw new TensorException("not a plain float type: " + type);
        };
    }

    private static float magnitude(DType type, int code) {
        return switch (type) {
            case F32 -> Float.intBitsToFloat(code);
            case F16 -> Float.float16ToFloat((short) code);
            case BF16 -> Float.intBitsToFloat(code << 16);
            default -> throw new TensorException("not a plain float type: " + type);
        };
    }

    /** The sum of all magnitudes, in the order that the class promises. */
    private static double magnitudes(FloatTensor t) {
        float[] row = new float[Math.ceilDiv(t.cols(), 8) * 8];
        short[] bits = new short[t.cols()];
        double total = 0;
        for (int r = 0; r < t.rows(); r++) {
            floats(t, r, bits, row);
            double sum = rowSum(row);
            if (!(sum <= Double.MAX_VALUE)) {
                throw notFinite(t, r, row);
            }
            total += sum;
        }
        return total;
    }

    private static void floats(FloatTensor t, int row, short[] bits, float[] out) {
        long start = row * t.rowBytes();
        if (t.type() == DType.F32) {
            MemorySegment.copy(t.data(), F32, start, out, 0, t.cols());
            return;
        }
        MemorySegment.copy(t.data(), I16, start, bits, 0, t.cols());
        if (t.type() == DType.F16) {
            for (int c = 0; c < bits.length; c++) {
                out[c] = Float.float16ToFloat(bits[c]);
            }
        } else {
            for (int c = 0; c < bits.length; c++) {
                out[c] = Float.intBitsToFloat(bits[c] << 16);
            }
        }
    }

    private static double rowSum(float[] row) {
        double s0 = 0;
        double s1 = 0;
        double s2 = 0;
        double s3 = 0;
        double s4 = 0;
        double s5 = 0;
        double s6 = 0;
        double s7 = 0;
        for (int c = 0; c < row.length; c += 8) {
            s0 += Math.abs(row[c]);
            s1 += Math.abs(row[c + 1]);
            s2 += Math.abs(row[c + 2]);
            s3 += Math.abs(row[c + 3]);
            s4 += Math.abs(row[c + 4]);
            s5 += Math.abs(row[c + 5]);
            s6 += Math.abs(row[c + 6]);
            s7 += Math.abs(row[c + 7]);
        }
        return ((s0 + s1) + (s2 + s3)) + ((s4 + s5) + (s6 + s7));
    }

    private static FormatException notFinite(FloatTensor t, int r, float[] row) {
        int c = 0;
        while (c < t.cols() - 1 && Float.isFinite(row[c])) {
            c++;
        }
        return new FormatException(
                "a master weight is not a number, at row %d, column %d".formatted(r, c), "a finite number", row[c]);
    }

    /** The magnitude of each row if no row has more than one, else null. Rows of zeros share their neighbour's. */
    private static float @Nullable [] scalesIfTernary(FloatTensor t) {
        int[] codes = new int[t.cols()];
        float[] scales = new float[t.rows()];
        int known = -1; // last row that has a magnitude
        for (int r = 0; r < t.rows(); r++) {
            codes(t, r, codes);
            int most = 0;
            int least = Integer.MAX_VALUE;
            for (int code : codes) {
                int magnitude = code & Integer.MAX_VALUE;
                most = Math.max(most, magnitude);
                least = Math.min(least, magnitude - 1 & Integer.MAX_VALUE); // zero comes last
            }
            if (most != 0 && least + 1 != most) {
                return null;
            }
            if (most == 0) {
                scales[r] = known >= 0 ? scales[known] : 0;
            } else {
                scales[r] = magnitude(t.type(), most);
                if (known < 0) {
                    Arrays.fill(scales, 0, r, scales[r]);
                }
                known = r;
            }
        }
        return known < 0 ? null : scales;
    }

    /** The bits of a row, signs moved to bit 31. */
    private static void codes(FloatTensor t, int row, int[] out) {
        long start = row * t.rowBytes();
        if (t.type() == DType.F32) {
            MemorySegment.copy(t.data(), I32, start, out, 0, out.length);
            return;
        }
        for (int c = 0; c < out.length; c++) {
            int bits = t.data().get(I16, start + 2L * c);
            out[c] = bits & 0x80007fff; // the sign was extended
        }
    }

    @Override
    public void read(int from, int to, byte[] out, int at) {
        int cols = master.cols();
        if (master.type() == DType.F32) {
            int[] row = new int[cols];
            for (int r = from; r < to; r++) {
                MemorySegment.copy(master.data(), I32, r * master.rowBytes(), row, 0, cols);
                quantize(row, out, at + (r - from) * cols);
            }
        } else {
            short[] row = new short[cols];
            for (int r = from; r < to; r++) {
                MemorySegment.copy(master.data(), I16, r * master.rowBytes(), row, 0, cols);
                quantize(row, out, at + (r - from) * cols);
            }
        }
    }

    private void quantize(int[] row, byte[] out, int o) {
        for (int c = 0; c < row.length; c++) {
            int one = threshold - (row[c] & 0x7fffffff) >>> 31;
            int sign = row[c] >> 31;
            out[o + c] = (byte) ((one ^ sign) - sign);
        }
    }

    private void quantize(short[] row, byte[] out, int o) {
        for (int c = 0; c < row.length; c++) {
            int one = threshold - (row[c] & 0x7fff) >>> 31;
            int sign = row[c] >> 31;
            out[o + c] = (byte) ((one ^ sign) - sign);
        }
    }
}
