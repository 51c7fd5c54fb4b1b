package dev.trit.train.cli;

import dev.trit.cli.ExitCode;
import java.util.function.BooleanSupplier;
import org.jline.utils.Signals;
import org.jspecify.annotations.Nullable;

/**
 * Ctrl-C and SIGTERM as a wish that training hears between two steps. Ending the JVM in the middle of a native product
 * would hang in the products' own threads. A second signal ends the process at once; the last checkpoint is whole.
 */
final class StopSignals implements BooleanSupplier, AutoCloseable {
    private final Object interrupt;
    private final Object terminate;
    private volatile @Nullable ExitCode wish;

    StopSignals() {
        interrupt = Signals.register("INT", () -> wish(ExitCode.INTERRUPTED));
        terminate = Signals.register("TERM", () -> wish(ExitCode.TERMINATED));
    }

    private void wish(ExitCode code) {
        if (wish != null) {
            Runtime.getRuntime().halt(code.status());
        }
        wish = code;
    }

    /** Whether somebody asked to stop. */
    @Override
    public boolean getAsBoolean() {
        return wish != null;
    }

    /** The exit status that says who stopped it, or OK. */
    ExitCode code() {
        ExitCode code = wish;
        return code == null ? ExitCode.OK : code;
    }

    @Override
    public void close() {
        Signals.unregister("INT", interrupt);
        Signals.unregister("TERM", terminate);
    }
}
