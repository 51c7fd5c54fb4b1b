package dev.trit.format;

import dev.trit.tensor.Scales;
import dev.trit.tensor.TernaryTensor;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;

/**
 * IQ1_BN of ik_llama.cpp: every row is a half-precision scale, then blocks of 64 columns in 13 bytes of base 3
 * ({@link Base3}, here with the first trit as the last digit). Of each 16 columns, three bytes hold 15; the last byte of
 * the block holds the sixteenth of all four. 1.625 bits per weight and 2 bytes per row.
 */
public final class Iq1Bn implements TernaryDialect {
    private static final String NAME = "IQ1_BN";
    private static final int BLOCK = 64;
    private static final int BYTES = 13;
    private static final int PREFIX = 2;
    private static final ValueLayout.OfShort F16 = ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
    private static final byte[] TRITS = trits(); // [256 bytes, 5]

    private static byte[] trits() {
        byte[] table = new byte[256 * 5];
        for (int b = 0; b < 256; b++) {
            int rest = b;
            for (int j = 4; j >= 0; j--) {
                table[5 * b + j] = (byte) (Base3.digit(rest) - 1);
                rest = Base3.rest(rest);
            }
        }
        return table;
    }

    @Override
    public String name() {
        return NAME;
    }

    @Override
    public long bytes(int rows, int cols) {
        PackedRows.checkBlocks(NAME, rows, cols, BLOCK);
        return (long) rows * rowBytes(cols);
    }

    private static int rowBytes(int cols) {
        return PREFIX + cols / BLOCK * BYTES;
    }

    @Override
    public TernaryTensor decode(MemorySegment blob, int rows, int cols) {
        PackedRows.checkSize(NAME, blob, bytes(rows, cols), rows, cols);
        int rowBytes = rowBytes(cols);
        float[] scales = new float[rows];
        for (int r = 0; r < rows; r++) {
            float d = Float.float16ToFloat(blob.get(F16, (long) r * rowBytes));
            scales[r] = PackedRows.checkScale(NAME, d, "before row " + r);
        }
        PackedRows trits = new PackedRows(NAME, blob, rowBytes, cols, (raw, out, at) -> {
            for (int b = 0; b < cols / BLOCK; b++) {
                unpack(raw, PREFIX + b * BYTES, out, at + b * BLOCK);
            }
            return 0; // every byte stands for trits
        });
        return new TernaryTensor(rows, cols, trits, Scales.perRow(scales).coarsest(rows));
    }

    private static void unpack(byte[] raw, int p, byte[] out, int o) {
        int extra = 5 * (raw[p + 12] & 255);
        for (int i = 0; i < 4; i++) {
            for (int k = 0; k < 3; k++) {
                System.arraycopy(TRITS, 5 * (raw[p + 3 * i + k] & 255), out, o + 16 * i + 5 * k, 5);
            }
            out[o + 16 * i + 15] = TRITS[extra + i];
        }
    }

    private static void pack(byte[] trits, int o, byte[] raw, int p) {
        int extra = 0;
        for (int i = 3; i >= 0; i--) {
            for (int k = 0; k < 3; k++) {
                int u = 0;
                for (int j = 4; j >= 0; j--) {
                    u = 3 * u + trits[o + 16 * i + 5 * k + j] + 1;
                }
                raw[p + 3 * i + k] = (byte) Base3.encode(u);
            }
            extra = 3 * extra + trits[o + 16 * i + 15] + 1;
        }
        raw[p + 12] = (byte) Base3.encode(extra);
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
        PackedRows.checkBlocks(NAME, t.rows(), t.cols(), BLOCK);
        Scales scales = PackedRows.rowScales(NAME, t);
        PackedRows.Pack pack = (row, trits, from, raw, at) -> {
            short half = BlockScales.half(NAME, scales.ofRow(row));
            raw[at] = (byte) half;
            raw[at + 1] = (byte) (half >> 8);
            for (int b = 0; b < t.cols() / BLOCK; b++) {
                pack(trits, from + b * BLOCK, raw, at + PREFIX + b * BYTES);
            }
        };
        PackedRows.encode(t, rowBytes(t.cols()), pack, out);
    }
}
