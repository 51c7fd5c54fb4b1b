package dev.trit.tensor;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;

/**
 * A matrix of real numbers in its stored type: embeddings, heads, norms (one row), full-precision baselines.
 *
 * @param type element type of every row
 * @param rows number of rows, at least 1
 * @param cols values per row, a multiple of the type's block
 * @param data the rows one after the other, {@code rows * type.rowBytes(cols)} bytes; mapped or off-heap, owned by
 *     whoever opened it
 */
public record FloatTensor(DType type, int rows, int cols, MemorySegment data) {
    private static final ValueLayout.OfFloat F32 = ValueLayout.JAVA_FLOAT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

    /** Checks that {@code data} has exactly the bytes that shape and type ask for. */
    public FloatTensor {
        if (rows < 1 || cols < 1) {
            throw new TensorException("a tensor needs at least one row and column, got [%d, %d]".formatted(rows, cols));
        }
        long expected = Math.multiplyExact((long) rows, type.rowBytes(cols));
        if (data.byteSize() != expected) {
            throw new TensorException(
                    "%s [%d, %d] needs %d bytes, got %d".formatted(type, rows, cols, expected, data.byteSize()));
        }
    }

    /** A copy of {@code values} as F32 in heap memory, [rows, cols]. */
    public static FloatTensor of(int rows, int cols, float... values) {
        MemorySegment data = MemorySegment.ofArray(new byte[Math.multiplyExact(4, values.length)]);
        for (int i = 0; i < values.length; i++) {
            data.set(F32, 4L * i, values[i]);
        }
        return new FloatTensor(DType.F32, rows, cols, data);
    }

    public long rowBytes() {
        return type.rowBytes(cols);
    }

    /** Bytes as stored. */
    public long bytes() {
        return data.byteSize();
    }

    /** The whole tensor as floats, [rows, cols]; for small tensors such as norm gains. */
    public float[] toFloats() {
        float[] out = new float[Math.multiplyExact(rows, cols)];
        for (int r = 0; r < rows; r++) {
            Dequantize.row(this, r, 0, cols, out, r * cols);
        }
        return out;
    }
}
