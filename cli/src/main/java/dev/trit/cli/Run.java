package dev.trit.cli;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.annotation.JsonInclude;
import dev.trit.model.Generation;
import dev.trit.model.Generator;
import dev.trit.model.Model;
import dev.trit.model.Sampling;
import dev.trit.model.Session;
import dev.trit.model.Speculator;
import java.io.IOException;
import java.util.Locale;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code trit run}: continues a prompt, the text streaming to stdout. */
@Command(
        name = "run",
        mixinStandardHelpOptions = true,
        description = "Continues a prompt. No chat template is put around it: see chat for that.")
final class Run implements Callable<Integer> {
    /** What {@code --json} prints; the text without the prompt, the rates without loading. */
    record Facts(
            String text,
            int promptTokens,
            int completionTokens,
            double promptTokensPerS,
            double completionTokensPerS,
            String stopReason,
            String model,
            String kernels,

            @JsonInclude(JsonInclude.Include.NON_NULL) @Nullable Guesses speculation) {}

    /** What came of speculation: counts of tokens, their ratio, and what it gained as {@link Speculator.Report} says. */
    record Guesses(int passes, int drafted, int accepted, double acceptance, double speedUp) {}

    private final Stdio stdio;

    @Parameters(
            index = "0",
            arity = "0..1",
            paramLabel = "PROMPT",
            description = "The text to continue; '-' reads it from stdin. Without it the model begins by itself.")
    private @Nullable String prompt;

    @Option(
            names = {"-n", "--tokens"},
            paramLabel = "N",
            converter = Numbers.AtLeastZero.class,
            description = "Tokens to generate at most; 0: until the model ends (default: ${DEFAULT-VALUE}).")
    private int tokens = 256;

    @Option(
            names = "--ctx",
            paramLabel = "N",
            converter = Numbers.AtLeastZero.class,
            description = "Positions of the context (default: what the model was trained for).")
    private int ctx;

    @Mixin
    private final ModelOptions modelOptions = new ModelOptions();

    @Mixin
    private final SamplingOptions samplingOptions = new SamplingOptions();

    @Mixin
    private final SpeculationOptions speculationOptions = new SpeculationOptions();

    @Mixin
    private final JsonOption json = new JsonOption();

    Run(Stdio stdio) {
        this.stdio = stdio;
    }

    @Override
    public Integer call() throws IOException {
        Sampling sampling = samplingOptions.sampling(tokens);
        try (Model model = modelOptions.load(ctx, stdio);
                Session session = model.session();
                var speculation = speculationOptions.open(model, modelOptions.threads.threads, modelOptions.kernels)) {
            int[] ids = encode(model, text());
            Speculator speculator = speculation.speculator();
            Generation generation =
                    new Generator(session, ids, sampling, null, speculator).run(json.json ? piece -> {} : this::stream);
            Speculator.@Nullable Report report = speculator == null ? null : speculator.report();
            if (json.json) {
                stdio.out().println(JsonOption.text(facts(generation, model, report)));
            } else {
                stdio.out().println();
                stdio.out().flush();
                summary(generation, report);
            }
        }
        return ExitCode.OK.status();
    }

    private String text() throws IOException {
        if (prompt == null) {
            return "";
        }
        return prompt.equals("-") ? new String(stdio.in().readAllBytes(), UTF_8) : prompt;
    }

    /** The prompt with its special tokens; an empty one becomes the begin token, or else the one that ends texts. */
    private static int[] encode(Model model, String text) {
        int[] ids = model.tokenizer().encode(text, true, true);
        if (ids.length > 0) {
            return ids;
        }
        int begin = model.tokenizer().bos() >= 0
                ? model.tokenizer().bos()
                : model.tokenizer().eos();
        return begin >= 0 ? new int[] {begin} : ids;
    }

    private void stream(String piece) {
        stdio.out().print(piece);
        stdio.out().flush();
    }

    private static Facts facts(Generation generation, Model model, Speculator.@Nullable Report report) {
        return new Facts(
                generation.text(),
                generation.promptTokens(),
                generation.completionTokens(),
                generation.promptTokensPerSecond(),
                generation.completionTokensPerSecond(),
                generation.stopReason().toString(),
                model.name(),
                model.kernels().name(),
                report == null
                        ? null
                        : new Guesses(
                                report.passes(),
                                report.drafted(),
                                report.accepted(),
                                report.acceptance(),
                                report.speedUp()));
    }

    /** For a person, after the text. */
    private void summary(Generation generation, Speculator.@Nullable Report report) {
        if (stdio.errTerminal()) {
            stdio.err()
                    .printf(
                            Locale.ROOT,
                            "trit: prompt %d tokens (%.1f/s), text %d tokens (%.1f/s), stopped by %s%n",
                            generation.promptTokens(),
                            generation.promptTokensPerSecond(),
                            generation.completionTokens(),
                            generation.completionTokensPerSecond(),
                            generation.stopReason());
            if (report != null) {
                stdio.err()
                        .printf(
                                Locale.ROOT,
                                "trit: of %d guessed tokens %d were right, %.2f times as fast%n",
                                report.drafted(),
                                report.accepted(),
                                report.speedUp());
            }
        }
    }
}
