package dev.trit.tensor.internal.natives;

import dev.trit.tensor.TensorException;
import java.io.IOException;
import java.io.InputStream;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;

/**
 * Brings the library for this platform from the jar into the process: on Linux through a memory file, which leaves nothing
 * behind and works where the temporary folder forbids execution, else through a temporary file that only its owner can
 * read.
 */
final class NativeLibrary {
    /** Set to true: a temporary file even where a memory file would do. For tests. */
    static final String NO_MEMORY_FILE = "trit.native.file";

    /** A class of this package, a {@link Functions}, that takes the library's place: an emulator. For tests. */
    static final String FUNCTIONS = "trit.native.functions";

    private static final Linker LINKER = Linker.nativeLinker();

    /** Finds functions by name, ready to be called with arrays of the Java heap. */
    @FunctionalInterface
    interface Functions {
        /** @throws TensorException if there is no such function */
        MethodHandle bind(String name, FunctionDescriptor type);
    }

    private NativeLibrary() {}

    /**
     * The functions of the library, for the life of the JVM.
     *
     * @throws TensorException if this build has no library for this platform, or it cannot be loaded
     */
    static Functions open() {
        String other = System.getProperty(FUNCTIONS);
        if (other != null) {
            try {
                return (Functions) Class.forName(other).getDeclaredConstructor().newInstance();
            } catch (ReflectiveOperationException e) {
                throw new TensorException(FUNCTIONS + "=" + other + " cannot be used: " + e.getCause(), e);
            }
        }
        SymbolLookup symbols = load();
        return (name, type) -> {
            MemorySegment address = symbols.find(name)
                    .orElseThrow(() -> new TensorException("the native library has no " + name + "; rebuild Trit"));
            return LINKER.downcallHandle(address, type, Linker.Option.critical(true));
        };
    }

    /**
     * The symbols of the library, for the life of the JVM.
     *
     * @throws TensorException if this build has no library for this platform, or it cannot be loaded
     */
    static SymbolLookup load() {
        String platform = platform();
        byte[] library = read(platform);
        Throwable memory = null;
        if (platform.startsWith("linux") && !Boolean.getBoolean(NO_MEMORY_FILE)) {
            try {
                return fromMemory(library);
            } catch (TensorException | IllegalArgumentException | IOException e) {
                memory = e; // an old kernel, or a sandbox: the temporary file is left to try
            }
        }
        try {
            String suffix = platform.startsWith("windows") ? ".dll" : platform.startsWith("macos") ? ".dylib" : ".so";
            return fromFile(library, suffix);
        } catch (IllegalArgumentException | IOException e) {
            if (memory != null) {
                e.addSuppressed(memory);
            }
            throw new TensorException(
                    ("the library for %s cannot be loaded: %s; if that folder forbids execution (noexec), name another with"
                                    + " -Djava.io.tmpdir")
                            .formatted(platform, e.getMessage()),
                    e);
        }
    }

    /** As BuildNatives names it, for example {@code linux-x86_64}. */
    static String platform() {
        String os = System.getProperty("os.name").toLowerCase(Locale.ROOT);
        String arch = System.getProperty("os.arch");
        return (os.startsWith("mac") ? "macos" : os.startsWith("windows") ? "windows" : os)
                + "-"
                + (arch.equals("amd64") ? "x86_64" : arch.equals("arm64") ? "aarch64" : arch);
    }

    private static byte[] read(String platform) {
        String file = platform.startsWith("windows")
                ? "trit.dll"
                : platform.startsWith("macos") ? "libtrit.dylib" : "libtrit.so";
        try (InputStream in = NativeLibrary.class.getResourceAsStream(platform + "/" + file)) {
            if (in == null) {
                throw new TensorException(
                        "this build has no library for %s; build it where a C compiler or Maven Central is at hand"
                                .formatted(platform));
            }
            return in.readAllBytes();
        } catch (IOException e) {
            throw new TensorException("the library in the jar cannot be read: " + e.getMessage(), e);
        }
    }

    private static SymbolLookup fromMemory(byte[] library) throws IOException {
        try (Arena arena = Arena.ofConfined()) {
            MethodHandle create = function(
                    "memfd_create",
                    FunctionDescriptor.of(ValueLayout.JAVA_INT, ValueLayout.ADDRESS, ValueLayout.JAVA_INT));
            MethodHandle close = function("close", FunctionDescriptor.of(ValueLayout.JAVA_INT, ValueLayout.JAVA_INT));
            int file = (int) create.invokeExact(arena.allocateFrom("libtrit.so"), 1); // closed on exec
            if (file < 0) {
                throw new IOException("no memory files here");
            }
            try {
                String path = "/proc/self/fd/" + file;
                Files.write(Path.of(path), library);
                return SymbolLookup.libraryLookup(path, Arena.global());
            } finally {
                int ignored = (int) close.invokeExact(file);
            }
        } catch (IOException | RuntimeException e) {
            throw e;
        } catch (Throwable e) {
            throw new LinkageError("a call into the C library failed", e);
        }
    }

    private static MethodHandle function(String name, FunctionDescriptor type) {
        Optional<MemorySegment> address = LINKER.defaultLookup().find(name);
        return LINKER.downcallHandle(address.orElseThrow(() -> new TensorException("no function " + name)), type);
    }

    private static SymbolLookup fromFile(byte[] library, String suffix) throws IOException {
        boolean posix =
                Path.of(".").getFileSystem().supportedFileAttributeViews().contains("posix");
        FileAttribute<?>[] ownerOnly = posix
                ? new FileAttribute<?>[] {
                    PosixFilePermissions.asFileAttribute(Set.copyOf(PosixFilePermissions.fromString("rwx------")))
                }
                : new FileAttribute<?>[0]; // the temporary folder of Windows is the user's own
        Path file = Files.createTempFile("trit-", suffix, ownerOnly);
        try {
            Files.write(file, library);
            return SymbolLookup.libraryLookup(file, Arena.global());
        } finally {
            if (posix) {
                Files.delete(file); // the mapping stays
            } else {
                file.toFile().deleteOnExit();
            }
        }
    }
}
