package dev.trit.tensor.internal.natives;

import dev.trit.tensor.TensorException;
import java.io.IOException;
import java.io.InputStream;
import java.lang.foreign.AddressLayout;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Runs the native library of another processor in a process of its own (src/test/c/harness.c): that of aarch64 under
 * qemu-user, or that of x86-64 with the instructions of AVX-VNNI done in software. {@link NativeLibrary#FUNCTIONS} puts it
 * into the place of this processor's library, so that every test of native kernels tests what it runs.
 */
final class Emulator implements NativeLibrary.Functions {
    /** {@code aarch64}, with {@code :cpu} for one of qemu's processors, or {@code avx-vnni}. */
    static final String PROPERTY = "trit.emulator";

    private static final long SHARED_BYTES = 1 << 28;

    // struct call
    private static final long INTEGERS = 64;
    private static final long ADDRESSES = 224;
    private static final long FLOATS = 232;
    private static final long RETURNS = 248;
    private static final long FLOAT_RESULT = 252;
    private static final long RESULT = 256;
    private static final long TEXT = 264;
    private static final long FIRST_BUFFER = 4096;

    private static final byte GUARD = 0x5a;
    private static final MemorySegment GUARDS =
            MemorySegment.ofArray(new byte[64]).fill(GUARD);

    private final String what;
    private final Process process;
    private final MemorySegment shared;

    Emulator() throws IOException, InterruptedException {
        this(System.getProperty(PROPERTY, "aarch64"));
    }

    Emulator(String what) throws IOException, InterruptedException {
        String missing = missing(what);
        if (missing != null) {
            throw new TensorException(missing);
        }
        this.what = what;
        Path folder = Files.createTempDirectory("trit-emulator-");
        Path memory = folder.resolve("shared");
        try (FileChannel file = FileChannel.open(
                memory, StandardOpenOption.CREATE_NEW, StandardOpenOption.READ, StandardOpenOption.WRITE)) {
            shared = file.map(FileChannel.MapMode.READ_WRITE, 0, SHARED_BYTES, Arena.global());
        }
        List<String> command = new ArrayList<>();
        if (what.startsWith("aarch64")) {
            String cpu = what.contains(":") ? what.substring(what.indexOf(':') + 1) : "max";
            command.addAll(List.of("qemu-aarch64", "-cpu", cpu));
        }
        command.addAll(List.of(
                harness(folder).toString(), library(folder, platform(what)).toString(), memory.toString()));
        process = new ProcessBuilder(command)
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        Runtime.getRuntime().addShutdownHook(new Thread(() -> {
            process.destroy();
            try (Stream<Path> files = Files.list(folder)) {
                files.forEach(f -> f.toFile().delete());
            } catch (IOException e) {
                System.err.println("left behind: " + folder);
            }
            folder.toFile().delete();
        }));
    }

    /** Why this cannot run here, in a sentence; null if it can. */
    static @Nullable String missing(String what) {
        if (!System.getProperty("os.name").equals("Linux")
                || !System.getProperty("os.arch").equals("amd64")) {
            return "the emulator is for Linux on x86-64";
        }
        if (what.startsWith("aarch64") && onPath("qemu-aarch64") == null) {
            return "qemu-aarch64 is missing: install qemu-user";
        }
        if (llvm() == null) {
            return "there is no clang in target/natives: build with -Prelease";
        }
        return NativeLibrary.class.getResource(platform(what) + "/libtrit.so") == null
                ? "there is no library for " + platform(what) + ": build with -Prelease"
                : null;
    }

    private static String platform(String what) {
        return what.startsWith("aarch64") ? "linux-aarch64" : "linux-x86_64";
    }

    private static @Nullable Path onPath(String tool) {
        return Stream.of(System.getenv("PATH").split(":"))
                .map(folder -> Path.of(folder, tool))
                .filter(Files::isExecutable)
                .findFirst()
                .orElse(null);
    }

    /** The folder where BuildNatives unpacked clang and lld. */
    private static @Nullable Path llvm() {
        try (Stream<Path> folders = Files.list(Path.of("target", "natives"))) {
            return folders.filter(f -> Files.exists(f.resolve("clang")))
                    .map(Path::toAbsolutePath)
                    .findFirst()
                    .orElse(null);
        } catch (IOException e) {
            return null; // nothing was built here
        }
    }

    private Path harness(Path folder) throws IOException, InterruptedException {
        Path llvm = llvm();
        if (llvm == null) {
            throw new TensorException("there is no clang in target/natives: build with -Prelease");
        }
        Path object = folder.resolve("harness.o");
        Path program = folder.resolve("harness");
        String target = "--target=" + (what.startsWith("aarch64") ? "aarch64" : "x86_64") + "-unknown-linux-gnu";
        exec(
                llvm.resolve("clang").toString(),
                target,
                "-O1",
                "-std=c11",
                "-ffreestanding",
                "-fno-stack-protector",
                "-c",
                Path.of("src", "test", "c", "harness.c").toString(),
                "-o",
                object.toString());
        exec(llvm.resolve("lld").toString(), "-flavor", "gnu", "-static", object.toString(), "-o", program.toString());
        return program;
    }

    private static void exec(String... command) throws IOException, InterruptedException {
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        String output = new String(process.getInputStream().readAllBytes());
        if (process.waitFor() != 0) {
            throw new IOException(command[0] + " failed: " + output);
        }
    }

    private static Path library(Path folder, String platform) throws IOException {
        try (InputStream in = NativeLibrary.class.getResourceAsStream(platform + "/libtrit.so")) {
            if (in == null) {
                throw new TensorException("there is no library for " + platform);
            }
            return Files.write(folder.resolve("libtrit.so"), in.readAllBytes());
        }
    }

    @Override
    public MethodHandle bind(String name, FunctionDescriptor type) {
        MethodType java = type.toMethodType();
        try {
            return MethodHandles.lookup()
                    .findVirtual(
                            Emulator.class,
                            "call",
                            MethodType.methodType(Object.class, String.class, FunctionDescriptor.class, Object[].class))
                    .bindTo(this)
                    .bindTo(name)
                    .bindTo(type)
                    .asCollector(Object[].class, java.parameterCount())
                    .asType(java);
        } catch (ReflectiveOperationException e) {
            throw new LinkageError("no method call", e);
        }
    }

    /** Copies the arguments into the shared file, lets the other process make the call, copies the memory back. */
    synchronized @Nullable Object call(String name, FunctionDescriptor type, Object[] arguments) throws IOException {
        shared.asSlice(0, FIRST_BUFFER).fill((byte) 0);
        shared.setString(0, name);
        long end = FIRST_BUFFER;
        long[] at = new long[arguments.length];
        long addresses = 0;
        int integers = 0;
        int floats = 0;
        for (int i = 0; i < arguments.length; i++) {
            if (arguments[i] instanceof Float f) {
                shared.set(ValueLayout.JAVA_FLOAT, FLOATS + 4L * floats++, f);
                continue;
            }
            long value;
            if (arguments[i] instanceof MemorySegment s) {
                addresses |= 1L << integers;
                value = 0;
                if (s.byteSize() > 0) {
                    value = at[i] = end;
                    MemorySegment.copy(s, 0, shared, end, s.byteSize());
                    MemorySegment.copy(GUARDS, 0, shared, end + s.byteSize(), GUARDS.byteSize());
                    end += s.byteSize() + GUARDS.byteSize() + 63 & -64;
                }
            } else {
                value = ((Number) arguments[i]).longValue();
            }
            shared.set(ValueLayout.JAVA_LONG, INTEGERS + 8L * integers++, value);
        }
        MemoryLayout returns = type.returnLayout().orElse(ValueLayout.JAVA_INT);
        shared.set(ValueLayout.JAVA_LONG, ADDRESSES, addresses);
        shared.set(
                ValueLayout.JAVA_INT,
                RETURNS,
                returns instanceof ValueLayout.OfFloat ? 1 : returns instanceof AddressLayout ? 2 : 0);
        process.getOutputStream().write(1);
        process.getOutputStream().flush();
        if (process.getInputStream().read() != 1) {
            throw new IOException(what + ": the emulated process ended in " + name);
        }
        for (int i = 0; i < arguments.length; i++) {
            if (at[i] == 0) {
                continue;
            }
            MemorySegment s = (MemorySegment) arguments[i];
            if (shared.asSlice(at[i] + s.byteSize(), GUARDS.byteSize()).mismatch(GUARDS) >= 0) {
                throw new IndexOutOfBoundsException("%s wrote past the end of argument %d".formatted(name, i));
            }
            if (!s.isReadOnly() && s.mismatch(shared.asSlice(at[i], s.byteSize())) >= 0) {
                MemorySegment.copy(shared, at[i], s, 0, s.byteSize());
            }
        }
        return result(name, type);
    }

    private @Nullable Object result(String name, FunctionDescriptor type) {
        MemoryLayout returns = type.returnLayout().orElse(null);
        if (returns == null) {
            return null;
        }
        if (returns instanceof ValueLayout.OfFloat) {
            return shared.get(ValueLayout.JAVA_FLOAT, FLOAT_RESULT);
        }
        long value = shared.get(ValueLayout.JAVA_LONG, RESULT);
        if (returns instanceof ValueLayout.OfInt) {
            boolean software = name.equals("trit_variants") && what.equals("avx-vnni");
            return software ? 1 << Variant.AVX_VNNI.ordinal() : (int) value;
        }
        return returns instanceof ValueLayout.OfLong ? value : Arena.ofAuto().allocateFrom(shared.getString(TEXT));
    }
}
