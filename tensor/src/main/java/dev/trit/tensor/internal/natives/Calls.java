package dev.trit.tensor.internal.natives;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import dev.trit.tensor.TensorException;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;
import java.lang.invoke.MethodHandle;

/**
 * The functions of {@code entry_*.c}. Critical linkage: arrays of the Java heap are passed as they lie, and a call costs
 * about as much as one in C; the garbage collector waits for it, so a call is kept to a millisecond or so of work.
 *
 * <p>Every verb takes the ordinal of a {@link Variant} first. Handles are constants of this class so that the compiler
 * sees through them.
 */
final class Calls {
    private static final SymbolLookup SYMBOLS = NativeLibrary.load();

    private static final MethodHandle TERNARY = verb(
            "trit_ternary",
            JAVA_INT,
            ADDRESS,
            JAVA_LONG,
            JAVA_LONG,
            ADDRESS,
            ADDRESS,
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

    private Calls() {}

    private static MethodHandle verb(String name, MemoryLayout... arguments) {
        return find(name, FunctionDescriptor.ofVoid(arguments));
    }

    private static MethodHandle find(String name, FunctionDescriptor type) {
        MemorySegment address = SYMBOLS.find(name)
                .orElseThrow(() -> new TensorException("the native library has no " + name + "; rebuild Trit"));
        return Linker.nativeLinker().downcallHandle(address, type, Linker.Option.critical(true));
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

    /** A C function throws nothing; what arrives here is a mistake in the call. */
    private static Error failed(Throwable e) {
        return new LinkageError("a native kernel was called wrongly", e);
    }
}
