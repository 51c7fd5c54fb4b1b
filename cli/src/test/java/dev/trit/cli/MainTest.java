package dev.trit.cli;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class MainTest {
    @Test
    void versionNamesTritAndTheJvm() {
        Captured run = Captured.trit("--version");
        assertThat(run.status()).isZero();
        assertThat(run.out()).matches("trit \\d+\\.\\d+\\.\\d+\\R(?s).*").contains("jdk " + Runtime.version());
        assertThat(run.err()).isEmpty();
    }

    @Test
    void helpListsEveryExitCode() {
        Captured run = Captured.trit("--help");
        assertThat(run.status()).isZero();
        for (ExitCode code : ExitCode.values()) {
            assertThat(run.out()).contains(code.status() + " ").contains(code + ": " + code.meaning());
        }
    }

    @Test
    void unknownOptionIsOneLineAndASuggestion() {
        Captured run = Captured.trit("--verion");
        assertThat(run.status()).isEqualTo(ExitCode.USAGE.status());
        assertThat(run.out()).isEmpty();
        assertThat(run.err()).startsWith("trit: Unknown option: '--verion'").contains("--version");
    }

    @Test
    void noCommandIsAMistake() {
        Captured run = Captured.trit();
        assertThat(run.status()).isEqualTo(ExitCode.USAGE.status());
        assertThat(run.err()).startsWith("trit: which command?").contains("trit --help");
    }

    @Test
    void completionKnowsTheCommandsAndTheirOptions() {
        Captured run = Captured.trit("completion");
        assertThat(run.status()).isZero();
        assertThat(run.out()).startsWith("#!/usr/bin/env bash").contains("perplexity", "--embedding-type", "--top-k");
        assertThat(Captured.trit("--help").out()).contains("perplexity").doesNotContain("completion");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "run",
                "chat",
                "serve",
                "pull",
                "list",
                "rm",
                "info",
                "convert",
                "perplexity",
                "eval",
                "bench",
                "synth"
            })
    void everyCommandHasHelpThatNamesIt(String command) {
        Captured run = Captured.trit(command, "--help");
        assertThat(run.status()).isZero();
        assertThat(run.out()).startsWith("Usage: trit " + command);
        assertThat(run.out().lines()).allMatch(line -> line.length() <= 100);
    }

    @Test
    void helpListsTheCommandsOfOtherModulesAndTheySayHowToGetThem() {
        Captured help = Captured.trit("--help");
        assertThat(help.out())
                .containsPattern("train +Trains")
                .containsPattern("export +Writes")
                .contains("first use");
        assertThat(help.out().lines()).allMatch(line -> line.length() <= 100);
        Captured train = Captured.trit("train", "--data", "x");
        assertThat(train.status()).isEqualTo(ExitCode.USAGE.status());
        assertThat(train.err())
                .startsWith("trit: 'train' is in the module train")
                .contains("./trit train");
    }

    @Test
    void aReaderThatGoesAwayEndsTheCommandQuietly() {
        Captured run = writingTo("Broken pipe", "--help");
        assertThat(run.status()).isEqualTo(ExitCode.BROKEN_PIPE.status());
        assertThat(run.err()).isEmpty();
    }

    @Test
    void aFullDiskIsSaid() {
        Captured run = writingTo("No space left on device", "--help");
        assertThat(run.status()).isEqualTo(ExitCode.FAILURE.status());
        assertThat(run.err()).isEqualTo("trit: stdout: No space left on device\n");
    }

    /** Runs with a stdout whose every write fails with that message. */
    private static Captured writingTo(String failure, String... args) {
        OutputStream broken = new OutputStream() {
            @Override
            public void write(int b) throws IOException {
                throw new IOException(failure);
            }
        };
        var err = new ByteArrayOutputStream();
        var in = new ByteArrayInputStream(new byte[0]);
        var stdio = new Stdio(in, Stdio.data(broken), new PrintStream(err, true, UTF_8), false, false, false);
        return new Captured(Main.run(stdio, args), "", err.toString(UTF_8));
    }
}
