package dev.trit.format;

import dev.trit.tensor.Scales;
import dev.trit.tensor.TernaryTensor;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * TL2 of bitnet.cpp, laid out for table lookups on x86: three neighbouring weights are v = 9a + 3b + c, stored as the
 * index |v| of 0 ... 13 and a sign bit, 1.67 bits per weight. The last columns, K mod 96, are pairs as in {@link Tl1}.
 * The blob has all indices, then all signs, then the pairs, each in the order in which the kernel walks its tiles
 * ({@link TlTile}), then padding; the scale is a tensor beside it.
 */
public final class Tl2 implements TernaryDialect {
    private static final String NAME = "TL2";
    private static final int STEP_ROWS = 32; // bm
    private static final int[] QUARTER = {0, 16, 8, 24}; // rows of the four quarters of a step's 32 bytes

    private final float scale;
    private final TlTile tile;

    /** @param scale what one trit is worth: the tensor {@code X.weight_scale} */
    public Tl2(float scale, TlTile tile) {
        this.scale = PackedRows.checkScale(NAME, scale, "beside the matrix");
        this.tile = tile;
        if (tile.kernelRows() != STEP_ROWS || tile.cols() % 24 != 0) {
            throw new FormatException("impossible tile sizes for TL2", "bm 32, BK a multiple of 24", tile);
        }
    }

    @Override
    public String name() {
        return NAME;
    }

    /** Columns in triples, K3; the rest, K2, are pairs. */
    private int tripleCols(int cols) {
        return cols - cols % tile.cols();
    }

    /** As bitnet.cpp allocates: five bits for three weights in all columns but 256, four bits for two in those. */
    @Override
    public long bytes(int rows, int cols) {
        if (rows < 1 || cols < 1 || rows % tile.rows() != 0 || cols % tile.cols() % 32 != 0) {
            throw new FormatException(
                    "TL2 tiles do not cover the matrix",
                    "a multiple of %d rows; columns a multiple of %d plus one of 32"
                            .formatted(tile.rows(), tile.cols()),
                    "[%d, %d]".formatted(rows, cols));
        }
        long allocated = Math.max(cols - 256, 0) * (long) rows / 3 * 5 / 8 + 256L * rows / 2 * 4 / 8;
        return Math.max(content(rows, cols), allocated);
    }

    private long content(int rows, int cols) {
        return pairsAt(rows, cols) + (long) rows * (cols - tripleCols(cols)) / 4;
    }

    private long signsAt(int rows, int cols) {
        return (long) rows * tripleCols(cols) / 6;
    }

    private long pairsAt(int rows, int cols) {
        return signsAt(rows, cols) + (long) rows * tripleCols(cols) / 24;
    }

    @Override
    public TernaryTensor decode(MemorySegment blob, int rows, int cols) {
        PackedRows.checkSize(NAME, blob, bytes(rows, cols), rows, cols);
        return new TernaryTensor(
                rows,
                cols,
                (from, to, out, at) -> {
                    for (int r = from; r < to; r++) {
                        readRow(blob, rows, cols, r, out, at + (r - from) * cols);
                    }
                },
                Scales.perTensor(scale));
    }

    private void readRow(MemorySegment blob, int rows, int cols, int row, byte[] out, int o) {
        int triples = tripleCols(cols);
        boolean unused = false;
        for (int c = 0; c < triples; c += 6) { // two triples share a byte
            int b = blob.get(ValueLayout.JAVA_BYTE, indexAt(cols, row, c)) & 255;
            unused |= triple(b >> 4, sign(blob, rows, cols, row, c), out, o + c);
            unused |= triple(b & 15, sign(blob, rows, cols, row, c + 3), out, o + c + 3);
        }
        for (int c = triples; c < cols; c += 4) {
            int b = blob.get(ValueLayout.JAVA_BYTE, pairAt(rows, cols, row, c)) & 255;
            System.arraycopy(Tl1.PAIRS[b >> 4], 0, out, o + c, 2);
            System.arraycopy(Tl1.PAIRS[b & 15], 0, out, o + c + 2, 2);
            unused |= b >> 4 > 8 || (b & 15) > 8;
        }
        if (unused) {
            throw PackedRows.unused(NAME, row, out, o, cols);
        }
    }

