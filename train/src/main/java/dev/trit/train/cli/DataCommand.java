package dev.trit.train.cli;

import dev.trit.cli.ExitCode;
import dev.trit.cli.JsonOption;
import dev.trit.cli.Progress;
import dev.trit.cli.Stdio;
import dev.trit.text.Tokenizer;
import dev.trit.text.Vocabulary;
import dev.trit.train.TrainException;
import dev.trit.train.data.DataManifest;
import dev.trit.train.data.Preparation;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code trit data}: prepares corpora. */
@Command(
        name = "data",
        mixinStandardHelpOptions = true,
        description = "Prepares text for training.",
        synopsisSubcommandLabel = "COMMAND")
final class DataCommand implements Runnable {
    @Spec
    @SuppressWarnings("NullAway.Init") // picocli sets it
    private CommandSpec spec;

    @Override
    public void run() {
        throw new ParameterException(spec.commandLine(), "which command? trit data prepare");
    }

    /** {@code trit data prepare}: text to token shards. */
    @Command(
            name = "prepare",
            mixinStandardHelpOptions = true,
            description = "Turns text into token shards: shuffled documents, a held-out split, a manifest with hashes.")
    static final class Prepare implements Callable<Integer> {
        private final Stdio stdio;

        @Parameters(
                paramLabel = "FILE",
                arity = "1..*",
                description = "Text, Markdown or JSON lines; may be .gz, .xz, .zst.")
        @SuppressWarnings("NullAway.Init") // picocli sets it
        private List<Path> files;

        @Option(
                names = {"-o", "--out"},
                required = true,
                paramLabel = "DIR",
                description = "Folder to make.")
        @SuppressWarnings("NullAway.Init") // picocli sets it
        private Path out;

        @Option(names = "--tokenizer", required = true, paramLabel = "DIR", description = "Folder of tokenizer.json.")
        @SuppressWarnings("NullAway.Init") // picocli sets it
        private Path tokenizer;

        @Option(
                names = "--valid",
                paramLabel = "FILE",
                description = "Held-out text; else --held-out of the documents.")
        private List<Path> valid = List.of();

        @Option(
                names = "--held-out",
                paramLabel = "SHARE",
                description = "Share of the documents to hold out (default: ${DEFAULT-VALUE}).")
        private double heldOut = 0.01;

        @Option(
                names = "--seed",
                paramLabel = "N",
                description = "Of the order of documents (default: ${DEFAULT-VALUE}).")
        private long seed;

        @Mixin
        private final CorpusOptions corpus = new CorpusOptions();

        @Mixin
        private final JsonOption json = new JsonOption();

        Prepare(Stdio stdio) {
            this.stdio = stdio;
        }

        @Override
        public Integer call() throws IOException {
            if (!(heldOut >= 0 && heldOut < 1)) {
                throw new TrainException("--held-out: expected a share of 0 to below 1, got " + heldOut);
            }
            Map<String, byte[]> copied = new LinkedHashMap<>();
            for (String name : List.of("tokenizer.json", "tokenizer_config.json")) {
                Path file = tokenizer.resolve(name);
                if (Files.exists(file)) {
                    copied.put(name, Files.readAllBytes(file));
                } else if (name.equals("tokenizer.json")) {
                    throw new TrainException(file + ": not there; learn one with trit tokenizer train");
                }
            }
            long total = 0;
            for (Path file : files) {
                total += Files.size(file);
            }
            Vocabulary vocabulary = Vocabulary.fromTokenizerJson(tokenizer.resolve("tokenizer.json"));
            Preparation preparation =
                    new Preparation(Tokenizer.of(vocabulary), corpus.documents(), seed, corpus.threads);
            DataManifest manifest;
            try (Progress progress = new Progress(stdio, "bytes", total)) {
                manifest = preparation.run(files, valid, heldOut, out, copied, done -> progress.at(done, ""));
            }
            stdio.out()
                    .println(
                            json.json
                                    ? JsonOption.text(manifest)
                                    : "%s: %s; held out: %s"
                                            .formatted(out, text(manifest.train()), text(manifest.valid())));
            return ExitCode.OK.status();
        }

        private static String text(DataManifest.Split split) {
            return String.format(
                    Locale.ROOT,
                    "%d documents, %d tokens, %.3f bytes per token",
                    split.documents(),
                    split.tokens(),
                    split.bytesPerToken());
        }
    }
}
