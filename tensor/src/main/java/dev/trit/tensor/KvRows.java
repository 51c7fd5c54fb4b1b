package dev.trit.tensor;

/**
 * Keys or values as a cache holds them, [rows, cols] of one {@link KvType}, on the Java heap. Value c of row r is an
 * element, read as a float, times the row's factor: the scale for {@link KvType#Q8}, one for the others.
 */
public final class KvRows {
    /** Largest finite half. */
    private static final float MAX_HALF = 65504f;

    /** A row below it counts as zeros: 127 over it is finite. */
    private static final float LEAST = 1e-30f;

    private final KvType type;
    private final int rows;
    private final int cols;
    private final float[] floats;
    private final short[] halves;
    private final byte[] codes;
    private final float[] scales;

    /** Rows of zeros. */
    public KvRows(KvType type, int rows, int cols) {
        this.type = type;
        this.rows = rows;
        this.cols = cols;
        int n = Math.multiplyExact(rows, cols);
        floats = new float[type == KvType.F32 ? n : 0];
        halves = new short[type == KvType.F16 ? n : 0];
        codes = new byte[type == KvType.Q8 ? n : 0];
        scales = new float[type == KvType.Q8 ? rows : 0];
    }

    public KvType type() {
        return type;
    }

    public int rows() {
        return rows;
    }

    public int cols() {
        return cols;
    }

    /** The elements of {@link KvType#F32}, row after row; empty otherwise. */
    public float[] floats() {
        return floats;
    }

    /** The elements of {@link KvType#F16} as bits, row after row; empty otherwise. */
    public short[] halves() {
        return halves;
    }

    /** The elements of {@link KvType#Q8}, row after row; empty otherwise. */
    public byte[] codes() {
        return codes;
    }

    /** One for each row of {@link KvType#Q8}; empty otherwise. */
    public float[] scales() {
        return scales;
    }

    /** Writes {@code x[at ... at+cols-1]} to a row. The values must be finite. */
    public void put(int row, float[] x, int at) {
        int to = row * cols;
        switch (type) {
            case F32 -> System.arraycopy(x, at, floats, to, cols);
            case F16 -> {
                for (int i = 0; i < cols; i++) {
                    halves[to + i] = Float.floatToFloat16(Math.max(-MAX_HALF, Math.min(MAX_HALF, x[at + i])));
                }
            }
            case Q8 -> {
                float max = LEAST;
                for (int i = 0; i < cols; i++) {
                    max = Math.max(max, Math.abs(x[at + i]));
                }
                float s = 127f / max;
                for (int i = 0; i < cols; i++) {
                    codes[to + i] = (byte) Math.rint(x[at + i] * s);
                }
                scales[row] = max / 127f;
            }
        }
    }

    /** Copies rows {@code from ... from+count-1} of another of the same type and width to the same place here. */
    public void copy(KvRows source, int from, int count) {
        switch (type) {
            case F32 -> System.arraycopy(source.floats, from * cols, floats, from * cols, count * cols);
            case F16 -> System.arraycopy(source.halves, from * cols, halves, from * cols, count * cols);
            case Q8 -> {
                System.arraycopy(source.codes, from * cols, codes, from * cols, count * cols);
                System.arraycopy(source.scales, from, scales, from, count);
            }
        }
    }

    /** The elements of {@code count} rows as floats, exactly and without their factors, to {@code out[0 ...]}. */
    public void elements(int row, int count, float[] out) {
        int at = row * cols;
        int n = count * cols;
        switch (type) {
            case F32 -> System.arraycopy(floats, at, out, 0, n);
            case F16 -> {
                for (int i = 0; i < n; i++) {
                    out[i] = Float.float16ToFloat(halves[at + i]);
                }
            }
            case Q8 -> {
                for (int i = 0; i < n; i++) {
                    out[i] = codes[at + i];
                }
            }
        }
    }

    /** {@code f} times the row's factor, rounded once. */
    public float scaled(int row, float f) {
        return type == KvType.Q8 ? f * scales[row] : f;
    }
}
