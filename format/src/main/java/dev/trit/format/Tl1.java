package dev.trit.format;

import dev.trit.tensor.Scales;
import dev.trit.tensor.TernaryTensor;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * TL1 of bitnet.cpp, laid out for table lookups on ARM: two neighbouring weights are one index 3a + b + 4 of 0 ... 8, two
 * indices one byte, and bytes follow the tiles ({@link TlTile}) and steps in which the kernel walks. 2 bits per weight;
 * the scale is a tensor beside it.
 */
public final class Tl1 implements TernaryDialect {
    static final byte[][] PAIRS = pairs(); // [index, 2]; {2, 2} where no pair has the index

    private static final String NAME = "TL1";

    private final float scale;
    private final TlTile tile;

    /** @param scale what one trit is worth: the tensor {@code X.weight_scale} */
    public Tl1(float scale, TlTile tile) {
        this.scale = PackedRows.checkScale(NAME, scale, "beside the matrix");
        this.tile = tile;
        if (tile.cols() % stepCols() != 0) {
            throw new FormatException(
                    "impossible tile sizes for TL1", "BK a multiple of %d".formatted(stepCols()), tile);
        }
    }

    private static byte[][] pairs() {
        byte[][] pairs = new byte[16][];
        for (int i = 0; i < 16; i++) {
            pairs[i] = i < 9 ? new byte[] {(byte) (i / 3 - 1), (byte) (i % 3 - 1)} : new byte[] {2, 2};
        }
        return pairs;
    }

    /** by: columns that one kernel step takes. */
    private int stepCols() {
        return 256 / tile.kernelRows();
    }

    @Override
    public String name() {
        return NAME;
    }

    @Override
    public long bytes(int rows, int cols) {
        if (rows < 1 || cols < 1 || rows % tile.rows() != 0 || cols % tile.cols() != 0) {
            throw new FormatException(
                    "TL1 tiles do not cover the matrix",
                    "multiples of [%d, %d]".formatted(tile.rows(), tile.cols()),
                    "[%d, %d]".formatted(rows, cols));
        }
        return (long) rows * cols / 4;
    }

    @Override
    public TernaryTensor decode(MemorySegment blob, int rows, int cols) {
        PackedRows.checkSize(NAME, blob, bytes(rows, cols), rows, cols);
        return new TernaryTensor(
                rows, cols, (from, to, out, at) -> read(blob, cols, from, to, out, at), Scales.perTensor(scale));
    }

    private void read(MemorySegment blob, int cols, int from, int to, byte[] out, int at) {
        for (int r = from; r < to; r++) {
            int o = at + (r - from) * cols;
            int unused = 0;
            for (int c = 0; c < cols; c += 4) {
                int b = blob.get(ValueLayout.JAVA_BYTE, offset(cols, r, c)) & 255;
                byte[] first = PAIRS[b >> 4];
                byte[] second = PAIRS[b & 15];
                out[o + c] = first[0];
                out[o + c + 1] = first[1];
                out[o + c + 2] = second[0];
                out[o + c + 3] = second[1];
                unused |= b >> 4 > 8 || (b & 15) > 8 ? 1 : 0;
            }
            if (unused != 0) {
                throw PackedRows.unused(NAME, r, out, o, cols);
            }
        }
    }

    /** Where the byte of columns c ... c + 3 of a row is: the kernel's loops, outermost first. */
    private long offset(int cols, int row, int c) {
        int bm = tile.kernelRows();
        int by = stepCols();
        long tileIndex = (long) (row / tile.rows()) * (cols / tile.cols()) + c / tile.cols();
        int inTile = row % tile.rows();
        int inTileCol = c % tile.cols();
        long step = (tileIndex * (tile.rows() / bm) + inTile / bm) * (tile.cols() / by) + inTileCol / by;
        int sixteen = inTile % bm / 16;
        int quad = inTileCol % by / 4;
        return ((step * (bm / 16) + sixteen) * (by / 4) + quad) * 16 + inTile % 16;
    }

    @Override
    public boolean canEncode() {
        return true;
    }

    /** Writes the codes; the scale must be the one this codec was made with. */
    @Override
    public void encode(TernaryTensor t, ByteSink out) {
        PackedRows.checkScale(NAME, t, scale);
        byte[] blob = new byte[Math.toIntExact(bytes(t.rows(), t.cols()))];
        byte[] trits = new byte[t.cols()];
        for (int r = 0; r < t.rows(); r++) {
            t.trits().read(r, r + 1, trits, 0);
            for (int c = 0; c < t.cols(); c += 4) {
                int first = 3 * trits[c] + trits[c + 1] + 4;
                int second = 3 * trits[c + 2] + trits[c + 3] + 4;
                blob[Math.toIntExact(offset(t.cols(), r, c))] = (byte) (first << 4 | second);
            }
        }
        out.write(blob);
    }
}
