package dev.trit.tensor.internal.natives;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_FLOAT;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import dev.trit.tensor.ActivationRows;
import dev.trit.tensor.KvRows;
import dev.trit.tensor.KvType;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;
import org.jspecify.annotations.Nullable;

/**
 * The functions of {@code entry.c}. Critical linkage: arrays of the Java heap are passed as they lie, and a call costs
 * about as much as one in C; the garbage collector waits for it, so a call is kept to a millisecond or so of work.
 *
 * <p>Every verb takes the ordinal of a {@link Variant} first. Handles are constants of this class so that the compiler
 * sees through them.
 */
final class Calls {
    private static final NativeLibrary.Functions FUNCTIONS = NativeLibrary.open();

    private static final MethodHandle TERNARY = verb(
            "trit_ternary",
            JAVA_INT,
            ADDRESS,
            JAVA_LONG,
            JAVA_LONG,
            ADDRESS,
            ADDRESS,
            JAVA_LONG,
            JAVA_LONG,
            JAVA_LONG, // matrix
            ADDRESS,
            JAVA_LONG,
            JAVA_LONG,
            ADDRESS,
            ADDRESS, // activations
            JAVA_LONG,
            JAVA_LONG,
            ADDRESS,
            JAVA_LONG,
            ADDRESS);

    private static final MethodHandle DENSE = verb(
            "trit_dense",
            JAVA_INT,
            JAVA_INT,
            ADDRESS,
            JAVA_LONG,
            JAVA_LONG, // matrix
            ADDRESS,
            JAVA_LONG,
            JAVA_LONG,
            JAVA_LONG,
            JAVA_LONG,
            ADDRESS,
            JAVA_LONG,
            ADDRESS);
    private static final MethodHandle SCREEN = verb(
            "trit_screen",
            JAVA_INT,
            ADDRESS,
            JAVA_LONG,
            JAVA_LONG,
            ADDRESS, // screen
            ADDRESS,
            JAVA_LONG,
            JAVA_LONG,
            ADDRESS,
            ADDRESS, // activations
            JAVA_LONG,
            JAVA_LONG,
            ADDRESS,
            JAVA_LONG);
    private static final MethodHandle HADAMARD = verb("trit_hadamard", JAVA_INT, ADDRESS, JAVA_LONG);
    private static final MethodHandle ROW = verb("trit_row", JAVA_INT, JAVA_INT, ADDRESS, JAVA_LONG, ADDRESS);
    private static final MethodHandle DOT =
            find("trit_dot", FunctionDescriptor.of(JAVA_FLOAT, JAVA_INT, ADDRESS, ADDRESS, JAVA_LONG));
    private static final MethodHandle AXPY = verb("trit_axpy", JAVA_INT, JAVA_FLOAT, ADDRESS, ADDRESS, JAVA_LONG);
    private static final MethodHandle ADD = verb("trit_add", JAVA_INT, ADDRESS, ADDRESS, JAVA_LONG);
    private static final MethodHandle RMS_NORM =
            verb("trit_rms_norm", JAVA_INT, ADDRESS, ADDRESS, JAVA_FLOAT, ADDRESS, JAVA_LONG);
    private static final MethodHandle SOFTMAX = verb("trit_softmax", JAVA_INT, ADDRESS, JAVA_LONG);
    private static final MethodHandle ROPE = verb("trit_rope", JAVA_INT, ADDRESS, JAVA_LONG, ADDRESS, ADDRESS);
    private static final MethodHandle SWIGLU = verb("trit_swiglu", JAVA_INT, ADDRESS, ADDRESS, ADDRESS, JAVA_LONG);
    private static final MethodHandle RELU2GLU = verb("trit_relu2glu", JAVA_INT, ADDRESS, ADDRESS, ADDRESS, JAVA_LONG);
    private static final MethodHandle QUANTIZE =
            verb("trit_quantize", JAVA_INT, ADDRESS, JAVA_LONG, ADDRESS, ADDRESS, ADDRESS, ADDRESS);
    private static final MethodHandle SCORES = verb(
            "trit_scores",
            JAVA_INT,
            ADDRESS,
            JAVA_LONG,
            JAVA_INT,
            ADDRESS,
            ADDRESS,
            JAVA_LONG,
            JAVA_LONG, // queries; type, elements and scales of keys
            JAVA_FLOAT,
            ADDRESS,
            JAVA_LONG,
            ADDRESS);
    private static final MethodHandle MIX = verb(
            "trit_mix",
            JAVA_INT,
            ADDRESS,
            JAVA_LONG,
            JAVA_LONG,
            JAVA_INT,
            ADDRESS,
            ADDRESS,
            JAVA_LONG,
            JAVA_LONG, // weights; type, elements and scales of values
            ADDRESS,
            ADDRESS);

    private Calls() {}

    private static MethodHandle verb(String name, MemoryLayout... arguments) {
        return find(name, FunctionDescriptor.ofVoid(arguments));
    }

    private static MethodHandle find(String name, FunctionDescriptor type) {
        return FUNCTIONS.bind(name, type);
    }

    /** The compiler that made the library, with its version. */
    static String compiler() {
        try {
            var handle = find("trit_compiler", FunctionDescriptor.of(ADDRESS));
            return ((MemorySegment) handle.invokeExact())
                    .reinterpret(200)
                    .getString(0)
                    .strip();
        } catch (Throwable e) {
            throw failed(e);
        }
    }

    /** Bit mask of the variants that run on this processor. */
    static int variants() {
        try {
            return (int) find("trit_variants", FunctionDescriptor.of(JAVA_INT)).invokeExact();
        } catch (Throwable e) {
            throw failed(e);
        }
    }

