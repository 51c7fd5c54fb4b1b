package dev.trit.cli;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/**
 * Where a conversation's inputs come from. An input is a line; it goes on in the next one after a backslash at its end,
 * and between two {@code """}.
 */
interface Lines extends AutoCloseable {
    /** Marks the beginning and end of an input of several lines. */
    String FENCE = "\"\"\"";

    /** The next input, its lines joined, or null at the end. */
    @Nullable String next();

    /**
     * Runs {@code work}; Ctrl-C meanwhile means {@code stop} where a person types, and ends the process elsewhere.
     */
    void whileStoppable(Runnable stop, Runnable work);

    @Override
    void close();

    /** Whether another line belongs to this input. */
    static boolean incomplete(String typed) {
        String text = typed.stripLeading();
        if (text.startsWith(FENCE)) {
            return text.indexOf(FENCE, FENCE.length()) < 0;
        }
        return typed.endsWith("\\");
    }

    /** What was meant: without fences and continuing backslashes. */
    static String meant(String typed) {
        String text = typed.strip();
        if (text.startsWith(FENCE)) {
            int end = text.indexOf(FENCE, FENCE.length());
            return text.substring(FENCE.length(), end < 0 ? text.length() : end).strip();
        }
        return text.replace("\\\n", "\n");
    }

    /** Inputs from a stream that is not a terminal. */
    static Lines plain(InputStream in) {
        var reader = new BufferedReader(new InputStreamReader(in, StandardCharsets.UTF_8));
        return new Lines() {
            @Override
            public @Nullable String next() {
                try {
                    String typed = reader.readLine();
                    while (typed != null && incomplete(typed)) {
                        String more = reader.readLine();
                        if (more == null) {
                            break;
                        }
                        typed += "\n" + more;
                    }
                    return typed == null ? null : meant(typed);
                } catch (IOException e) {
                    throw new UncheckedIOException(e);
                }
            }

            @Override
            public void whileStoppable(Runnable stop, Runnable work) {
                work.run();
            }

            @Override
            public void close() {}
        };
    }
}
