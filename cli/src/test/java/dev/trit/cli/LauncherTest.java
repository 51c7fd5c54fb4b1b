package dev.trit.cli;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The launcher in a folder of its own, with JDKs and Mavens that are not what they seem; it never builds here. */
class LauncherTest {
    private static final Path LAUNCHER = Path.of("..", "trit");

    @TempDir
    Path folder;

    private Path home; // holds the launcher

    @BeforeEach
    void copyLauncher() throws IOException {
        assumeTrue(Files.isExecutable(Path.of("/bin/sh")), "no POSIX shell here");
        home = Files.createDirectories(folder.resolve("a folder with späce"));
        Files.copy(LAUNCHER, home.resolve("trit"));
        Files.createDirectories(home.resolve("cli"));
        Files.writeString(home.resolve("pom.xml"), "<project/>");
    }

    @Test
    void refusesAnOldJdkByName() throws Exception {
        Path old = jdk("17.0.1", "java", "javac");
        Captured run = launch(old, "/usr/bin:/bin");
        assertThat(run.status()).isEqualTo(1);
        assertThat(run.err())
                .contains("TRIT_JAVA_HOME=" + old)
                .contains("JDK 25 or newer")
                .contains("17");
    }

    @Test
    void refusesAJvmWithoutCompiler() throws Exception {
        Captured run = launch(jdk("25.0.1", "java"), "/usr/bin:/bin");
        assertThat(run.status()).isEqualTo(1);
        assertThat(run.err()).contains("25 without javac");
    }

    @Test
    void saysWhatToInstallWhenMavenIsMissing() throws Exception {
        Path tools = Files.createDirectories(folder.resolve("tools"));
        for (String tool : List.of("dirname", "readlink", "mkdir", "find", "head", "rm", "sleep", "tr")) {
            Path real = Files.exists(Path.of("/bin", tool)) ? Path.of("/bin", tool) : Path.of("/usr/bin", tool);
            program(tools.resolve(tool), "exec " + real + " \"$@\"");
        }
        Captured run = launch(jdk("26", "java", "javac"), tools.toString());
        assertThat(run.status()).isEqualTo(1);
        assertThat(run.err()).contains("Maven is needed").contains("apt install maven");
        assertThat(home.resolve("cli/target/trit.lock")).doesNotExist();
    }

    @Test
    void showsTheLogOfABuildThatFailed() throws Exception {
        Path maven = Files.createDirectories(folder.resolve("maven/bin"));
        program(maven.resolve("mvn"), "echo \"JAVA_HOME is $JAVA_HOME\"; echo 'the build broke'; exit 1");
        Path jdk = jdk("25.0.3", "java", "javac");
        Captured run = launch(jdk, maven + ":/usr/bin:/bin");
        assertThat(run.status()).isEqualTo(1);
        assertThat(run.out()).isEmpty();
        assertThat(run.err())
                .contains("the build broke")
                .contains("JAVA_HOME is " + jdk)
                .contains("build.log");
        assertThat(home.resolve("cli/target/trit.lock")).doesNotExist();
    }

    @Test
    void testPassesItsArgumentsAndMavensExitCodeOn() throws Exception {
        Path maven = Files.createDirectories(folder.resolve("maven/bin"));
        program(maven.resolve("mvn"), "echo \"$@\"; exit 7");
        Captured run = launch(jdk("25", "java", "javac"), maven + ":/usr/bin:/bin", "test", "--slow", "-pl", "cli");
        assertThat(run.status()).isEqualTo(7);
        assertThat(run.out()).contains("verify -Pslow -pl cli");
        assertThat(run.err()).contains("FAILED (exit 7)");
    }

    private Captured launch(Path jdk, String path, String... args) throws Exception {
        Path link = Files.createSymbolicLink(folder.resolve("link"), home.resolve("trit"));
        var command = new ArrayList<>(List.of("/bin/sh", link.toString()));
        command.addAll(List.of(args));
        Path out = folder.resolve("out");
        Path err = folder.resolve("err");
        var builder = new ProcessBuilder(command).redirectOutput(out.toFile()).redirectError(err.toFile());
        builder.environment().clear();
        builder.environment().put("PATH", path);
        builder.environment().put("TRIT_JAVA_HOME", jdk.toString());
        Process process = builder.start();
        assertThat(process.waitFor(20, TimeUnit.SECONDS)).isTrue();
        return new Captured(process.exitValue(), Files.readString(out), Files.readString(err));
    }

    /** A folder that looks like a JDK from outside; its programs fail. */
    private Path jdk(String version, String... programs) throws IOException {
        Path jdk = Files.createDirectories(folder.resolve("jdk " + version));
        Files.createDirectories(jdk.resolve("bin"));
        for (String program : programs) {
            program(jdk.resolve("bin").resolve(program), "exit 9");
        }
        Files.writeString(jdk.resolve("release"), "IMPLEMENTOR=\"x\"\nJAVA_VERSION=\"" + version + "\"\n", UTF_8);
        return jdk;
    }

    private static void program(Path path, String body) throws IOException {
        Files.writeString(path, "#!/bin/sh\n" + body + "\n", UTF_8);
        assertThat(path.toFile().setExecutable(true)).isTrue();
    }
}
