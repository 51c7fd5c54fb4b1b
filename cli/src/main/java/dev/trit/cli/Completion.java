package dev.trit.cli;

import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.AutoComplete;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** {@code trit completion}: what bash and zsh need to complete commands and options. */
@Command(
        name = "completion",
        hidden = true,
        mixinStandardHelpOptions = true,
        description = "Prints a completion script for bash and zsh: source <(trit completion).")
final class Completion implements Callable<Integer> {
    private final Stdio stdio;

    @Spec
    private @Nullable CommandSpec spec;

    Completion(Stdio stdio) {
        this.stdio = stdio;
    }

    @Override
    public Integer call() {
        if (spec == null) {
            throw new IllegalStateException("not part of a command line");
        }
        CommandLine trit = spec.root().commandLine();
        stdio.out().print(AutoComplete.bash("trit", trit));
        return ExitCode.OK.status();
    }
}
