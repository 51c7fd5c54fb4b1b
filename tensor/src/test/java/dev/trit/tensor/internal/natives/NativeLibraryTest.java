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
        List<String> command = new ArrayList<>(List.of(
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
}
