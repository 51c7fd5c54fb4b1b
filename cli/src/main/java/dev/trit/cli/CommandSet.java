package dev.trit.cli;

import java.util.Map;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Commands that another module adds to {@code trit}. The module names its set in {@code
 * META-INF/services/dev.trit.cli.CommandSet}; it is found where the module is on the class path, and not looked for by
 * the commands that are here in any case.
 */
public interface CommandSet {
    /** Name to what makes the picocli command of that name, in the order of the help. */
    Map<String, Function<Stdio, Object>> commands();

    /**
     * The exit status of a failure that this module expects, whose message is then the one line the user reads; null if
     * the failure is none of its own.
     */
    @Nullable ExitCode code(Throwable failure);
}
