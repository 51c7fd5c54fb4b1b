package dev.trit.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;

/** One command in a process of its own: where the environment, signals or a sudden death matter. */
record Child(Process process, Path out, Path err) {

    /** Starts {@code trit args} on the class path of the tests. @param folder for its output */
    static Child start(Path folder, Map<String, String> environment, String... args) throws IOException {
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "--add-modules=jdk.incubator.vector",
                "--enable-native-access=ALL-UNNAMED",
                "-XX:TieredStopAtLevel=1",
                "-XX:+UseSerialGC",
                "-cp",
                System.getProperty("surefire.test.class.path", System.getProperty("java.class.path")),
                "dev.trit.cli.Main"));
        command.addAll(Arrays.asList(args));
        Path out = folder.resolve("out");
        Path err = folder.resolve("err");
        ProcessBuilder builder =
                new ProcessBuilder(command).redirectOutput(out.toFile()).redirectError(err.toFile());
        builder.environment()
                .keySet()
                .removeIf(name -> name.toLowerCase(Locale.ROOT).endsWith("_proxy"));
        builder.environment().putAll(environment);
        return new Child(builder.start(), out, err);
    }

    /** What it has said so far, warnings of the JVM apart. */
    String talk() throws IOException {
        return Files.readString(err)
                .lines()
                .filter(line -> !line.startsWith("WARNING"))
                .map(line -> line + "\n")
                .collect(Collectors.joining());
    }

    /** Waits until it has said something. */
    String awaitTalk(String words) throws Exception {
        for (int i = 0; i < 600 && process.isAlive() && !talk().contains(words); i++) {
            Thread.sleep(50);
        }
        assertThat(talk()).contains(words);
        return talk();
    }

    /** Waits for its end. */
    Captured end() throws Exception {
        assertThat(process.waitFor(30, TimeUnit.SECONDS)).isTrue();
        return new Captured(process.exitValue(), Files.readString(out), talk());
    }

    /** Ends it as {@code kill -9} does. */
    void kill() throws InterruptedException {
        process.destroyForcibly().waitFor();
    }
}
