package dev.trit.tensor.internal.natives;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_FLOAT;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;

/**
 * The functions of {@code entry.c}. Critical linkage: arrays of the Java heap are passed as they lie, and a call costs
 * about as much as one in C; the garbage collector waits for it, so a call is kept to a millisecond or so of work.
 *
 * <p>Every verb takes the ordinal of a {@link Variant} first. Handles are constants of this class so that the compiler
 * sees through them, and all of one class so that a library that lacks a function is refused before the first call.
 */
final class Entry {
    private static final NativeLibrary.Functions FUNCTIONS = NativeLibrary.open();

    static final MethodHandle TERNARY = verb(
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
    static final MethodHandle DENSE = verb(
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
    static final MethodHandle SCREEN = verb(
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
    static final MethodHandle HADAMARD = verb("trit_hadamard", JAVA_INT, ADDRESS, JAVA_LONG);
    static final MethodHandle ROW = verb("trit_row", JAVA_INT, JAVA_INT, ADDRESS, JAVA_LONG, ADDRESS);
    static final MethodHandle DOT =
            find("trit_dot", FunctionDescriptor.of(JAVA_FLOAT, JAVA_INT, ADDRESS, ADDRESS, JAVA_LONG));
    static final MethodHandle AXPY = verb("trit_axpy", JAVA_INT, JAVA_FLOAT, ADDRESS, ADDRESS, JAVA_LONG);
    static final MethodHandle ADD = verb("trit_add", JAVA_INT, ADDRESS, ADDRESS, JAVA_LONG);
    static final MethodHandle RMS_NORM =
            verb("trit_rms_norm", JAVA_INT, ADDRESS, ADDRESS, JAVA_FLOAT, ADDRESS, JAVA_LONG);
    static final MethodHandle SOFTMAX = verb("trit_softmax", JAVA_INT, ADDRESS, JAVA_LONG);
    static final MethodHandle ROPE = verb("trit_rope", JAVA_INT, ADDRESS, JAVA_LONG, ADDRESS, ADDRESS);
    static final MethodHandle SWIGLU = verb("trit_swiglu", JAVA_INT, ADDRESS, ADDRESS, ADDRESS, JAVA_LONG);
    static final MethodHandle RELU2GLU = verb("trit_relu2glu", JAVA_INT, ADDRESS, ADDRESS, ADDRESS, JAVA_LONG);
    static final MethodHandle QUANTIZE =
            verb("trit_quantize", JAVA_INT, ADDRESS, JAVA_LONG, ADDRESS, ADDRESS, ADDRESS, ADDRESS);
    static final MethodHandle SCORES = verb(
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
    static final MethodHandle MIX = verb(
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

    private Entry() {}

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

    /** Bytes of scratch that {@link MatrixCalls#ternary} needs. */
    static long ternaryScratch() {
        try {
            return (long) find("trit_ternary_scratch", FunctionDescriptor.of(JAVA_LONG))
                    .invokeExact();
        } catch (Throwable e) {
            throw failed(e);
        }
    }

    /** Values {@code at ... at+n-1}; the bounds are checked here, C does not. */
    static MemorySegment slice(float[] x, long at, long n) {
        return MemorySegment.ofArray(x).asSlice(Float.BYTES * at, Float.BYTES * n);
    }

    /** A C function throws nothing; what arrives here is a mistake in the call. */
    static Error failed(Throwable e) {
        if (e instanceof IndexOutOfBoundsException outside) {
            throw outside; // found before the call
        }
        return new LinkageError("a native kernel was called wrongly", e);
    }
}
