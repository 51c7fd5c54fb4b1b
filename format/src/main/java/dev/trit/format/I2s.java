package dev.trit.format;

import dev.trit.tensor.Scales;
import dev.trit.tensor.TernaryTensor;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * I2_S, the two-bit format of bitnet.cpp and of Microsoft's own files: n/4 bytes of codes (trit + 1), the float scale of
 * the matrix, 28 bytes of padding.
 *
 * <p>Three layouts of the codes exist and no file says which it has; {@link LayoutEvidence} judges. Every published file
 * seen has {@link Layout#FILE}.
 */
public final class I2s implements TernaryDialect {
    /** How the codes of a matrix lie in bytes; all have the first element in bits 7-6. */
    public enum Layout {
        /** Blocks of 128 columns, byte b has columns b, b + 32, b + 64, b + 96: x86 builds and every converter. */
        FILE,
        /** Blocks of 64 columns, byte b has columns b, b + 16, b + 32, b + 48: the C quantizer run on ARM. */
        NEON,
        /** Byte (r, c) has column c of rows 4r ... 4r + 3: x86 builds without ACT_PARALLEL, in memory only. */
        INTERLEAVED
    }

    private static final String NAME = "I2_S";
    private static final int TAIL = 32; // scale and padding
    private static final TwoBitPlanes FILE = new TwoBitPlanes(32, true);
    private static final TwoBitPlanes NEON = new TwoBitPlanes(16, true);
    private static final ValueLayout.OfFloat F32 = ValueLayout.JAVA_FLOAT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

    private final Layout layout;

    /** The layout of published files. */
    public I2s() {
        this(Layout.FILE);
    }

    public I2s(Layout layout) {
        this.layout = layout;
    }

    @Override
    public String name() {
        return NAME;
    }

    /** n/4 + 32. */
    @Override
    public long bytes(int rows, int cols) {
        switch (layout) {
            case FILE -> PackedRows.checkBlocks(NAME, rows, cols, FILE.elements());
            case NEON -> PackedRows.checkBlocks(NAME, rows, cols, NEON.elements());
            case INTERLEAVED -> {
                PackedRows.checkBlocks(NAME, rows, cols, 1);
                if (rows % 4 != 0) {
                    throw new FormatException("interleaved I2_S takes rows by fours", "a multiple of 4 rows", rows);
                }
            }
        }
        return (long) rows * cols / 4 + TAIL;
    }

    @Override
    public TernaryTensor decode(MemorySegment blob, int rows, int cols) {
        PackedRows.checkSize(NAME, blob, bytes(rows, cols), rows, cols);
        float scale = PackedRows.checkScale(NAME, blob.get(F32, (long) rows * cols / 4), "behind the codes");
        TernaryTensor.Trits trits = switch (layout) {
            case FILE -> planes(FILE, blob, cols);
            case NEON -> planes(NEON, blob, cols);
            case INTERLEAVED -> (from, to, out, at) -> readInterleaved(blob, cols, from, to, out, at);
        };
        return new TernaryTensor(rows, cols, trits, Scales.perTensor(scale));
    }

    private static TernaryTensor.Trits planes(TwoBitPlanes planes, MemorySegment blob, int cols) {
        int blocks = cols / planes.elements();
        return new PackedRows(NAME, blob, cols / 4, cols, (raw, out, at) -> planes.unpack(raw, 0, 0, blocks, out, at));
    }

    private static void readInterleaved(MemorySegment blob, int cols, int from, int to, byte[] out, int at) {
        byte[] raw = new byte[cols];
        for (int r = from; r < to; r++) {
            MemorySegment.copy(blob, ValueLayout.JAVA_BYTE, (long) (r / 4) * cols, raw, 0, cols);
            int shift = 6 - 2 * (r % 4);
            int o = at + (r - from) * cols;
            int threes = 0;
            for (int c = 0; c < cols; c++) {
                int code = raw[c] >> shift & 3;
                threes |= code & code >> 1;
                out[o + c] = (byte) (code - 1);
            }
            if (threes != 0) {
                throw PackedRows.unused(NAME, r, out, o, cols);
            }
        }
    }

    @Override
    public boolean canEncode() {
        return true;
    }

    @Override
    public void encode(TernaryTensor t, ByteSink out) {
        bytes(t.rows(), t.cols());
        float scale = PackedRows.singleScale(NAME, t);
        switch (layout) {
            case FILE -> encodePlanes(FILE, t, out);
            case NEON -> encodePlanes(NEON, t, out);
            case INTERLEAVED -> encodeInterleaved(t, out);
        }
        byte[] tail = new byte[TAIL];
        ByteBuffer.wrap(tail).order(ByteOrder.LITTLE_ENDIAN).putFloat(0, scale);
        out.write(tail);
    }

    private static void encodePlanes(TwoBitPlanes planes, TernaryTensor t, ByteSink out) {
        int blocks = t.cols() / planes.elements();
        PackedRows.encode(
                t, t.cols() / 4, (r, trits, from, raw, at) -> planes.pack(trits, from, 0, blocks, raw, at), out);
    }

    private static void encodeInterleaved(TernaryTensor t, ByteSink out) {
        byte[] trits = new byte[4 * t.cols()];
        byte[] raw = new byte[t.cols()];
        for (int r = 0; r < t.rows(); r += 4) {
            t.trits().read(r, r + 4, trits, 0);
            for (int c = 0; c < raw.length; c++) {
                int code = 0;
                for (int i = 0; i < 4; i++) {
                    code = code << 2 | trits[i * raw.length + c] + 1;
                }
                raw[c] = (byte) code;
            }
            out.write(raw);
        }
    }
}
