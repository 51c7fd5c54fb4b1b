package dev.trit.cli;

import dev.trit.hub.Hub;
import dev.trit.hub.ModelName;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** {@code trit rm}: removes models from the hub's cache. */
@Command(
        name = "rm",
        mixinStandardHelpOptions = true,
        description = {
            "Removes models from the hub's cache on this machine.",
            "OWNER/NAME removes all that was fetched of it, OWNER/NAME:FILE that file only."
        })
final class Rm implements Callable<Integer> {
    private final Stdio stdio;

    @Parameters(arity = "1..*", paramLabel = "MODEL", description = "A name as trit list shows it.")
    @SuppressWarnings("NullAway.Init") // picocli sets it
    private List<String> models;

    Rm(Stdio stdio) {
        this.stdio = stdio;
    }

    @Override
    public Integer call() {
        Hub hub = Models.hub();
        for (ModelName name : models.stream().map(ModelName::of).toList()) { // a misspelt one removes none
            long freed = hub.remove(name);
            stdio.err().println("trit: removed " + name + ", " + Sizes.text(freed) + " freed");
        }
        return ExitCode.OK.status();
    }
}