    /** Writes the three trits of an index and its sign; true if there is no such index. */
    private static boolean triple(int index, int sign, byte[] out, int o) {
        if (index > 13) {
            out[o] = 2;
            return true;
        }
        int v = index + 13; // 9 (a + 1) + 3 (b + 1) + (c + 1)
        out[o] = (byte) ((v / 9 - 1 ^ -sign) + sign);
        out[o + 1] = (byte) ((v / 3 % 3 - 1 ^ -sign) + sign);
        out[o + 2] = (byte) ((v % 3 - 1 ^ -sign) + sign);
        return false;
    }

    /** Index of a step of 32 rows in the tile walk: tiles of rows, of columns, then steps in the tile. */
    private long step(int tilesAcross, int row, int tileCol) {
        long tileIndex = (long) (row / tile.rows()) * tilesAcross + tileCol;
        return tileIndex * (tile.rows() / STEP_ROWS) + row % tile.rows() / STEP_ROWS;
    }

    /** Place of a row in the 32 bytes of a step. */
    private static int inStep(int row) {
        int r = row % STEP_ROWS;
        return QUARTER[r / 8] + r % 8; // the order 0, 2, 1, 3 is its own opposite
    }

    private long indexAt(int cols, int row, int c) {
        long step = step(tripleCols(cols) / tile.cols(), row, c / tile.cols());
        return (step * (tile.cols() / 6) + c % tile.cols() / 6) * STEP_ROWS + inStep(row);
    }

    /** Sixteen-bit word of signs: bits 15 - (2t + h) for eight triples t and the rows r, r + 16. */
    private long signWordAt(int rows, int cols, int row, int c) {
        long step = step(tripleCols(cols) / tile.cols(), row, c / tile.cols());
        return signsAt(rows, cols) + 2 * ((step * (tile.cols() / 24) + c % tile.cols() / 24) * 16 + row % 16);
    }

    private static int signBit(int row, int c) {
        return 15 - (2 * (c % 24 / 3) + row % STEP_ROWS / 16);
    }

    private int sign(MemorySegment blob, int rows, int cols, int row, int c) {
        int bit = signBit(row, c);
        long at = signWordAt(rows, cols, row, c) + bit / 8;
        return blob.get(ValueLayout.JAVA_BYTE, at) >> bit % 8 & 1;
    }

    private long pairAt(int rows, int cols, int row, int c) {
        int triples = tripleCols(cols);
        int in = c - triples;
        long step = step((cols - triples) / 32, row, in / 32);
        return pairsAt(rows, cols) + (step * 8 + in % 32 / 4) * STEP_ROWS + inStep(row);
    }

    @Override
    public boolean canEncode() {
        return true;
    }

    /** Writes the codes; the scale must be the one this codec was made with. */
    @Override
    public void encode(TernaryTensor t, ByteSink out) {
        PackedRows.checkScale(NAME, t, scale);
        int rows = t.rows();
        int cols = t.cols();
        int triples = tripleCols(cols);
        byte[] blob = new byte[Math.toIntExact(bytes(rows, cols))];
        byte[] w = new byte[cols];
        for (int r = 0; r < rows; r++) {
            t.trits().read(r, r + 1, w, 0);
            for (int c = 0; c < triples; c += 3) {
                int v = 9 * w[c] + 3 * w[c + 1] + w[c + 2];
                blob[(int) indexAt(cols, r, c)] |= (byte) (Math.abs(v) << (c / 3 % 2 == 0 ? 4 : 0));
                if (v < 0) {
                    int bit = signBit(r, c);
                    blob[(int) signWordAt(rows, cols, r, c) + bit / 8] |= (byte) (1 << bit % 8);
                }
            }
            for (int c = triples; c < cols; c += 4) {
                int first = 3 * w[c] + w[c + 1] + 4;
                int second = 3 * w[c + 2] + w[c + 3] + 4;
                blob[(int) pairAt(rows, cols, r, c)] = (byte) (first << 4 | second);
            }
        }
        out.write(blob);
    }
}
