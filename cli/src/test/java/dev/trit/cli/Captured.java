package dev.trit.cli;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;

/** One command run in this JVM: its exit status and everything it wrote. */
record Captured(int status, String out, String err) {

    /** Runs {@code trit args} with an empty stdin. */
    static Captured trit(String... args) {
        return withInput("", args);
    }

    /** Runs {@code trit args} with {@code input} on stdin; no stream is a terminal. */
    static Captured withInput(String input, String... args) {
        var out = new ByteArrayOutputStream();
        var err = new ByteArrayOutputStream();
        var in = new ByteArrayInputStream(input.getBytes(UTF_8));
        var stdio = new Stdio(in, Stdio.data(out), new PrintStream(err, true, UTF_8), false, false, false);
        int status = Main.run(stdio, args);
        return new Captured(status, out.toString(UTF_8), err.toString(UTF_8));
    }
}
