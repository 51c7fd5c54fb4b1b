import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipInputStream;

/**
 * Compiles src/main/c, one library for each platform; Maven runs this file as it stands. Options are key=value:
 *
 * <pre>
 * sources, classes, work   folders: C files, where the libraries go, where objects and tools go
 * targets                  host, or all
 * llvm                     version of org.bytedeco:llvm
 * repository, maven        local Maven repository; Maven's home, which fetches llvm if nothing else compiles
 * offline                  true: do not fetch
 * compiler                 a compiler to use and no other; "none" builds nothing; empty chooses
 * </pre>
 *
 * For the host the first of these that works is taken: clang on the PATH; the LLVM of Maven Central if it is in the local
 * repository; gcc on the PATH (its AVX2 prefill kernel is a third slower); LLVM fetched. All platforms are built with LLVM
 * alone. Where nothing works there is no library, one line says so, and Trit runs on the Vector API.
 */
final class BuildNatives {
    /** A C file and the flags that its instruction set needs. */
    record Source(String file, String... flags) {}

    record Target(String name, String triple, String library, List<Source> sources, String... link) {}

    private static final String[] AVX2 = {"-mavx2", "-mfma", "-mf16c", "-mbmi2"};
    private static final String[] AVX512 = with(
            AVX2, "-mavx512f", "-mavx512dq", "-mavx512bw", "-mavx512vl", "-mavx512vnni", "-mprefer-vector-width=512");
    private static final List<Source> X86 = List.of(
            new Source("entry.c"),
            new Source("freestanding.c"),
            new Source("avx2.c", AVX2),
            new Source("avxvnni.c", with(AVX2, "-mavxvnni")),
            new Source("avx512.c", AVX512),
            new Source("avx512_vbmi.c", with(AVX512, "-mavx512vbmi")));

    private static final List<Source> ARM = List.of(
            new Source("entry.c"),
            new Source("freestanding.c"),
            new Source("neon.c"),
            new Source("neon_dotprod.c", "-march=armv8.2-a+dotprod"),
            new Source("neon_i8mm.c", "-march=armv8.2-a+dotprod+i8mm"));

    private static final String[] ELF = {
        "-flavor", "gnu", "-shared", "--gc-sections", "-z", "noexecstack", "-z", "defs", "-o"
    };

    private static final List<Target> TARGETS = List.of(
            new Target("linux-x86_64", "x86_64-unknown-linux-gnu", "libtrit.so", X86, ELF),
            new Target("linux-aarch64", "aarch64-unknown-linux-gnu", "libtrit.so", ARM, ELF),
            new Target("macos-aarch64", "arm64-apple-macos11", "libtrit.dylib", ARM, dylib("arm64")),
            new Target("macos-x86_64", "x86_64-apple-macos11", "libtrit.dylib", X86, dylib("x86_64")),
            new Target("windows-x86_64", "x86_64-pc-windows-msvc", "trit.dll", X86,
                    "-flavor", "link", "/dll", "/noentry", "/nodefaultlib", "/out:"));

    /** What macOS's loader asks of every library, and the one function that is called: Apple's own file is not needed. */
    private static final String LIB_SYSTEM = """
            --- !tapi-tbd
            tbd-version: 4
            targets: [ arm64-macos, x86_64-macos ]
            install-name: '/usr/lib/libSystem.B.dylib'
            exports:
              - targets: [ arm64-macos, x86_64-macos ]
                symbols: [ _sysctlbyname, dyld_stub_binder ]
            ...
            """;

    private static final String[] FLAGS = {
        "-O3", "-std=c11", "-ffreestanding", "-fvisibility=hidden", "-ffp-contract=off", "-fno-math-errno",
        "-fno-stack-protector", "-fomit-frame-pointer", "-Wall", "-Wextra", "-Werror", "-c"
    };

    /** What LLVM's jar must give: tools, their libraries, headers of the compiler. */
    private static final List<String> LLVM_FILES = List.of("clang", "lld", "libclang-cpp.so", "libLLVM.so", "lib/clang/");

    private final Map<String, String> options;
    private final Path sources;
    private final Path work;

    private BuildNatives(Map<String, String> options) {
        this.options = options;
        this.sources = Path.of(options.get("sources"));
        this.work = Path.of(options.get("work"));
    }

    public static void main(String[] args) throws IOException, InterruptedException {
        var options = new java.util.HashMap<String, String>();
        for (String arg : args) {
            options.put(arg.substring(0, arg.indexOf('=')), arg.substring(arg.indexOf('=') + 1));
        }
        new BuildNatives(options).run();
    }

    private void run() throws IOException, InterruptedException {
        if (upToDate()) {
            return;
        }
        Files.createDirectories(work);
        Files.deleteIfExists(work.resolve("done"));
        for (Target target : TARGETS) { // what an earlier build left must not pass for this one's
            Files.deleteIfExists(Path.of(options.get("classes")).resolve(target.name()).resolve(target.library()));
        }
        boolean settled = true;
        if (options.get("targets").equals("all")) {
            Path llvm = llvm(true).orElseThrow(() -> new IOException("org.bytedeco:llvm is needed to build all targets"));
            for (Target target : TARGETS) {
                withLlvm(llvm, target);
            }
        } else {
            settled = host();
        }
        if (settled) {
            Files.writeString(work.resolve("done"), key());
        }
    }

