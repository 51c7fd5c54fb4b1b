package dev.trit.train.cli;

import dev.trit.cli.CommandSet;
import dev.trit.cli.ExitCode;
import dev.trit.cli.Stdio;
import dev.trit.train.TrainException;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** What this module adds to {@code trit}. */
public final class TrainCommands implements CommandSet {
    @Override
    public Map<String, Function<Stdio, Object>> commands() {
        return new LinkedHashMap<>();
    }

    @Override
    public @Nullable ExitCode code(Throwable failure) {
        return failure instanceof TrainException ? ExitCode.FAILURE : null;
    }
}
