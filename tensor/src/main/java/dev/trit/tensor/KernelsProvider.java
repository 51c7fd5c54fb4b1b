package dev.trit.tensor;

import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import org.jspecify.annotations.Nullable;

/**
 * Chooses the kernels, once and aloud: the choice and its reason are one log line, and stay readable in {@link
 * Kernels#description()}.
 */
public final class KernelsProvider {
    private static final Logger LOG = System.getLogger("dev.trit.tensor");
    private static final String VECTOR = "dev.trit.tensor.internal.vector.VectorKernels";

    private KernelsProvider() {}

    /**
     * The kernels of that name, or the fastest that run here.
     *
     * @param name {@code scalar}, {@code vector}, or null (or {@code auto}) to choose
     * @throws TensorException if the name is unknown, or the kernels asked for cannot run here (with what to do)
     */
    public static Kernels choose(@Nullable String name) {
        Kernels kernels = switch (name == null ? "auto" : name) {
            case "scalar" -> new ScalarKernels();
            case "vector" -> vector();
            case "auto" -> fastest();
            default -> throw new TensorException("no kernels named '" + name + "': use scalar or vector");
        };
        LOG.log(Level.DEBUG, "kernels: {0}", kernels.description());
        return kernels;
    }

    private static Kernels fastest() {
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
