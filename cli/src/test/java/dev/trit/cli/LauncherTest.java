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

    @Test
    void aTrainingCommandBuildsItsOwnModuleAndNothingElseDoes() throws Exception {
        Path jdk = building();
        assertThat(launch(jdk, path(), "run", "x").out()).contains("-pl cli ").contains("Main run x");
        assertThat(home.resolve("train")).doesNotExist();

        Captured train = launch(jdk, path(), "--verbose", "train", "--steps", "3");
        assertThat(train.out())
                .contains("-pl train -am")
                .contains("train/target/app/")
                .contains("maxPhysicalBytes=0")
                .contains("omp passive 3 1")
                .contains("Main --verbose train --steps 3");
        assertThat(train.err()).contains("building the module train for the first time");
        assertThat(launch(jdk, path(), "export").out()).doesNotContain("mvn").contains("Main export");
        assertThat(launch(jdk, path(), "train", "--device", "cuda").out())
                .contains("-Pcuda -pl train")
                .contains("train/target/app-cuda/");
    }

    @Test
    void aSourceOfTheTrainModuleMakesOnlyItsOwnAppStale() throws Exception {
        Path jdk = building();
        launch(jdk, path(), "run");
        launch(jdk, path(), "train");
        Path source = Files.createDirectories(home.resolve("train/src/main")).resolve("A.java");
        Files.writeString(source, "class A {}");
        assertThat(source.toFile().setLastModified(System.currentTimeMillis() + 5_000))
                .isTrue();
        assertThat(launch(jdk, path(), "run").out()).doesNotContain("mvn");
        assertThat(launch(jdk, path(), "train").out()).contains("mvn");
    }

    /** A JDK whose java prints what it is given, and a Maven beside it that leaves a jar for the module it is asked for. */
    private Path building() throws IOException {
        Path jdk = jdk("25.0.3", "java", "javac");
        program(
                jdk.resolve("bin/java"),
                "case \"$*\" in *AOTCacheOutput*|*VectorModule*) exit 0;; esac\n"
                        + "echo \"omp ${OMP_WAIT_POLICY:-} ${OMP_NUM_THREADS:-} ${OPENBLAS_NUM_THREADS:-}\"\n"
                        + "cat \"$LOG\" 2>/dev/null; rm -f \"$LOG\"; echo \"$@\"");
        program(Files.createDirectories(folder.resolve("maven/bin")).resolve("mvn"), """
                echo "mvn $@" >"$LOG"
                case "$*" in *'-pl train'*) module=train ;; *) module=cli ;; esac
                mkdir -p "$MODULES/$module/target/lib"
                : >"$MODULES/$module/target/trit-$module-0.jar"
                : >"$MODULES/$module/target/lib/library.jar"
                """);
        return jdk;
    }

    private String path() {
        return folder.resolve("maven/bin") + ":/usr/bin:/bin";
    }

    private Captured launch(Path jdk, String path, String... args) throws Exception {
        Path link = folder.resolve("link");
        if (!Files.exists(link)) {
            Files.createSymbolicLink(link, home.resolve("trit"));
        }
        var command = new ArrayList<>(List.of("/bin/sh", link.toString()));
        command.addAll(List.of(args));
        Path out = folder.resolve("out");
        Path err = folder.resolve("err");
        var builder = new ProcessBuilder(command).redirectOutput(out.toFile()).redirectError(err.toFile());
        builder.environment().clear();
        builder.environment().put("PATH", path);
        builder.environment().put("TRIT_JAVA_HOME", jdk.toString());
        builder.environment().put("OMP_NUM_THREADS", "3");
        builder.environment().put("LOG", folder.resolve("mvn.log").toString());
        builder.environment().put("MODULES", home.toString());
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
