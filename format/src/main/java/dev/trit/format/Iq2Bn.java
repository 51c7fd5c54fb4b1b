package dev.trit.format;

import dev.trit.tensor.Scales;
import dev.trit.tensor.TernaryTensor;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * IQ2_BN of ik_llama.cpp: every row is a float scale, then blocks of 64 columns in 16 bytes; byte b has columns b, b + 16,
 * b + 32, b + 48 from the low bits up. 2 bits per weight and 4 bytes per row.
 */
public final class Iq2Bn implements TernaryDialect {
    private static final String NAME = "IQ2_BN";
    private static final TwoBitPlanes PLANES = new TwoBitPlanes(16, false);
    private static final int PREFIX = 4;
    private static final ValueLayout.OfFloat F32 = ValueLayout.JAVA_FLOAT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

    @Override
    public String name() {
        return NAME;
    }

    @Override
    public long bytes(int rows, int cols) {
        PackedRows.checkBlocks(NAME, rows, cols, PLANES.elements());
        return (long) rows * (PREFIX + cols / 4);
    }

    @Override
    public TernaryTensor decode(MemorySegment blob, int rows, int cols) {
        PackedRows.checkSize(NAME, blob, bytes(rows, cols), rows, cols);
        int rowBytes = PREFIX + cols / 4;
        float[] scales = new float[rows];
        for (int r = 0; r < rows; r++) {
            scales[r] = PackedRows.checkScale(NAME, blob.get(F32, (long) r * rowBytes), "before row " + r);
        }
        int blocks = cols / PLANES.elements();
        PackedRows trits = new PackedRows(
                NAME, blob, rowBytes, cols, (raw, out, at) -> PLANES.unpack(raw, PREFIX, 0, blocks, out, at));
        return new TernaryTensor(rows, cols, trits, Scales.perRow(scales).coarsest(rows));
    }

    @Override
    public boolean canEncode() {
        return true;
    }

    @Override
    public void encode(TernaryTensor t, ByteSink out) {
        PackedRows.checkBlocks(NAME, t.rows(), t.cols(), PLANES.elements());
        Scales scales = PackedRows.rowScales(NAME, t);
        int blocks = t.cols() / PLANES.elements();
        PackedRows.Pack pack = (row, trits, from, raw, at) -> {
            ByteBuffer.wrap(raw).order(ByteOrder.LITTLE_ENDIAN).putFloat(at, scales.ofRow(row));
            PLANES.pack(trits, from, 0, blocks, raw, at + PREFIX);
        };
        PackedRows.encode(t, PREFIX + t.cols() / 4, pack, out);
    }
}
