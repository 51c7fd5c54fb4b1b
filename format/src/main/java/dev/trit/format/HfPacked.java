package dev.trit.format;

import dev.trit.tensor.Scales;
import dev.trit.tensor.TernaryTensor;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;

/**
 * The packed uint8 matrices of Hugging Face checkpoints (quant_method "bitnet"): [ceil(N/4), K] bytes, where byte (r, c)
 * has column c of rows r, r + R, r + 2R, r + 3R from the low bits up, R = ceil(N/4). Rows of the last plane that the
 * matrix does not have are ignored.
 *
 * <p>The scale is a tensor of its own, {@code weight_scale}, and means two things: with linear_class "autobitlinear" it
 * is the mean magnitude of the master weights ({@link #direct}), with "bitlinear", the default, one over it
 * ({@link #inverse}).
 */
public final class HfPacked implements TernaryDialect {
    private static final String NAME = "HF packed";

    private final float scale;

    private HfPacked(float scale, String meaning, float weightScale) {
        if (!Float.isFinite(scale)) {
            throw new FormatException(
                    "weight_scale cannot be used as " + meaning, "a finite number other than 0", weightScale);
        }
        this.scale = scale;
    }

    /** {@code weight_scale} as it is: a weight is trit * weight_scale. */
    public static HfPacked direct(float weightScale) {
        return new HfPacked(weightScale, "a factor", weightScale);
    }

    /** {@code weight_scale} is one over the scale: a weight is trit / weight_scale. */
    public static HfPacked inverse(float weightScale) {
        return new HfPacked(1f / weightScale, "a divisor", weightScale);
    }

    @Override
    public String name() {
        return NAME;
    }

    /** ceil(rows / 4) * cols; the scale lies elsewhere. */
    @Override
    public long bytes(int rows, int cols) {
        PackedRows.checkBlocks(NAME, rows, cols, 1);
        return Math.ceilDiv(rows, 4) * (long) cols;
    }

    @Override
    public TernaryTensor decode(MemorySegment blob, int rows, int cols) {
        PackedRows.checkSize(NAME, blob, bytes(rows, cols), rows, cols);
        int stride = Math.ceilDiv(rows, 4);
        return new TernaryTensor(
                rows,
                cols,
                (from, to, out, at) -> read(blob, stride, cols, from, to, out, at),
                Scales.perTensor(scale));
    }

    private static void read(MemorySegment blob, int stride, int cols, int from, int to, byte[] out, int at) {
        byte[] raw = new byte[cols];
        for (int r = from; r < to; r++) {
            MemorySegment.copy(blob, ValueLayout.JAVA_BYTE, (long) (r % stride) * cols, raw, 0, cols);
            int o = at + (r - from) * cols;
            if (unpack(raw, 2 * (r / stride), out, o) != 0) {
                throw PackedRows.unused(NAME, r, out, o, cols);
            }
        }
    }

    private static long unpack(byte[] raw, int shift, byte[] out, int o) {
        long threes = 0;
        int whole = raw.length & -8;
        for (int c = 0; c < whole; c += 8) {
            long v = (long) TwoBitPlanes.LONG.get(raw, c) >>> shift;
            threes |= v & v >>> 1 & TwoBitPlanes.LOW_BITS;
            TwoBitPlanes.LONG.set(out, o + c, TwoBitPlanes.trits(v));
        }
        for (int c = whole; c < raw.length; c++) {
            int code = raw[c] >> shift & 3;
            threes |= code & code >> 1;
            out[o + c] = (byte) (code - 1);
        }
        return threes;
    }

    @Override
    public boolean canEncode() {
        return true;
    }

    /** Writes the codes; the scale must be the one this codec was made with. */
    @Override
    public void encode(TernaryTensor t, ByteSink out) {
        PackedRows.checkScale(NAME, t, scale);
        int stride = Math.ceilDiv(t.rows(), 4);
        int cols = t.cols();
        byte[] trits = new byte[cols];
        byte[] raw = new byte[cols];
        for (int r = 0; r < stride; r++) {
            Arrays.fill(raw, (byte) 0);
            for (int i = 0; i < 4 && r + i * stride < t.rows(); i++) {
                t.trits().read(r + i * stride, r + i * stride + 1, trits, 0);
                for (int c = 0; c < cols; c++) {
                    raw[c] |= (byte) (trits[c] + 1 << 2 * i);
                }
            }
            out.write(raw);
        }
    }
}
