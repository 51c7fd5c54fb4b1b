package dev.trit.cli;

import dev.trit.model.Embedder;
import dev.trit.serve.ModelSource;
import dev.trit.serve.ServeException;
import dev.trit.serve.ServeOptions;
import dev.trit.serve.TritServer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.logging.Level;
import java.util.logging.Logger;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code trit serve}: the OpenAI protocol and a chat page over HTTP. */
@Command(
        name = "serve",
        mixinStandardHelpOptions = true,
        description = "Serves models over HTTP: the OpenAI protocol, metrics, and a chat page for the browser.",
        footer = {
            "",
            "Environment: TRIT_API_KEY is one more key. The first model is loaded at once, the others when a request names"
                    + " them. Ctrl-C or SIGTERM lets running answers finish."
        })
final class Serve implements Callable<Integer> {
    private static final ServeOptions DEFAULTS = ServeOptions.defaults();
    private static final Logger HELIDON = Logger.getLogger("io.helidon"); // held: loggers nobody holds are forgotten
    private static final Logger SERVE = Logger.getLogger("dev.trit.serve");

    private final Stdio stdio;

    @Option(
            names = {"-m", "--model"},
            paramLabel = "[NAME=]MODEL",
            description = "What to serve, and what requests call it; may be repeated (default: the built-in model).")
    private List<String> models = new ArrayList<>();

    @Option(
            names = "--host",
            paramLabel = "HOST",
            description = "Address to listen on; 0.0.0.0 lets other machines in (default: ${DEFAULT-VALUE}).")
    private String host = DEFAULTS.host();

    @Option(names = "--port", paramLabel = "N", description = "Port; 0: any (default: ${DEFAULT-VALUE}).")
    private int port = DEFAULTS.port();

    @Option(
            names = "--parallel",
            paramLabel = "N",
            converter = Numbers.AtLeastOne.class,
            description = "Answers that are generated at the same time (default: ${DEFAULT-VALUE}).")
    private int parallel = DEFAULTS.parallel();

    @Option(
            names = "--ctx",
            paramLabel = "N",
            converter = Numbers.AtLeastZero.class,
            description = "Positions of each answer, prompt included (default: what the model was trained for).")
    private int ctx;

    @Option(
            names = "--max-queue",
            paramLabel = "N",
            converter = Numbers.AtLeastZero.class,
            description = "Requests that wait; more are told to come back (default: ${DEFAULT-VALUE}).")
    private int maxQueue = DEFAULTS.maxQueue();

    @Option(
            names = "--max-tokens",
            paramLabel = "N",
            converter = Numbers.AtLeastZero.class,
            description = "Tokens of an answer at most; 0: until the context is full (default: ${DEFAULT-VALUE}).")
    private int maxTokens = DEFAULTS.maxTokens();

    @Option(
            names = "--timeout",
            paramLabel = "SECONDS",
            converter = Numbers.AtLeastOne.class,
            description = "Time for an answer, waiting included (default: ${DEFAULT-VALUE}).")
    private int timeout = (int) DEFAULTS.timeLimit().toSeconds();

    @Option(
            names = "--memory",
            paramLabel = "MB",
            converter = Numbers.AtLeastZero.class,
            description =
                    "For the weights of all loaded models; the longest unused goes first (default: 3/4 of this machine's).")
    private int memory;

    @Option(names = "--api-key", paramLabel = "KEY", description = "Ask for this key; may be repeated.")
    private List<String> apiKeys = new ArrayList<>();

    @Option(names = "--api-key-file", paramLabel = "FILE", description = "Keys, one a line, seen by no process list.")
    private @Nullable Path apiKeyFile;

    @Option(
            names = "--cors",
            paramLabel = "ORIGIN",
            description = "Let pages of this origin call, as https://app.example; * for all; may be repeated.")
    private List<String> cors = new ArrayList<>();

    @Option(
            names = "--pooling",
            paramLabel = "P",
            description = "Of embeddings: mean or last (default: ${DEFAULT-VALUE}).")
    private Embedder.Pooling pooling = DEFAULTS.pooling();

    @Option(names = "--quiet", description = "No line for each request.")
    private boolean quiet;

    @Mixin
    private final ThreadOptions threads = new ThreadOptions();

    @Mixin
    private final KernelOptions kernels = new KernelOptions();

    Serve(Stdio stdio) {
        this.stdio = stdio;
    }

    @Override
    public Integer call() throws IOException, InterruptedException {
        HELIDON.setLevel(Level.WARNING);
        SERVE.setLevel(quiet ? Level.WARNING : Level.INFO);
        List<ModelSource> sources = new ArrayList<>();
        for (String model : models) {
            sources.add(source(model));
        }
        if (sources.isEmpty()) {
            sources.add(new ModelSource("default", new ModelOptions().path()));
        }
        TritServer server = start(sources, options());
        CountDownLatch stopped = new CountDownLatch(1);
        Runtime.getRuntime().addShutdownHook(new Thread(() -> {
            stdio.err().println("trit: finishing running answers");
            server.close();
            stopped.countDown();
        }));
        String address = "http://" + (host.contains(":") ? "[" + host + "]" : host) + ":" + server.port();
        stdio.err().println("trit: serving " + String.join(", ", server.models()) + " at " + address);
        stopped.await(); // the JVM ends with the hook
        return ExitCode.OK.status();
    }

    private static TritServer start(List<ModelSource> sources, ServeOptions options) {
        try {
            return TritServer.start(sources, options);
        } catch (ServeException e) {
            throw new CommandException(ExitCode.FAILURE, String.valueOf(e.getMessage()), e);
        }
    }

    /** {@code NAME=MODEL} or {@code MODEL}: then the name under which it was pulled, or the file's without its ending. */
    private static ModelSource source(String text) {
        int equals = text.indexOf('=');
        boolean named = equals > 0 && !Files.exists(Path.of(text));
        Path given = Path.of(named ? text.substring(equals + 1) : text);
        Path path = Models.existing(given);
        String file = String.valueOf(given.getFileName()).replaceFirst("\\.(gguf|safetensors)$", "");
        return new ModelSource(named ? text.substring(0, equals) : Files.exists(given) ? file : text, path);
    }

    private ServeOptions options() throws IOException {
        List<String> keys = new ArrayList<>(apiKeys);
        String environment = System.getenv("TRIT_API_KEY");
        if (environment != null) {
            keys.add(environment);
        }
        if (apiKeyFile != null) {
            keys.addAll(Files.readAllLines(Paths.existing(apiKeyFile)));
        }
        keys.replaceAll(String::strip);
        keys.removeIf(String::isEmpty);
        if (keys.isEmpty() && (!apiKeys.isEmpty() || apiKeyFile != null)) {
            throw new CommandException(ExitCode.USAGE, "the API key is empty: that would let everybody in");
        }
        long bytes = memory > 0 ? memory * 1_000_000L : Machine.here().memoryBytes() / 4 * 3;
        return new ServeOptions(
                host,
                port,
                keys,
                cors,
                parallel,
                ctx,
                maxQueue,
                maxTokens,
                DEFAULTS.maxBodyBytes(),
                Duration.ofSeconds(timeout),
                DEFAULTS.patience(),
                bytes,
                DEFAULTS.grace(),
                pooling,
                threads.threads,
                kernels.choose().name(),
                kernels.head(),
                kernels.kv());
    }
}
