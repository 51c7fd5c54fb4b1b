package dev.trit.format;

import dev.trit.tensor.TernaryTensor;
import java.lang.foreign.MemorySegment;

/**
 * Q1_0 of llama.cpp, binary weights: blocks of 128 columns, a half-precision scale d in front, column j in bit j mod 8 of
 * byte j/8; a set bit is +d, a clear one -d. 1.125 bits per weight.
 */
public final class Q1_0 implements TernaryDialect {
    private static final int BLOCK = 128;
    private static final int BYTES = 18;
    private static final BlockScales SCALES = new BlockScales("Q1_0", BLOCK, BYTES, 0, null);
    private static final long[] SIGNS = signs();

    /** The eight signs of a byte in the eight bytes of a long. */
    private static long[] signs() {
        long[] table = new long[256];
        for (int b = 0; b < 256; b++) {
            for (int j = 0; j < 8; j++) {
                table[b] |= (b >> j & 1) == 1 ? 1L << 8 * j : 255L << 8 * j;
            }
        }
        return table;
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
        PackedRows signs = new PackedRows(name(), blob, SCALES.rowBytes(cols), cols, (raw, out, at) -> {
            for (int b = 0; b < blocks; b++) {
                for (int m = 0; m < BLOCK / 8; m++) {
                    long eight = SIGNS[raw[b * BYTES + 2 + m] & 255];
                    TwoBitPlanes.LONG.set(out, at + b * BLOCK + 8 * m, eight);
                }
            }
            return 0; // every bit stands for a sign
        });
        return new TernaryTensor(rows, cols, signs, SCALES.read(blob, rows, cols));
    }

    @Override
    public boolean canEncode() {
        return true;
    }

    @Override
    public boolean lossless(TernaryTensor t) {
        return BlockScales.lossless(t);
    }

    /** @throws FormatException also if a weight is zero, which a bit cannot say */
    @Override
    public void encode(TernaryTensor t, ByteSink out) {
        short[] scales = SCALES.halves(t);
        int blocks = t.cols() / BLOCK;
        PackedRows.Pack pack = (row, trits, from, raw, at) -> {
            for (int c = 0; c < t.cols(); c++) {
                int trit = trits[from + c];
                if (trit == 0) {
                    throw new FormatException(
                            "Q1_0 has no zero, but there is one at row %d, column %d".formatted(row, c),
                            "-1 or +1",
                            0,
                            "TQ1_0 is the smallest type with zeros.");
                }
                raw[at + c / BLOCK * BYTES + 2 + c % BLOCK / 8] |= (byte) ((trit + 1) / 2 << c % 8);
            }
            for (int b = 0; b < blocks; b++) {
                SCALES.put(scales[row * blocks + b], raw, at + b * BYTES);
            }
        };
        PackedRows.encode(t, SCALES.rowBytes(t.cols()), pack, out);
    }
}
