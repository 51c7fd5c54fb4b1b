package dev.trit.cli;

import dev.trit.model.ModelException;
import dev.trit.model.Sampling;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import picocli.CommandLine.Option;

/** How tokens are chosen and when to stop; the defaults are those of {@link Sampling#defaults}. */
final class SamplingOptions {
    private static final Sampling DEFAULTS = Sampling.defaults();

    @Option(
            names = "--temp",
            paramLabel = "X",
            description = "Temperature; 0 takes the best token always (default: ${DEFAULT-VALUE}).")
    private float temperature = DEFAULTS.temperature();

    @Option(
            names = "--top-k",
            paramLabel = "N",
            description = "Keep the N best tokens; 0: all (default: ${DEFAULT-VALUE}).")
    private int topK = DEFAULTS.topK();

    @Option(
            names = "--top-p",
            paramLabel = "X",
            description = "Keep the best tokens that together have this probability (default: ${DEFAULT-VALUE}).")
    private float topP = DEFAULTS.topP();

    @Option(
            names = "--min-p",
            paramLabel = "X",
            description = "Keep tokens at least this likely in proportion to the best (default: ${DEFAULT-VALUE}).")
    private float minP = DEFAULTS.minP();

    @Option(
            names = "--typical-p",
            paramLabel = "X",
            description =
                    "Keep the most typical tokens that together have this probability (default: ${DEFAULT-VALUE}).")
    private float typicalP = DEFAULTS.typicalP();

    @Option(
            names = "--repetition-penalty",
            paramLabel = "X",
            description = "Divides the logits of recent tokens (default: ${DEFAULT-VALUE}).")
    private float repetitionPenalty = DEFAULTS.repetitionPenalty();

    @Option(
            names = "--presence-penalty",
            paramLabel = "X",
            description = "Subtracted from the logits of recent tokens (default: ${DEFAULT-VALUE}).")
    private float presencePenalty = DEFAULTS.presencePenalty();

    @Option(
            names = "--frequency-penalty",
            paramLabel = "X",
            description = "The same for each time a token occurred (default: ${DEFAULT-VALUE}).")
    private float frequencyPenalty = DEFAULTS.frequencyPenalty();

    @Option(
            names = "--penalty-window",
            paramLabel = "N",
            description = "Tokens that are recent; -1: all (default: ${DEFAULT-VALUE}).")
    private int penaltyWindow = DEFAULTS.penaltyWindow();

    @Option(
            names = "--logit-bias",
            paramLabel = "ID=X",
            description = "Added to the logit of token ID; may be repeated.")
    private Map<Integer, Float> logitBias = new LinkedHashMap<>();

    @Option(
            names = "--seed",
            paramLabel = "N",
            description = "Of the random choices: same seed, same text (default: ${DEFAULT-VALUE}).")
    private long seed = DEFAULTS.seed();

    @Option(names = "--stop", paramLabel = "TEXT", description = "Ends the text before TEXT; may be repeated.")
    private List<String> stop = new ArrayList<>();

    /**
     * What was asked for.
     *
     * @param maxTokens 0 for no limit
     * @throws CommandException if a value is out of its range
     */
    Sampling sampling(int maxTokens) {
        try {
            return new Sampling(
                    temperature,
                    topK,
                    topP,
                    minP,
                    typicalP,
                    repetitionPenalty,
                    presencePenalty,
                    frequencyPenalty,
                    penaltyWindow,
                    logitBias,
                    seed,
                    maxTokens,
                    stop,
                    DEFAULTS.logprobs());
        } catch (ModelException e) {
            throw new CommandException(ExitCode.USAGE, String.valueOf(e.getMessage()), e);
        }
    }
}
