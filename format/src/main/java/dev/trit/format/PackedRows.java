package dev.trit.format;

import dev.trit.tensor.Scales;
import dev.trit.tensor.TernaryTensor;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * Matrices whose rows are packed one after the other, each in a whole number of bytes: what most dialects are. A dialect
 * adds how one row is unpacked; reading, writing and the complaint about an unused code are here.
 *
 * @param dialect name for messages
 * @param blob the rows, usually mapped
 * @param rowBytes bytes of a row
 * @param cols trits of a row
 */
record PackedRows(String dialect, MemorySegment blob, int rowBytes, int cols, Unpack unpack)
        implements TernaryTensor.Trits {
    /** Bytes that may be read behind a row, so that a codec can load a long at its last byte. */
    static final int SLACK = 8;

    private static final int CHUNK = 1 << 18;

    /** One row of bytes to trits. */
    @FunctionalInterface
    interface Unpack {
        /**
         * @param raw the row from index 0, with {@link #SLACK} bytes behind it
         * @param out receives the trits of the row from {@code at} on
         * @return nonzero if a code stands for no trit; its place in {@code out} holds 2
         */
        long row(byte[] raw, byte[] out, int at);
    }

    /** One row of trits to bytes. */
    @FunctionalInterface
    interface Pack {
        /** Packs row {@code row}, whose trits begin at {@code from}; {@code raw} is zero from {@code at} on. */
        void row(int row, byte[] trits, int from, byte[] raw, int at);
    }

    @Override
    public void read(int from, int to, byte[] out, int at) {
        byte[] raw = new byte[rowBytes + SLACK];
        for (int r = from; r < to; r++) {
            int o = at + (r - from) * cols;
            MemorySegment.copy(blob, ValueLayout.JAVA_BYTE, (long) r * rowBytes, raw, 0, rowBytes);
            if (unpack.row(raw, out, o) != 0) {
                throw unused(dialect, r, out, o, cols);
            }
        }
    }

    /** The complaint about the first value of a row that is no trit. */
    static FormatException unused(String dialect, int row, byte[] out, int at, int cols) {
        int c = 0;
        while (c < cols - 1 && out[at + c] >= -1 && out[at + c] <= 1) {
            c++;
        }
        return new FormatException(
                "%s has a code that is no trit, at row %d, column %d".formatted(dialect, row, c),
                "0, 1 or 2",
                out[at + c] + 1,
                "The file is damaged, or its tensors are not of the type it declares.");
    }

    /** Writes a matrix row by row. */
    static void encode(TernaryTensor t, int rowBytes, Pack pack, ByteSink out) {
        int atOnce = Math.clamp(CHUNK / t.cols(), 1, t.rows());
        byte[] trits = new byte[atOnce * t.cols() + SLACK];
        for (int from = 0; from < t.rows(); from += atOnce) {
            int n = Math.min(atOnce, t.rows() - from);
            t.trits().read(from, from + n, trits, 0);
            byte[] raw = new byte[n * rowBytes];
            for (int r = 0; r < n; r++) {
                pack.row(from + r, trits, r * t.cols(), raw, r * rowBytes);
            }
            out.write(raw);
        }
    }

    /** Refuses a shape whose rows do not fill blocks. */
    static void checkBlocks(String dialect, int rows, int cols, int block) {
        if (rows < 1 || cols < 1 || cols % block != 0) {
            throw new FormatException(
                    "a row of %s does not fill whole blocks".formatted(dialect),
                    "a multiple of %d columns".formatted(block),
                    "[%d, %d]".formatted(rows, cols),
                    "HF packed holds any shape, IQ2_BN and Q2_0 any multiple of 64.");
        }
    }

    /** Refuses a blob that is smaller than the shape asks for. */
    static void checkSize(String dialect, MemorySegment blob, long bytes, int rows, int cols) {
        if (blob.byteSize() < bytes) {
            throw new FormatException(
                    "%s [%d, %d] is cut off".formatted(dialect, rows, cols),
                    bytes + " bytes",
                    blob.byteSize(),
                    "Fetch the file again.");
        }
    }

    /** The one scale of a matrix. */
    static float singleScale(String dialect, TernaryTensor t) {
        float[] values = t.coarsest().scales().values();
        if (values.length != 1) {
            throw new FormatException(
                    "%s has one scale for the whole matrix".formatted(dialect),
                    "1 scale",
                    t.scales(),
                    "TQ1_0 and TQ2_0 keep a scale for every 256 columns, IQ2_BN one for every row.");
        }
        return values[0];
    }

    /** Refuses a matrix whose scale is not the one that is stored beside it. */
    static void checkScale(String dialect, TernaryTensor t, float scale) {
        float single = singleScale(dialect, t);
        if (single != scale) {
            throw new FormatException("the matrix has another scale than its weight_scale", scale, single);
        }
    }

    /** The scales of a matrix whose rows have one each. */
    static Scales rowScales(String dialect, TernaryTensor t) {
        Scales scales = t.coarsest().scales();
        if (scales.grouped()) {
            throw new FormatException(
                    "%s has one scale for a row".formatted(dialect),
                    "rows with one scale",
                    scales,
                    "TQ1_0 and TQ2_0 keep a scale for every 256 columns, Q2_0 for every 64.");
        }
        return scales;
    }

    /** A scale from a file. */
    static float checkScale(String dialect, float scale, String where) {
        if (!Float.isFinite(scale)) {
            throw new FormatException(
                    "%s has a scale that is no number, %s".formatted(dialect, where),
                    "a finite number",
                    scale,
                    "The file is damaged, or its tensors are not of the type it declares.");
        }
        return scale;
    }
}
