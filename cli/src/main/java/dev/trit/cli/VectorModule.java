package dev.trit.cli;

/**
 * Adds {@code jdk.incubator.vector} to a JVM that is already running. Given as {@code --add-modules} it would print a
 * warning at every start, which no option turns off, and keep the JVM from using its archived module graph; added here, in
 * the way the JVM adds modules for agents, it does neither, and the compiler treats it alike. The launcher asks {@link
 * #main} once after each build whether this JDK can do it, and passes {@code --add-modules} if not.
 */
final class VectorModule {
    private static final String NAME = "jdk.incubator.vector";

    private VectorModule() {}

    /**
     * Makes the vector classes visible if they are not.
     *
     * @return whether they are visible now; false without {@code --add-exports java.base/jdk.internal.module=ALL-UNNAMED}
     */
    static boolean load() {
        if (ModuleLayer.boot().findModule(NAME).isPresent()) {
            return true;
        }
        try {
            Class.forName("jdk.internal.module.Modules")
                    .getMethod("loadModule", String.class)
                    .invoke(null, NAME);
            return Class.forName("jdk.incubator.vector.Vector")
                    .getModule()
                    .getName()
                    .equals(NAME);
        } catch (ReflectiveOperationException e) {
            return false; // the kernels say what is missing and what to type
        }
    }

    /** Exit status 0 if {@link #load} works in this JVM. */
    public static void main(String[] args) {
        System.exit(load() ? 0 : 1);
    }
}