    /** Bytes of scratch that {@link #ternary} needs. */
    static long ternaryScratch() {
        try {
            return (long) find("trit_ternary_scratch", FunctionDescriptor.of(JAVA_LONG))
                    .invokeExact();
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
            TERNARY.invokeExact(
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

    /** Values {@code at ... at+n-1}; the bounds are checked here, C does not. */
    private static MemorySegment of(float[] x, long at, long n) {
        return MemorySegment.ofArray(x).asSlice(Float.BYTES * at, Float.BYTES * n);
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
            DENSE.invokeExact(
                    variant,
                    type,
                    w,
                    rowBytes,
                    cols,
                    of(x, xAt, (tokens - 1L) * xStride + cols),
                    (long) xStride,
                    (long) tokens,
                    (long) from,
                    (long) to,
                    of(y, 0, (tokens - 1L) * yStride + to),
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
            SCREEN.invokeExact(
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

    static void hadamard(int variant, float[] x, int at, int n) {
        try {
            HADAMARD.invokeExact(variant, of(x, at, n), (long) n);
        } catch (Throwable e) {
            throw failed(e);
        }
    }

    static void row(int variant, int type, MemorySegment row, long cols, float[] out, int at) {
        try {
            ROW.invokeExact(variant, type, row, cols, of(out, at, cols));
        } catch (Throwable e) {
            throw failed(e);
        }
    }

    static float dot(int variant, float[] a, int aAt, float[] b, int bAt, int n) {
        try {
            return (float) DOT.invokeExact(variant, of(a, aAt, n), of(b, bAt, n), (long) n);
        } catch (Throwable e) {
            throw failed(e);
        }
    }

    static void axpy(int variant, float alpha, float[] x, int xAt, float[] y, int yAt, int n) {
        try {
            AXPY.invokeExact(variant, alpha, of(x, xAt, n), of(y, yAt, n), (long) n);
        } catch (Throwable e) {
            throw failed(e);
        }
    }

    static void add(int variant, float[] x, int xAt, float[] y, int yAt, int n) {
        try {
            ADD.invokeExact(variant, of(x, xAt, n), of(y, yAt, n), (long) n);
        } catch (Throwable e) {
            throw failed(e);
        }
    }

    static void rmsNorm(int variant, float[] x, int xAt, float[] gain, float eps, float[] y, int yAt, int n) {
        try {
            RMS_NORM.invokeExact(variant, of(x, xAt, n), of(gain, 0, n), eps, of(y, yAt, n), (long) n);
        } catch (Throwable e) {
            throw failed(e);
        }
    }

    static void softmax(int variant, float[] x, int at, int n) {
        try {
            SOFTMAX.invokeExact(variant, of(x, at, n), (long) n);
        } catch (Throwable e) {
            throw failed(e);
        }
    }

    static void rope(int variant, float[] x, int at, int n, float[] cos, float[] sin, int csAt) {
        try {
            ROPE.invokeExact(variant, of(x, at, n), (long) n, of(cos, csAt, n / 2), of(sin, csAt, n / 2));
        } catch (Throwable e) {
            throw failed(e);
        }
    }

    static void swiglu(int variant, float[] gate, int gAt, float[] up, int uAt, float[] out, int oAt, int n) {
        try {
            SWIGLU.invokeExact(variant, of(gate, gAt, n), of(up, uAt, n), of(out, oAt, n), (long) n);
        } catch (Throwable e) {
            throw failed(e);
        }
    }

    static void relu2glu(int variant, float[] gate, int gAt, float[] up, int uAt, float[] out, int oAt, int n) {
        try {
            RELU2GLU.invokeExact(variant, of(gate, gAt, n), of(up, uAt, n), of(out, oAt, n), (long) n);
        } catch (Throwable e) {
            throw failed(e);
        }
    }

    static void quantize(int variant, float[] x, int at, ActivationRows out, int row) {
        int n = out.cols();
        long first = (long) row * out.stride();
        try {
            QUANTIZE.invokeExact(
                    variant,
                    of(x, at, n),
                    (long) n,
                    MemorySegment.ofArray(out.bytes()).asSlice(first, out.stride()), // with the padding
                    MemorySegment.ofArray(out.codes()).asSlice(2 * first, 2L * out.stride()),
                    MemorySegment.ofArray(out.sums()).asSlice(4L * row, 4),
                    of(out.scales(), row, 1));
        } catch (Throwable e) {
            throw failed(e);
        }
    }

    /** Elements of {@code count} rows. */
    private static MemorySegment elements(KvRows rows, long row, long count) {
        long n = rows.cols();
        return switch (rows.type()) {
            case F32 -> of(rows.floats(), row * n, count * n);
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
        return rows.type() == KvType.Q8 ? of(rows.scales(), row, count) : of(rows.scales(), 0, 0);
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
            SCORES.invokeExact(
                    variant,
                    of(q, qAt, (long) queries * n),
                    (long) queries,
                    keys.type().ordinal(),
                    elements(keys, row, positions),
                    scales(keys, row, positions),
                    (long) n,
                    (long) positions,
                    scale,
                    of(out, at, (queries - 1L) * outStride + positions),
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
            MIX.invokeExact(
                    variant,
                    of(weights, at, (queries - 1L) * stride + positions),
                    (long) stride,
                    (long) queries,
                    values.type().ordinal(),
                    elements(values, row, positions),
                    scales(values, row, positions),
                    (long) n,
                    (long) positions,
                    of(out, oAt, (long) queries * n),
                    next(next, row, positions));
        } catch (Throwable e) {
            throw failed(e);
        }
    }

    /** A C function throws nothing; what arrives here is a mistake in the call. */
    private static Error failed(Throwable e) {
        if (e instanceof IndexOutOfBoundsException outside) {
            throw outside; // found before the call
        }
        return new LinkageError("a native kernel was called wrongly", e);
    }
}
