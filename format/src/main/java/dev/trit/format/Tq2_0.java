package dev.trit.format;

import dev.trit.tensor.TernaryTensor;
import java.lang.foreign.MemorySegment;

/**
 * TQ2_0 of llama.cpp: blocks of 256 columns in 64 bytes of two-bit codes, then a half-precision scale; 2.0625 bits per
 * weight. In each half of 128 columns, byte b has columns b, b + 32, b + 64, b + 96 from the low bits up.
 */
public final class Tq2_0 implements TernaryDialect {
    private static final int BLOCK = 256;
    private static final int CODES = 64;
    private static final TwoBitPlanes PLANES = new TwoBitPlanes(32, false);
    private static final BlockScales SCALES =
            new BlockScales("TQ2_0", BLOCK, CODES + 2, CODES, Bytes.repeated(0x55, CODES));

    @Override
    public String name() {
        return SCALES.dialect();
    }

    @Override
    public long bytes(int rows, int cols) {
        PackedRows.checkBlocks(name(), rows, cols, BLOCK);
        return (long) rows * SCALES.rowBytes(cols);
    }

    @Override
    public TernaryTensor decode(MemorySegment blob, int rows, int cols) {
        PackedRows.checkSize(name(), blob, bytes(rows, cols), rows, cols);
        int blocks = cols / BLOCK;
        PackedRows trits = new PackedRows(name(), blob, SCALES.rowBytes(cols), cols, (raw, out, at) -> {
            long unused = 0;
            for (int b = 0; b < blocks; b++) {
                unused |= PLANES.unpack(raw, b * SCALES.bytes(), 0, 2, out, at + b * BLOCK);
            }
            return unused;
        });
        return new TernaryTensor(rows, cols, trits, SCALES.read(blob, rows, cols));
    }

    @Override
    public boolean canEncode() {
        return true;
    }

    @Override
    public boolean lossless(TernaryTensor t) {
        return BlockScales.lossless(t);
    }

    @Override
    public void encode(TernaryTensor t, ByteSink out) {
        short[] scales = SCALES.halves(t);
        int blocks = t.cols() / BLOCK;
        PackedRows.Pack pack = (row, trits, from, raw, at) -> {
            for (int b = 0; b < blocks; b++) {
                int p = at + b * SCALES.bytes();
                PLANES.pack(trits, from + b * BLOCK, 0, 2, raw, p);
                SCALES.put(scales[row * blocks + b], raw, p);
            }
        };
        PackedRows.encode(t, SCALES.rowBytes(t.cols()), pack, out);
    }
}
