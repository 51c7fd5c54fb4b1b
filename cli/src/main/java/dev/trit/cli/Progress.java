package dev.trit.cli;

import java.time.Duration;
import java.util.Locale;
import me.tongfei.progressbar.ConsoleProgressBarConsumer;
import me.tongfei.progressbar.ProgressBar;
import me.tongfei.progressbar.ProgressBarStyle;
import org.jspecify.annotations.Nullable;

/**
 * Says on stderr how far a long piece of work is: a bar where a person watches, else a plain line every ten seconds.
 * Work that ends within a second shows nothing.
 */
public final class Progress implements AutoCloseable {
    private static final Duration QUIET = Duration.ofSeconds(1);
    private static final Duration BETWEEN_LINES = Duration.ofSeconds(10);
    private static final int COLUMNS = 100;

    private final Stdio stdio;
    private final String task;
    private final long total;
    private final long began = System.nanoTime();
    private long lastLine = began;
    private @Nullable ProgressBar bar;

    /**
     * @param task what is being done, a word or two
     * @param total how many steps it has
     */
    public Progress(Stdio stdio, String task, long total) {
        this.stdio = stdio;
        this.task = task;
        this.total = total;
    }

    /**
     * @param done steps done so far
     * @param note a figure worth watching, or nothing
     */
    public void at(long done, String note) {
        long now = System.nanoTime();
        if (stdio.errTerminal()) {
            if (bar == null && now - began > QUIET.toNanos()) {
                bar = ProgressBar.builder()
                        .setTaskName(task)
                        .setInitialMax(total)
                        .setStyle(ProgressBarStyle.ASCII)
                        .setUpdateIntervalMillis(200)
                        .clearDisplayOnFinish()
                        .setConsumer(new ConsoleProgressBarConsumer(stdio.err(), COLUMNS))
                        .build();
            }
            if (bar != null) {
                bar.stepTo(done);
                bar.setExtraMessage(" " + note);
            }
        } else if (now - lastLine > BETWEEN_LINES.toNanos()) {
            lastLine = now;
            stdio.err()
                    .printf(
                            Locale.ROOT,
                            "trit: %s %d of %d (%.0f%%)%s%n",
                            task,
                            done,
                            total,
                            100.0 * done / total,
                            note.isEmpty() ? "" : ", " + note);
        }
    }

    @Override
    public void close() {
        if (bar != null) {
            bar.close();
        }
    }
}
