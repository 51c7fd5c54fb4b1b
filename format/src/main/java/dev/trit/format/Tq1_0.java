package dev.trit.format;

import dev.trit.tensor.TernaryTensor;
import java.lang.foreign.MemorySegment;

/**
 * TQ1_0 of llama.cpp: blocks of 256 columns in 52 bytes of base 3 ({@link Base3}), then a half-precision scale; 1.6875
 * bits per weight. The first 160 columns lie in 32 bytes of five, the next 80 in 16 bytes of five, the last 16 in 4 bytes
 * of four; in each part, neighbouring columns lie in neighbouring bytes.
 */
public final class Tq1_0 implements TernaryDialect {
    private static final int BLOCK = 256;
    private static final int CODES = 52;
    private static final int FOURS = 48; // where the bytes of four trits begin
    private static final BlockScales SCALES = new BlockScales("TQ1_0", BLOCK, CODES + 2, CODES, zeros());

    private static byte[] zeros() {
        byte[] zeros = new byte[CODES];
        pack(new byte[BLOCK], 0, zeros, 0);
        return zeros;
    }

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
            for (int b = 0; b < blocks; b++) {
                unpack(raw, b * SCALES.bytes(), out, at + b * BLOCK);
            }
            return 0; // every byte stands for trits
        });
        return new TernaryTensor(rows, cols, trits, SCALES.read(blob, rows, cols));
    }

    private static void unpack(byte[] raw, int p, byte[] out, int o) {
        Base3.unpack(raw, p, 32, 5, out, o);
        Base3.unpack(raw, p + 32, 16, 5, out, o + 160);
        for (int m = 0; m < 4; m++) {
            int b = raw[p + FOURS + m] & 255;
            for (int n = 0; n < 4; n++) {
                out[o + 240 + 4 * n + m] = (byte) (Base3.digit(b) - 1);
                b = Base3.rest(b);
            }
        }
    }

    private static void pack(byte[] trits, int o, byte[] raw, int p) {
        Base3.pack(trits, o, 32, 5, raw, p);
        Base3.pack(trits, o + 160, 16, 5, raw, p + 32);
        Base3.pack(trits, o + 240, 4, 4, raw, p + FOURS);
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
                pack(trits, from + b * BLOCK, raw, p);
                SCALES.put(scales[row * blocks + b], raw, p);
            }
        };
        PackedRows.encode(t, SCALES.rowBytes(t.cols()), pack, out);
    }
}
