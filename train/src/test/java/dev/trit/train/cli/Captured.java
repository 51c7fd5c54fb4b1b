package dev.trit.train.cli;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.trit.cli.Main;
import dev.trit.cli.Stdio;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.util.Arrays;

/** One command run in this JVM: its exit status and everything it wrote; no stream is a terminal. */
record Captured(int status, String out, String err) {
    static Captured trit(Object... args) {
        var out = new ByteArrayOutputStream();
        var err = new ByteArrayOutputStream();
        var in = new ByteArrayInputStream(new byte[0]);
        var stdio = new Stdio(in, Stdio.data(out), new PrintStream(err, true, UTF_8), false, false, false);
        int status = Main.run(stdio, Arrays.stream(args).map(String::valueOf).toArray(String[]::new));
        return new Captured(status, out.toString(UTF_8), err.toString(UTF_8));
    }
}
