package dev.trit.tensor.internal.natives;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.trit.tensor.KernelsProvider;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** How the library comes into a process and what is said when it does not: each time in a JVM of its own. */
class NativeLibraryTest {
    @TempDir
    private Path temporary;

    /** Prints what runs and, if native kernels do not, why. */
    public static void main(String[] args) {
        System.out.println(KernelsProvider.nativeRefusal());
        System.out.println(KernelsProvider.nativeRefusal());
        System.out.println(KernelsProvider.choose(null).name());
    }

    private List<String> run(String... options) throws IOException, InterruptedException {
        return run(List.of(), options);
    }

    private List<String> run(List<String> before, String... options) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(before);
        command.addAll(List.of(
                ProcessHandle.current().info().command().orElseThrow(),
                "--enable-native-access=ALL-UNNAMED",
                "--add-modules=jdk.incubator.vector",
                "-Djava.io.tmpdir=" + temporary,
                "-cp",
                System.getProperty("java.class.path")
                        .replace(File.pathSeparator + File.pathSeparator, File.pathSeparator)));
        command.addAll(Arrays.asList(options));
        command.add(NativeLibraryTest.class.getName());
        Process process = new ProcessBuilder(command)
                .redirectError(ProcessBuilder.Redirect.DISCARD)
                .start();
        List<String> lines =
                new String(process.getInputStream().readAllBytes()).lines().toList();
        assertThat(process.waitFor()).isZero();
        return lines;
    }

    @Test
    void leavesNothingInTheTemporaryFolder() throws IOException, InterruptedException {
        assumeTrue(KernelsProvider.nativeRefusal() == null, "no native kernels here");
        assertThat(run()).containsExactly("null", "null", "native");
        try (var files = Files.list(temporary)) {
            assertThat(files).isEmpty();
        }
    }

    @Test
    void aPlatformWithoutALibraryRunsTheVectorApiAndSaysWhy() throws IOException, InterruptedException {
        String why = "native kernels cannot run: this build has no library for linux-riscv64;"
                + " build it where a C compiler or Maven Central is at hand";
        assertThat(run("-Dos.name=Linux", "-Dos.arch=riscv64")).containsExactly(why, why, "vector");
    }

    @Test
    void aVariantThatDoesNotRunHereIsNamed() throws IOException, InterruptedException {
        assumeTrue(KernelsProvider.nativeRefusal() == null, "no native kernels here");
        List<String> lines = run("-D" + NativeKernels.PROPERTY + "=avx9");
        assertThat(lines.getFirst()).contains("'avx9'").contains("no variant").doesNotContain("Exception");
        assertThat(lines.getLast()).isEqualTo("vector");
    }

    @Test
    void theFileWayWorksToo() throws IOException, InterruptedException {
        assumeTrue(KernelsProvider.nativeRefusal() == null, "no native kernels here");
        assertThat(run("-D" + NativeLibrary.NO_MEMORY_FILE + "=true")).containsExactly("null", "null", "native");
        try (var files = Files.list(temporary)) {
            assertThat(files).isEmpty();
        }
    }

    /** A temporary folder of this process alone that forbids execution; needs the right to mount. */
    private List<String> withoutExecution() throws IOException, InterruptedException {
        List<String> mounted = List.of(
                "unshare", "-rm", "sh", "-c", "mount -t tmpfs -o noexec none " + temporary + " && exec \"$@\"", "sh");
        try {
            List<String> command = new ArrayList<>(mounted);
            command.add("true");
            Process process = new ProcessBuilder(command)
                    .redirectErrorStream(true)
                    .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                    .start();
            assumeTrue(process.waitFor() == 0, "no right to mount a folder here");
        } catch (IOException e) {
            assumeTrue(false, "no unshare here: " + e.getMessage());
        }
        return mounted;
    }

    @Test
    void aTemporaryFolderThatForbidsExecutionDoesNotMatterWhereThereAreMemoryFiles()
            throws IOException, InterruptedException {
        assumeTrue(KernelsProvider.nativeRefusal() == null, "no native kernels here");
        assertThat(run(withoutExecution())).containsExactly("null", "null", "native");
    }

    @Test
    void aTemporaryFolderThatForbidsExecutionElsewhereIsOneLineAndTheVectorApi()
            throws IOException, InterruptedException {
        assumeTrue(KernelsProvider.nativeRefusal() == null, "no native kernels here");
        List<String> lines = run(withoutExecution(), "-D" + NativeLibrary.NO_MEMORY_FILE + "=true");
        assertThat(lines).hasSize(3);
        assertThat(lines.getFirst())
                .startsWith("native kernels cannot run: the library for linux-x86_64 cannot be loaded: ")
                .contains("noexec")
                .contains("-Djava.io.tmpdir");
        assertThat(lines.getLast()).isEqualTo("vector");
    }
}
