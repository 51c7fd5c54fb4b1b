package dev.trit.train.cli;

import dev.trit.cli.ExitCode;
import dev.trit.cli.JsonOption;
import dev.trit.cli.Numbers;
import dev.trit.cli.Progress;
import dev.trit.cli.Stdio;
import dev.trit.text.BpeTrainer;
import dev.trit.text.PreTokenizer;
import dev.trit.text.Vocabulary;
import dev.trit.train.TrainException;
import dev.trit.train.data.Documents;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code trit tokenizer}: learns vocabularies. */
@Command(
        name = "tokenizer",
        mixinStandardHelpOptions = true,
        description = "Learns tokenizers from text.",
        synopsisSubcommandLabel = "COMMAND")
final class TokenizerCommand implements Runnable {
    @Spec
    @SuppressWarnings("NullAway.Init") // picocli sets it
    private CommandSpec spec;

    @Override
    public void run() {
        throw new ParameterException(spec.commandLine(), "which command? trit tokenizer train");
    }

    /** {@code trit tokenizer train}: byte-level BPE. */
    @Command(
            name = "train",
            mixinStandardHelpOptions = true,
            description = "Learns a byte-level BPE vocabulary and writes tokenizer.json and tokenizer_config.json.")
    static final class Train implements Callable<Integer> {
        /**
         * What {@code --json} prints.
         *
         * @param tokens in the vocabulary
         * @param chunks different ones in the text
         */
        record Facts(int tokens, int merges, long documents, long characters, int chunks) {}

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
                description = "Folder to write to.")
        @SuppressWarnings("NullAway.Init") // picocli sets it
        private Path out;

        @Option(
                names = "--vocab",
                paramLabel = "N",
                converter = Numbers.AtLeastOne.class,
                description = "Tokens, special ones included (default: ${DEFAULT-VALUE}).")
        private int vocab = 8192;

        @Option(
                names = "--special",
                paramLabel = "TEXT",
                description = "Control tokens, the first one ends documents (default: <|endoftext|>).")
        private List<String> special = List.of("<|endoftext|>");

        @Option(
                names = "--pre",
                paramLabel = "NAME",
                description = "How text is cut before merging: gpt-2, llama-bpe (default: ${DEFAULT-VALUE}).")
        private String pre = "dbrx";

        @Option(
                names = "--min-frequency",
                paramLabel = "N",
                converter = Numbers.AtLeastOne.class,
                description = "Rarer pairs are not merged (default: ${DEFAULT-VALUE}).")
        private int minFrequency = 2;

        @Mixin
        private final CorpusOptions corpus = new CorpusOptions();

        @Mixin
        private final JsonOption json = new JsonOption();

        Train(Stdio stdio) {
            this.stdio = stdio;
        }

        @Override
        public Integer call() throws IOException {
            BpeTrainer trainer = new BpeTrainer(PreTokenizer.named(pre));
            AtomicLong documents = new AtomicLong();
            AtomicLong characters = new AtomicLong();
            count(trainer, documents, characters);
            if (documents.get() == 0) {
                throw new TrainException(files + ": no document in them");
            }
            Vocabulary learned = trainer.train(vocab, special, minFrequency);
            Files.createDirectories(out);
            write("tokenizer.json", learned.toTokenizerJson());
            write("tokenizer_config.json", learned.toTokenizerConfigJson());
            Facts facts = new Facts(
                    learned.tokens().size(),
                    learned.merges().size(),
                    documents.get(),
                    characters.get(),
                    trainer.distinctChunks());
            stdio.out()
                    .println(
                            json.json
                                    ? JsonOption.text(facts)
                                    : "%s: %d tokens, %d merges, learned from %d documents, %d characters, %d different chunks"
                                            .formatted(
                                                    out.resolve("tokenizer.json"),
                                                    facts.tokens(),
                                                    facts.merges(),
                                                    facts.documents(),
                                                    facts.characters(),
                                                    facts.chunks()));
            return ExitCode.OK.status();
        }

        /** Counts chunks on all cores; a few documents at a time are in memory. */
        private void count(BpeTrainer trainer, AtomicLong documents, AtomicLong characters) throws IOException {
            Semaphore room = new Semaphore(4 * corpus.threads);
            AtomicReference<@Nullable Throwable> failure = new AtomicReference<>();
            Documents reader = corpus.documents();
            long total = 0;
            for (Path file : files) {
                total += Files.size(file);
            }
            try (ExecutorService pool = Executors.newFixedThreadPool(corpus.threads);
                    Progress progress = new Progress(stdio, "bytes", total)) {
                long before = 0; // bytes of the files that are done
                for (Path file : files) {
                    long start = before;
                    before += Files.size(file);
                    reader.read(
                            file,
                            document -> {
                                room.acquireUninterruptibly();
                                documents.incrementAndGet();
                                characters.addAndGet(document.length());
                                pool.execute(() -> {
                                    try {
                                        trainer.add(document);
                                    } catch (RuntimeException | Error e) {
                                        failure.compareAndSet(null, e);
                                    } finally {
                                        room.release();
                                    }
                                });
                            },
                            bytes -> progress.at(
                                    start + bytes, "%d different chunks".formatted(trainer.distinctChunks())));
                }
            }
            Throwable failed = failure.get();
            if (failed != null) {
                throw new TrainException("the text cannot be counted: " + failed, failed);
            }
        }

        private void write(String name, byte[] bytes) throws IOException {
            Path partial = Files.createTempFile(out, name, ".partial");
            Files.write(partial, bytes);
            Files.move(partial, out.resolve(name), StandardCopyOption.ATOMIC_MOVE);
        }
    }
}
