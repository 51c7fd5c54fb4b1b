package dev.trit.tensor.internal.natives;

import static dev.trit.tensor.internal.natives.Entry.failed;
import static dev.trit.tensor.internal.natives.Entry.slice;

import dev.trit.tensor.ActivationRows;
import java.lang.foreign.MemorySegment;

/** Calls that read matrices: products and single rows; and the one that makes activations ready for them. */
final class MatrixCalls {
    private MatrixCalls() {}

    static void quantize(int variant, float[] x, int at, ActivationRows out, int row) {
        int n = out.cols();
        long first = (long) row * out.stride();
        try {
            Entry.QUANTIZE.invokeExact(
                    variant,
                    slice(x, at, n),
                    (long) n,
                    MemorySegment.ofArray(out.bytes()).asSlice(first, out.stride()), // with the padding
                    MemorySegment.ofArray(out.codes()).asSlice(2 * first, 2L * out.stride()),
                    MemorySegment.ofArray(out.sums()).asSlice(4L * row, 4),
                    slice(out.scales(), row, 1));
        } catch (Throwable e) {
            throw failed(e);
        }
    }

    /** See {@code struct ternary} and {@code struct activations} in trit.h. */
    static void ternary(
            int variant,
            MemorySegment weights,
            long rows,
            long cols,
            int[] starts,
            float[] scales,
            long ranges,
            long group,
            boolean triples,
            byte[] x,
            long stride,
            long tokens,
            int[] sums,
            float[] activationScales,
            long from,
            long to,
            float[] y,
            long yStride,
            MemorySegment scratch) {
        try {
            Entry.TERNARY.invokeExact(
                    variant,
                    weights,
                    rows,
                    cols,
                    MemorySegment.ofArray(starts),
                    MemorySegment.ofArray(scales),
                    ranges,
                    group,
                    triples ? 1L : 0L,
                    MemorySegment.ofArray(x),
                    stride,
                    tokens,
                    MemorySegment.ofArray(sums),
                    MemorySegment.ofArray(activationScales),
                    from,
                    to,
                    MemorySegment.ofArray(y),
                    yStride,
                    scratch);
        } catch (Throwable e) {
            throw failed(e);
        }
    }

    static void dense(
            int variant,
            int type,
            MemorySegment w,
            long rowBytes,
            long cols,
            float[] x,
            int xAt,
            int xStride,
            int tokens,
            int from,
            int to,
            float[] y,
            int yStride,
            MemorySegment scratch) {
        try {
            Entry.DENSE.invokeExact(
                    variant,
                    type,
                    w,
                    rowBytes,
                    cols,
                    slice(x, xAt, (tokens - 1L) * xStride + cols),
                    (long) xStride,
                    (long) tokens,
                    (long) from,
                    (long) to,
                    slice(y, 0, (tokens - 1L) * yStride + to),
                    (long) yStride,
                    scratch);
        } catch (Throwable e) {
            throw failed(e);
        }
    }

    static void screen(
            int variant,
            MemorySegment codes,
            long rows,
            long cols,
            float[] scales,
            ActivationRows x,
            long from,
            long to,
            float[] y,
            long yStride) {
        try {
            Entry.SCREEN.invokeExact(
                    variant,
                    codes,
                    rows,
                    cols,
                    MemorySegment.ofArray(scales),
                    MemorySegment.ofArray(x.bytes()),
                    (long) x.stride(),
                    (long) x.rows(),
                    MemorySegment.ofArray(x.sums()),
                    MemorySegment.ofArray(x.scales()),
                    from,
                    to,
                    MemorySegment.ofArray(y),
                    yStride);
        } catch (Throwable e) {
            throw failed(e);
        }
    }

    static void row(int variant, int type, MemorySegment row, long cols, float[] out, int at) {
        try {
            Entry.ROW.invokeExact(variant, type, row, cols, slice(out, at, cols));
        } catch (Throwable e) {
            throw failed(e);
        }
    }
}
