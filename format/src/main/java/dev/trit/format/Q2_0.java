package dev.trit.format;

import dev.trit.tensor.TernaryTensor;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;

/**
 * Q2_0 of llama.cpp: blocks of 64 columns (128 in PrismML's first files, under the same type id), a half-precision scale
 * in front, column j in bits 2(j mod 4) of byte j/4. The type can say -1, 0, +1 and +2; a matrix that uses +2 is not
 * ternary and is refused when it is read.
 */
public final class Q2_0 implements TernaryDialect {
    private static final VarHandle INT = MethodHandles.byteArrayViewVarHandle(int[].class, ByteOrder.LITTLE_ENDIAN);
    private static final int[] TRITS = trits();

    private final int block;
    private final BlockScales scales;

    /** Blocks of 64 columns. */
    public Q2_0() {
        this(64);
    }

    /** @param block columns of a block: 64, or 128 for the first form of the type */
    public Q2_0(int block) {
        if (block != 64 && block != 128) {
            throw new FormatException("Q2_0 has blocks of 64 or 128 columns", "64 or 128", block);
        }
        this.block = block;
        this.scales = new BlockScales("Q2_0", block, block / 4 + 2, 0, Bytes.repeated(0x55, block / 4));
    }

    /** The four trits of a byte in the four bytes of an int; a code 3 becomes 2. */
    private static int[] trits() {
        int[] table = new int[256];
        for (int b = 0; b < 256; b++) {
            for (int j = 0; j < 4; j++) {
                table[b] |= ((b >> 2 * j & 3) - 1 & 255) << 8 * j;
            }
        }
        return table;
    }

    @Override
    public String name() {
        return scales.dialect();
    }

    @Override
    public long bytes(int rows, int cols) {
        PackedRows.checkBlocks(name(), rows, cols, block);
        return (long) rows * scales.rowBytes(cols);
    }

    @Override
    public TernaryTensor decode(MemorySegment blob, int rows, int cols) {
        PackedRows.checkSize(name(), blob, bytes(rows, cols), rows, cols);
        int blocks = cols / block;
        int bytes = scales.bytes();
        PackedRows trits = new PackedRows(name(), blob, scales.rowBytes(cols), cols, (raw, out, at) -> {
            int threes = 0;
            for (int b = 0; b < blocks; b++) {
                int p = b * bytes + 2;
                for (int m = 0; m < block / 4; m++) {
                    int codes = raw[p + m];
                    threes |= codes & codes >> 1 & 0x55;
                    INT.set(out, at + b * block + 4 * m, TRITS[codes & 255]);
                }
            }
            return threes;
        });
        return new TernaryTensor(rows, cols, trits, scales.read(blob, rows, cols));
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
        short[] halves = scales.halves(t);
        int blocks = t.cols() / block;
        PackedRows.Pack pack = (row, trits, from, raw, at) -> {
            for (int b = 0; b < blocks; b++) {
                int p = at + b * scales.bytes();
                for (int j = 0; j < block; j++) {
                    raw[p + 2 + j / 4] |= (byte) (trits[from + b * block + j] + 1 << 2 * (j % 4));
                }
                scales.put(halves[row * blocks + b], raw, p);
            }
        };
        PackedRows.encode(t, scales.rowBytes(t.cols()), pack, out);
    }
}
