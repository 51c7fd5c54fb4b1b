package dev.trit.train.cli;

import dev.trit.cli.CommandSet;
import dev.trit.cli.ExitCode;
import dev.trit.cli.Stdio;
import dev.trit.train.TrainException;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;

/** What this module adds to {@code trit}. */
public final class TrainCommands implements CommandSet {
    @Override
    public Map<String, Function<Stdio, Object>> commands() {
        Map<String, Function<Stdio, Object>> commands = new LinkedHashMap<>();
        commands.put("train", TrainCommand::spec);
        commands.put("export", ExportCommand::new);
        commands.put("report", ReportCommand::new);
        commands.put(
                "tokenizer",
                stdio -> new CommandLine(new TokenizerCommand()).addSubcommand(new TokenizerCommand.Train(stdio)));
        commands.put("data", stdio -> new CommandLine(new DataCommand()).addSubcommand(new DataCommand.Prepare(stdio)));
        return commands;
    }

    @Override
    public @Nullable ExitCode code(Throwable failure) {
        return failure instanceof TrainException ? ExitCode.FAILURE : null;
    }
}
