package dev.trit.tensor.internal.natives;

import static dev.trit.tensor.internal.natives.Entry.failed;
import static dev.trit.tensor.internal.natives.Entry.slice;

import dev.trit.tensor.KvRows;
import dev.trit.tensor.KvType;
import java.lang.foreign.MemorySegment;
import org.jspecify.annotations.Nullable;

/** Calls of attention, which reads keys and values of any {@link KvType} as they lie. */
final class AttentionCalls {
    private AttentionCalls() {}

    /** Elements of {@code count} rows. */
    private static MemorySegment elements(KvRows rows, long row, long count) {
        long n = rows.cols();
        return switch (rows.type()) {
            case F32 -> slice(rows.floats(), row * n, count * n);
            case F16 -> MemorySegment.ofArray(rows.halves()).asSlice(2 * row * n, 2 * count * n);
            case Q8 -> MemorySegment.ofArray(rows.codes()).asSlice(row * n, count * n);
        };
    }

    /** What the next call will read, or NULL. */
    private static MemorySegment next(@Nullable KvRows rows, long row, long count) {
        return rows == null ? MemorySegment.NULL : elements(rows, row, count);
    }

    /** Scales of {@code count} rows, nothing where there are none. */
    private static MemorySegment scales(KvRows rows, long row, long count) {
        return rows.type() == KvType.Q8 ? slice(rows.scales(), row, count) : slice(rows.scales(), 0, 0);
    }

    static void scores(
            int variant,
            float[] q,
            int qAt,
            int queries,
            KvRows keys,
            int row,
            int positions,
            float scale,
            float[] out,
            int at,
            int outStride,
            @Nullable KvRows next) {
        int n = keys.cols();
        try {
            Entry.SCORES.invokeExact(
                    variant,
                    slice(q, qAt, (long) queries * n),
                    (long) queries,
                    keys.type().ordinal(),
                    elements(keys, row, positions),
                    scales(keys, row, positions),
                    (long) n,
                    (long) positions,
                    scale,
                    slice(out, at, (queries - 1L) * outStride + positions),
                    (long) outStride,
                    next(next, row, positions));
        } catch (Throwable e) {
            throw failed(e);
        }
    }

    static void mix(
            int variant,
            float[] weights,
            int at,
            int stride,
            int queries,
            KvRows values,
            int row,
            int positions,
            float[] out,
            int oAt,
            @Nullable KvRows next) {
        int n = values.cols();
        try {
            Entry.MIX.invokeExact(
                    variant,
                    slice(weights, at, (queries - 1L) * stride + positions),
                    (long) stride,
                    (long) queries,
                    values.type().ordinal(),
                    elements(values, row, positions),
                    scales(values, row, positions),
                    (long) n,
                    (long) positions,
                    slice(out, oAt, (long) queries * n),
                    next(next, row, positions));
        } catch (Throwable e) {
            throw failed(e);
        }
    }
}
