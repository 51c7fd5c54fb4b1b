package dev.trit.cli;

import dev.trit.model.Model;
import dev.trit.model.ModelException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code trit perplexity}: {@link dev.trit.model.Perplexity} of a file, with progress and a running figure. */
@Command(
        name = "perplexity",
        mixinStandardHelpOptions = true,
        description = "Measures how well a model predicts a text, as llama.cpp does: lower is better.")
final class Perplexity implements Callable<Integer> {
    /**
     * What {@code --json} prints.
     *
     * @param perplexity exp of the mean negative log-likelihood
     * @param stderr its standard error
     * @param tokens scored
     * @param ctx tokens in a chunk
     */
    record Facts(double perplexity, double stderr, long tokens, int ctx) {}

    private final Stdio stdio;

    @Mixin
    private final ModelOptions modelOptions = new ModelOptions();

    @Option(
            names = {"-f", "--file"},
            required = true,
            paramLabel = "TEXT",
            description = "The text, UTF-8.")
    @SuppressWarnings("NullAway.Init") // picocli sets it
    private Path text;

    @Option(
            names = "--ctx",
            paramLabel = "N",
            converter = Numbers.AtLeastOne.class,
            description = "Tokens in a chunk (default: ${DEFAULT-VALUE}).")
    private int ctx = 512;

    @Option(
            names = "--chunks",
            paramLabel = "N",
            converter = Numbers.AtLeastOne.class,
            description = "Stop after so many (default: the whole text).")
    private int chunks;

    @Mixin
    private final JsonOption json = new JsonOption();

    private @Nullable Progress progress;

    Perplexity(Stdio stdio) {
        this.stdio = stdio;
    }

    @Override
    public Integer call() throws IOException {
        byte[] utf8 = Files.readAllBytes(Paths.existing(text));
        try (Model model = modelOptions.load(ctx, stdio)) {
            Facts facts = measure(model, utf8);
            if (json.json) {
                stdio.out().println(JsonOption.text(facts));
            } else {
                stdio.out()
                        .printf(
                                Locale.ROOT,
                                "perplexity %.4f +/- %.4f over %d tokens, ctx %d%n",
                                facts.perplexity(),
                                facts.stderr(),
                                facts.tokens(),
                                facts.ctx());
            }
        }
        return ExitCode.OK.status();
    }

    private Facts measure(Model model, byte[] utf8) {
        int[] ids = model.tokenizer().encode(utf8, true, false);
        try {
            var result = dev.trit.model.Perplexity.measure(model, ids, ctx, chunks, this::report);
            return new Facts(result.perplexity(), result.standardError(), result.tokens(), result.ctx());
        } catch (ModelException e) {
            throw new CommandException(ExitCode.USAGE, text + ": " + e.getMessage(), e);
        } finally {
            if (progress != null) {
                progress.close();
            }
        }
    }

    private boolean report(dev.trit.model.Perplexity soFar, int chunksInAll) {
        if (progress == null) {
            progress = new Progress(stdio, "chunks", chunksInAll);
        }
        progress.at(soFar.chunks(), String.format(Locale.ROOT, "perplexity %.4f", soFar.perplexity()));
        return true;
    }
}
