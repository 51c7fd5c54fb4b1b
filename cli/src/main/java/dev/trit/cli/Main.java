package dev.trit.cli;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.PrintWriter;
import java.io.UncheckedIOException;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.function.Function;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ScopeType;
import picocli.CommandLine.Spec;

/** The {@code trit} command itself: its subcommands, how failures become one line and an exit status. */
@Command(
        name = "trit",
        description = "Runs, serves, trains, converts and measures ternary (1-bit) language models.",
        versionProvider = Version.class,
        mixinStandardHelpOptions = true,
        synopsisSubcommandLabel = "COMMAND",
        exitCodeListHeading = "%nExit status:%n",
        footer = {
            "",
            "Environment: TRIT_JAVA_HOME (the JDK to use), TRIT_JAVA_OPTS (more JVM options), TRIT_DEBUG=1 (as --verbose)."
        })
public final class Main implements Runnable {
    @Option(names = "--verbose", scope = ScopeType.INHERIT, description = "Show the stack trace of a failure.")
    boolean verbose = System.getenv("TRIT_DEBUG") != null;

    /** In the order of the help. */
    private static final Map<String, Function<Stdio, Object>> COMMANDS = new LinkedHashMap<>();

    static {
        COMMANDS.put("run", Run::new);
        COMMANDS.put("chat", ChatCommand::new);
        COMMANDS.put("serve", Serve::new);
        COMMANDS.put("pull", Pull::new);
        COMMANDS.put("list", ListModels::new);
        COMMANDS.put("rm", Rm::new);
        COMMANDS.put("info", Info::new);
        COMMANDS.put("convert", Convert::new);
        COMMANDS.put("perplexity", Perplexity::new);
        COMMANDS.put("eval", Eval::new);
        COMMANDS.put("bench", Bench::new);
        COMMANDS.put("synth", Synth::new);
        COMMANDS.put("completion", Completion::new);
    }

    private final Stdio stdio;

    Main(Stdio stdio) {
        this.stdio = stdio;
    }

    /** Starts the command and ends the JVM with its exit status. */
    public static void main(String[] args) {
        System.setProperty("java.util.logging.SimpleFormatter.format", "trit: %5$s%n"); // warnings of the libraries
        System.exit(run(Stdio.system(), args));
    }

    /** Runs the command line {@code args} on the given streams and returns its exit status. */
    public static int run(Stdio stdio, String... args) {
        Main main = new Main(stdio);
        try {
            int status = main.commandLine(args).execute(args);
            stdio.out().flush();
            return status;
        } catch (Stdio.BrokenPipe e) {
            return ExitCode.BROKEN_PIPE.status();
        } catch (UncheckedIOException e) { // the last flush: a full disk
            stdio.err().println("trit: " + Failures.line(e));
            return ExitCode.FAILURE.status();
        } catch (OutOfMemoryError e) {
            stdio.err()
                    .println("trit: the Java heap is full (" + e.getMessage()
                            + "): give it more with TRIT_JAVA_OPTS=-Xmx4g or ask for a smaller --ctx");
            return ExitCode.FAILURE.status();
        }
    }

    /**
     * The commands to know about: the one that is called, or all, for help and for suggestions. Each costs a few
     * milliseconds of every start.
     */
    private static Map<String, Function<Stdio, Object>> needed(String... args) {
        String first = args.length > 0 ? args[0] : "";
        if (first.equals("--version") || first.equals("-V")) {
            return Map.of();
        }
        boolean one = COMMANDS.containsKey(first) && !first.equals("completion");
        if (one) {
            return Map.of(first, COMMANDS.get(first));
        }
        Map<String, Function<Stdio, Object>> all = new LinkedHashMap<>(COMMANDS);
        all.putAll(CommandSets.commands());
        return all;
    }

    private CommandLine commandLine(String... args) {
        CommandLine trit = new CommandLine(this);
        needed(args).forEach((name, command) -> trit.addSubcommand(name, command.apply(stdio)));
        trit.getCommandSpec().usageMessage().exitCodeList(ExitCode.help());
        return trit.setOut(new PrintWriter(stdio.out(), true, UTF_8))
                .setErr(new PrintWriter(stdio.err(), true, UTF_8))
                .setUsageHelpAutoWidth(false)
                .setUsageHelpWidth(100)
                .setCaseInsensitiveEnumValuesAllowed(true)
                .setExecutionStrategy(Main::execute)
                .setParameterExceptionHandler(this::misused)
                .setExecutionExceptionHandler(this::failed);
    }

    @Spec
    @SuppressWarnings("NullAway.Init") // picocli sets it
    private CommandSpec spec;

    /** Without a subcommand: the help, as an answer to a mistake. */
    @Override
    public void run() {
        throw new ParameterException(spec.commandLine(), "which command?");
    }

    /** Runs the command, or prints the help or version that was asked for. */
    private static int execute(CommandLine.ParseResult parsed) {
        try {
            return new CommandLine.RunLast().execute(parsed);
        } catch (Stdio.BrokenPipe | UncheckedIOException e) { // while printing help
            throw new CommandLine.ExecutionException(parsed.commandSpec().commandLine(), "help", e);
        }
    }

    private int misused(ParameterException mistake, String[] args) {
        CommandLine where = mistake.getCommandLine();
        stdio.err().println("trit: " + firstLine(Objects.requireNonNullElse(mistake.getMessage(), "not understood")));
        PrintWriter err = where.getErr();
        if (!CommandLine.UnmatchedArgumentException.printSuggestions(mistake, err)) {
            err.println("See '" + where.getCommandSpec().qualifiedName() + " --help'.");
        }
        err.flush();
        trace(mistake);
        return ExitCode.USAGE.status();
    }

    private int failed(Exception failure, CommandLine where, CommandLine.ParseResult parsed) {
        if (failure instanceof Stdio.BrokenPipe) {
            return ExitCode.BROKEN_PIPE.status();
        }
        stdio.err().println("trit: " + Failures.line(failure));
        trace(failure);
        return Failures.code(failure).status();
    }

    private void trace(Exception failure) {
        if (verbose) {
            failure.printStackTrace(stdio.err());
        }
    }

    private static String firstLine(String message) {
        return message.lines().findFirst().orElse("").replaceFirst("^Error: ", "");
    }
}