    /** Builds this machine's library; false if the next build should try again. */
    private boolean host() throws IOException, InterruptedException {
        String name = hostName();
        Optional<Target> target = TARGETS.stream().filter(t -> t.name().equals(name)).findFirst();
        String given = options.get("compiler");
        if (target.isEmpty() || given.equals("none")) {
            say("no native kernels for " + name + (given.equals("none") ? " (trit.compiler is none)" : ""));
            return true;
        }
        List<String> why = new ArrayList<>();
        if (!given.isEmpty()) {
            if (!withSystem(given, target.get(), why)) {
                throw new IOException("trit.compiler=" + given + " does not compile the native kernels: " + why);
            }
            return true;
        }
        if (withSystem("clang", target.get(), why)) {
            return true;
        }
        Optional<Path> llvm = llvm(false);
        if (llvm.isEmpty() && withSystem("gcc", target.get(), why)) {
            return true;
        }
        if (llvm.isEmpty()) {
            llvm = llvm(true);
        }
        if (llvm.isEmpty()) {
            say("no native kernels, the Vector API runs instead: no C compiler (" + String.join("; ", why)
                    + ") and org.bytedeco:llvm was not fetched");
            return false;
        }
        try {
            withLlvm(llvm.get(), target.get());
            return true;
        } catch (IOException e) {
            why.add("llvm: " + e.getMessage());
            if (withSystem("gcc", target.get(), why)) {
                return true;
            }
            say("no native kernels, the Vector API runs instead: " + String.join("; ", why));
            return false;
        }
    }

    /** Names as dev.trit.tensor.internal.natives.NativeLibrary has them. */
    private static String hostName() {
        String os = System.getProperty("os.name").toLowerCase(Locale.ROOT);
        String arch = System.getProperty("os.arch");
        return (os.startsWith("mac") ? "macos" : os.startsWith("windows") ? "windows" : os) + "-"
                + (arch.equals("amd64") ? "x86_64" : arch.equals("arm64") ? "aarch64" : arch);
    }

    // ---- compilers

    private boolean withSystem(String compiler, Target target, List<String> why) throws InterruptedException {
        try {
            List<Path> objects = compile(List.of(compiler), target);
            List<String> link = new ArrayList<>(List.of(compiler, "-shared"));
            if (target.name().startsWith("linux")) {
                link.addAll(List.of("-nostdlib", "-Wl,--gc-sections", "-Wl,-z,noexecstack", "-Wl,-z,defs"));
            } else if (target.name().startsWith("windows")) {
                link.add("-nostdlib");
            }
            link.addAll(List.of("-o", made(target).toString()));
            objects.forEach(o -> link.add(o.toString()));
            exec(link);
            publish(target);
            return true;
        } catch (IOException e) {
            why.add(compiler + ": " + String.valueOf(e.getMessage()).strip().lines().findFirst().orElse("failed"));
            return false;
        }
    }

    private void withLlvm(Path llvm, Target target) throws IOException, InterruptedException {
        List<Path> objects = compile(List.of(llvm.resolve("clang").toString(), "--target=" + target.triple()), target);
        List<String> link = new ArrayList<>(List.of(llvm.resolve("lld").toString()));
        link.addAll(Arrays.asList(target.link()));
        if (target.name().startsWith("macos")) {
            Path system = Files.writeString(work.resolve(target.name()).resolve("libSystem.tbd"), LIB_SYSTEM);
            link.add(link.size() - 1, system.toString());
        }
        if (link.getLast().endsWith(":")) {
            link.add(link.removeLast() + made(target));
        } else {
            link.add(made(target).toString());
        }
        objects.forEach(o -> link.add(o.toString()));
        exec(link);
        publish(target);
    }

    private List<Path> compile(List<String> compiler, Target target) throws IOException, InterruptedException {
        Path folder = Files.createDirectories(work.resolve(target.name()));
        List<Path> objects = new ArrayList<>();
        for (Source source : target.sources()) {
            Path object = folder.resolve(source.file().replaceAll("\\.c$", ".o"));
            List<String> command = new ArrayList<>(compiler);
            command.addAll(Arrays.asList(FLAGS));
            if (!target.name().startsWith("windows")) {
                command.add("-fPIC");
            }
            command.addAll(Arrays.asList(source.flags()));
            command.addAll(List.of(sources.resolve(source.file()).toString(), "-o", object.toString()));
            exec(command);
            objects.add(object);
        }
        return objects;
    }

    private Path made(Target target) {
        return work.resolve(target.name()).resolve(target.library());
    }

    private void publish(Target target) throws IOException {
        Path folder = Files.createDirectories(Path.of(options.get("classes")).resolve(target.name()));
        Files.copy(made(target), folder.resolve(target.library()), StandardCopyOption.REPLACE_EXISTING);
    }

