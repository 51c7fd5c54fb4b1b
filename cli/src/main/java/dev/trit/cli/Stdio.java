package dev.trit.cli;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.BufferedOutputStream;
import java.io.FileDescriptor;
import java.io.FileInputStream;
import java.io.FileOutputStream;
import java.io.FilterOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.PrintStream;
import java.io.UncheckedIOException;

/**
 * The three streams of a command: data goes to {@code out}, talk goes to {@code err}; both are UTF-8 whatever the locale.
 * {@code out} is buffered, so a command that streams flushes it. A reader that goes away ends the command through {@link
 * BrokenPipe}.
 *
 * @param inTerminal whether a person types into {@code in}
 * @param outTerminal whether a person reads {@code out}
 * @param errTerminal whether a person reads {@code err}: only then progress bars are drawn
 */
public record Stdio(
        InputStream in,
        PrintStream out,
        PrintStream err,
        boolean inTerminal,
        boolean outTerminal,
        boolean errTerminal) {

    /** The reader of {@code out} has gone. */
    static final class BrokenPipe extends RuntimeException {
        private static final long serialVersionUID = 1L;

        BrokenPipe(IOException cause) {
            super(cause);
        }
    }

    /** Which of the three are terminals, as the launcher saw it: any of the letters i, o, e. */
    static final String TERMINALS_PROPERTY = "trit.terminals";

    /** The streams of this process. */
    static Stdio system() {
        String terminals = System.getProperty(TERMINALS_PROPERTY, "");
        return new Stdio(
                new FileInputStream(FileDescriptor.in),
                data(new FileOutputStream(FileDescriptor.out)),
                new PrintStream(new FileOutputStream(FileDescriptor.err), true, UTF_8),
                terminals.contains("i"),
                terminals.contains("o"),
                terminals.contains("e"));
    }

    /** A buffered UTF-8 stream that throws where PrintStream would only remember: {@link BrokenPipe}, or unchecked I/O. */
    public static PrintStream data(OutputStream to) {
        return new PrintStream(new BufferedOutputStream(new Loud(to), 1 << 13), false, UTF_8);
    }

    private static final class Loud extends FilterOutputStream {
        private boolean lost; // said once; what is still buffered then goes nowhere

        Loud(OutputStream to) {
            super(to);
        }

        private RuntimeException lost(IOException e) {
            lost = true;
            String message = String.valueOf(e.getMessage());
            return message.contains("Broken pipe")
                    ? new BrokenPipe(e)
                    : new UncheckedIOException(new IOException("stdout: " + message, e));
        }

        @Override
        public void write(byte[] bytes, int from, int length) {
            try {
                if (!lost) {
                    out.write(bytes, from, length);
                }
            } catch (IOException e) {
                throw lost(e);
            }
        }

        @Override
        public void write(int value) {
            write(new byte[] {(byte) value}, 0, 1);
        }

        @Override
        public void flush() {
            try {
                if (!lost) {
                    out.flush();
                }
            } catch (IOException e) {
                throw lost(e);
            }
        }
    }
}
