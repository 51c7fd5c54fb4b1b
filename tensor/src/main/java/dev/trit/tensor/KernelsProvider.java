package dev.trit.tensor;

import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.lang.reflect.InvocationTargetException;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Chooses the kernels, once and aloud: the choice and its reason are one log line, and stay readable in {@link
 * Kernels#description()}.
 */
public final class KernelsProvider {
    private static final Logger LOG = System.getLogger("dev.trit.tensor");
    private static final String VECTOR = "dev.trit.tensor.internal.vector.VectorKernels";
    private static final String NATIVE = "dev.trit.tensor.internal.natives.NativeKernels";

    private KernelsProvider() {}

    /**
     * The kernels of that name, or the fastest that run here.
     *
     * @param name {@code native}, {@code vector}, {@code scalar}, or null (or {@code auto}) to choose
     * @throws TensorException if the name is unknown, or the kernels asked for cannot run here (with what to do)
     */
    public static Kernels choose(@Nullable String name) {
        Kernels kernels = switch (name == null ? "auto" : name) {
            case "scalar" -> new ScalarKernels();
            case "vector" -> vector();
            case "native" -> nativeVariants().getFirst();
            case "auto" -> fastest();
            default -> throw new TensorException("no kernels named '" + name + "': use native, vector or scalar");
        };
        LOG.log(Level.DEBUG, "kernels: {0}", kernels.description());
        return kernels;
    }

    /** Why {@link #choose} would not take native kernels here, in a sentence; null if it would. */
    public static @Nullable String nativeRefusal() {
        try {
            return nativeVariants().isEmpty() ? "" : null;
        } catch (TensorException e) {
            return e.getMessage();
        }
    }

    /**
     * Native kernels for each instruction set that this processor has, the fastest first: what {@code native} chooses
     * from. For tests and benchmarks.
     *
     * @throws TensorException if the native library cannot be loaded or has nothing for this processor
     */
    @SuppressWarnings("unchecked")
    public static List<Kernels> nativeVariants() {
        try {
            Kernels others = refusal() == null ? vector() : new ScalarKernels();
            return (List<Kernels>)
                    Class.forName(NATIVE).getMethod("all", Kernels.class).invoke(null, others);
        } catch (InvocationTargetException e) {
            String why = e.getCause() instanceof TensorException t ? t.getMessage() : String.valueOf(e.getCause());
            throw new TensorException("native kernels cannot run: " + why, e);
        } catch (ReflectiveOperationException e) {
            throw new LinkageError(NATIVE + " is missing from the trit-tensor jar; the jar is broken", e);
        }
    }

    private static Kernels fastest() {
        try {
            return nativeVariants().getFirst();
        } catch (TensorException e) {
            LOG.log(Level.WARNING, "{0}; the Vector API takes over", e.getMessage());
        }
        String refusal = refusal();
        if (refusal == null) {
            return vector();
        }
        LOG.log(Level.WARNING, "running scalar kernels, many times slower than vector kernels: {0}", refusal);
        return new ScalarKernels();
    }

    /** Why vector kernels cannot run in this JVM, with the remedy; null if they can. */
    private static @Nullable String refusal() {
        if (!hasVectorModule()) {
            return "the JVM was started without --add-modules jdk.incubator.vector";
        }
        String vm = System.getProperty("java.vm.name", "");
        if (!vm.contains("HotSpot") && !vm.contains("OpenJDK")) {
            return "the vector kernels need the C2 compiler of HotSpot, this is " + vm;
        }
        return null;
    }

    /** Whether the module was there from the start, or was added later, as the command line does to start faster. */
    private static boolean hasVectorModule() {
        try {
            Class.forName("jdk.incubator.vector.Vector", false, null); // null: the loader that every layer shares
            return true;
        } catch (ClassNotFoundException e) {
            return false;
        }
    }

    private static Kernels vector() {
        String refusal = refusal();
        if (refusal != null) {
            throw new TensorException("vector kernels cannot run: " + refusal);
        }
        try {
            return Class.forName(VECTOR)
                    .asSubclass(Kernels.class)
                    .getDeclaredConstructor()
                    .newInstance();
        } catch (ClassNotFoundException e) {
            throw new LinkageError(VECTOR + " is missing from the trit-tensor jar; the jar is broken", e);
        } catch (ReflectiveOperationException e) {
            throw new TensorException("vector kernels failed to start: " + e.getCause(), e);
        }
    }
}