    // ---- LLVM of Maven Central

    /** The folder with clang and lld, if this is a host they run on and the jar is there or may be fetched. */
    private Optional<Path> llvm(boolean fetch) throws IOException, InterruptedException {
        if (!hostName().equals("linux-x86_64")) {
            return Optional.empty();
        }
        String version = options.get("llvm");
        Path jar = Path.of(options.get("repository"), "org", "bytedeco", "llvm", version,
                "llvm-" + version + "-linux-x86_64.jar");
        if (!Files.exists(jar)) {
            if (!fetch || options.get("offline").equals("true")) {
                return Optional.empty();
            }
            say("fetching clang (147 MB, once): org.bytedeco:llvm:" + version);
            try {
                exec(List.of(Path.of(options.get("maven"), "bin", "mvn").toString(), "-B", "-q", "-ntp",
                        "-Dmaven.repo.local=" + options.get("repository"), options.get("dependency-plugin") + ":get",
                        "-Dartifact=org.bytedeco:llvm:" + version + ":jar:linux-x86_64", "-Dtransitive=false"));
            } catch (IOException e) {
                say("it could not be fetched: " + String.valueOf(e.getMessage()).lines().findFirst().orElse(""));
                return Optional.empty();
            }
        }
        Path folder = work.resolve("llvm-" + version);
        if (!Files.exists(folder.resolve("done"))) {
            unpack(jar, folder);
            // The tools ask for their libraries by names with versions.
            Files.move(folder.resolve("libLLVM.so"), folder.resolve("libLLVM.so.20.1"), StandardCopyOption.REPLACE_EXISTING);
            Files.move(folder.resolve("libclang-cpp.so"), folder.resolve("libclang-cpp.so.20.1"),
                    StandardCopyOption.REPLACE_EXISTING);
            Files.writeString(folder.resolve("done"), version);
        }
        return Optional.of(folder);
    }

    private static void unpack(Path jar, Path folder) throws IOException {
        String prefix = "org/bytedeco/llvm/linux-x86_64/";
        try (InputStream in = Files.newInputStream(jar);
                ZipInputStream zip = new ZipInputStream(in)) {
            for (ZipEntry entry = zip.getNextEntry(); entry != null; entry = zip.getNextEntry()) {
                String name = entry.getName().startsWith(prefix) ? entry.getName().substring(prefix.length()) : "";
                boolean wanted = LLVM_FILES.stream().anyMatch(f -> f.endsWith("/") ? name.startsWith(f) : name.equals(f));
                Path to = folder.resolve(name).normalize();
                if (wanted && !entry.isDirectory() && to.startsWith(folder)) {
                    Files.createDirectories(to.getParent());
                    Files.copy(zip, to, StandardCopyOption.REPLACE_EXISTING);
                }
            }
        }
        for (String tool : List.of("clang", "lld")) {
            if (!folder.resolve(tool).toFile().setExecutable(true)) {
                throw new IOException("cannot make " + folder.resolve(tool) + " executable");
            }
        }
    }

    // ---- the rest

    /** All that the result depends on, but the time of the sources. */
    private String key() {
        String flags = TARGETS.stream()
                .map(t -> t.sources().stream()
                        .map(f -> f.file() + Arrays.toString(f.flags()))
                        .toList() + Arrays.toString(t.link()))
                .toList() + Arrays.toString(FLAGS);
        return options.get("targets") + " " + options.get("compiler") + " " + options.get("llvm") + " " + flags;
    }

    private boolean upToDate() throws IOException {
        Path done = work.resolve("done");
        if (!Files.exists(done) || !Files.readString(done).equals(key())) {
            return false;
        }
        // A library that was made must still be there: classes alone may have been deleted.
        for (Target target : TARGETS) {
            Path library = Path.of(options.get("classes")).resolve(target.name()).resolve(target.library());
            if (Files.exists(made(target)) && !options.get("compiler").equals("none") && !Files.exists(library)
                    && (options.get("targets").equals("all") || target.name().equals(hostName()))) {
                return false;
            }
        }
        try (Stream<Path> files = Files.list(sources)) {
            return files.allMatch(f -> f.toFile().lastModified() < done.toFile().lastModified());
        }
    }

    private static void exec(List<String> command) throws IOException, InterruptedException {
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        String output = new String(process.getInputStream().readAllBytes());
        if (process.waitFor() != 0) {
            throw new IOException(command.getFirst() + " failed: " + output);
        }
    }

    private static void say(String line) {
        System.out.println("[natives] " + line);
    }

    private static String[] dylib(String arch) {
        return new String[] {
            "-flavor", "darwin", "-dylib", "-arch", arch, "-platform_version", "macos", "11.0", "11.0", "-dead_strip",
            "-install_name", "@rpath/libtrit.dylib", "-o"
        };
    }

    private static String[] with(String[] flags, String... more) {
        return Stream.concat(Arrays.stream(flags), Arrays.stream(more)).toArray(String[]::new);
    }
}
