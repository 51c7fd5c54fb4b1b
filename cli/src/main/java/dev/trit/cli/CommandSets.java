package dev.trit.cli;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.ServiceLoader;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Model.CommandSpec;

/** The commands of other modules: those on the class path, and by name those that the launcher would build. */
final class CommandSets {
    /** Loaded when first asked for: the commands of this module start without it. */
    private static final class Found {
        private static final List<CommandSet> SETS = ServiceLoader.load(CommandSet.class).stream()
                .map(ServiceLoader.Provider::get)
                .toList();
    }

    /** Commands that {@code ./trit} knows to be in a module of their own, and what the help says of them without it. */
    private static final Map<String, String> IN_MODULE_TRAIN = new LinkedHashMap<>();

    static {
        IN_MODULE_TRAIN.put("train", "Trains a ternary model from scratch.");
        IN_MODULE_TRAIN.put("export", "Writes a training checkpoint as a model file, and proves its logits.");
        IN_MODULE_TRAIN.put("report", "Writes training runs as one HTML page, side by side.");
        IN_MODULE_TRAIN.put("tokenizer", "Learns a tokenizer from text.");
        IN_MODULE_TRAIN.put("data", "Turns text into token shards to train on.");
    }

    private CommandSets() {}

    /** Those on the class path, then a stand-in for each of those that are not. */
    static Map<String, Function<Stdio, Object>> commands() {
        Map<String, Function<Stdio, Object>> commands = new LinkedHashMap<>();
        Found.SETS.forEach(set -> commands.putAll(set.commands()));
        IN_MODULE_TRAIN.forEach((name, what) -> commands.putIfAbsent(name, stdio -> absent(name, what)));
        return commands;
    }

    /** What the modules on the class path say of a failure; null: none of theirs. */
    static @Nullable ExitCode code(Throwable failure) {
        for (CommandSet set : Found.SETS) {
            ExitCode code = set.code(failure);
            if (code != null) {
                return code;
            }
        }
        return null;
    }

    private static CommandSpec absent(String name, String what) {
        Runnable refusal = () -> {
            throw new CommandException(
                    ExitCode.USAGE,
                    "'" + name + "' is in the module train, which is not on this class path: start it as ./trit " + name
                            + ", which builds the module on first use");
        };
        CommandSpec spec = CommandSpec.wrapWithoutInspection(refusal).name(name);
        spec.usageMessage().description(what + " (Module train, built on first use.)");
        spec.parser().unmatchedArgumentsAllowed(true).unmatchedOptionsArePositionalParams(true);
        return spec;
    }
}
