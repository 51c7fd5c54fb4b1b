package dev.trit.cli;

import dev.trit.model.Generation;
import dev.trit.model.Generator;
import dev.trit.model.Model;
import dev.trit.model.Sampling;
import dev.trit.model.Session;
import dev.trit.model.Speculator;
import dev.trit.model.Token;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * What speculation is worth on one text: the same continuation with and without, in turn. One line of {@code trit bench
 * --speculate}, under the names that {@code --json} prints. The prompt is not timed.
 *
 * @param test spec and the number of tokens asked for
 * @param file the text that was continued
 * @param threads that computed
 * @param tokens generated, fewer than asked for where the model ended the text
 * @param plainTokensPerS a token a pass; median over the repetitions
 * @param tokensPerS with speculation, likewise
 * @param speedUp median of the ratios of the two in each repetition
 * @param slowest the smallest of these ratios
 * @param drafted tokens guessed and checked, in the last repetition
 * @param accepted of these, how many were right
 * @param acceptance their ratio
 * @param kernels that computed
 * @param head exact or screened
 */
record SpeculationSpeed(
        String test,
        String file,
        int threads,
        int tokens,
        double plainTokensPerS,
        double tokensPerS,
        double speedUp,
        double slowest,
        int drafted,
        int accepted,
        double acceptance,
        String kernels,
        String head) {
    /**
     * Measures it. Every repetition begins with a speculator that knows nothing of machine and text, as a command does.
     *
     * @param sampling what to generate
     * @param fresh gives speculators that have learnt nothing yet
     * @param repetitions that count, after one that does not
     * @throws CommandException if the texts differ, or there is nothing to time
     */
    static SpeculationSpeed measure(
            Model model, Path file, int[] prompt, Sampling sampling, Supplier<Speculator> fresh, int repetitions) {
        double[] plain = new double[repetitions];
        double[] speculating = new double[repetitions];
        double[] ratios = new double[repetitions];
        try (Session session = model.session(prompt.length + sampling.maxTokens())) {
            List<Token> tokens = generate(session, prompt, sampling, null).tokens();
            if (tokens.size() < 2) {
                throw new CommandException(
                        ExitCode.FAILURE, file + ": the model ends this text at once: nothing to time");
            }
            Speculator.Report report = new Speculator.Report(0, 0, 0, 1);
            for (int i = -1; i < repetitions; i++) {
                try (Speculator speculator = fresh.get()) {
                    boolean plainFirst = i % 2 == 0;
                    double before = plainFirst ? rate(session, prompt, sampling, null, tokens) : 0;
                    double with = rate(session, prompt, sampling, speculator, tokens);
                    double without = plainFirst ? before : rate(session, prompt, sampling, null, tokens);
                    report = speculator.report();
                    if (i >= 0) {
                        plain[i] = without;
                        speculating[i] = with;
                        ratios[i] = with / without;
                    }
                }
            }
            return new SpeculationSpeed(
                    "spec" + sampling.maxTokens(),
                    file.toString(),
                    model.team().size(),
                    tokens.size(),
                    median(plain),
                    median(speculating),
                    median(ratios),
                    Arrays.stream(ratios).min().orElseThrow(),
                    report.drafted(),
                    report.accepted(),
                    report.acceptance(),
                    model.kernels().name(),
                    model.head().word());
        }
    }

    private static double rate(
            Session session, int[] prompt, Sampling sampling, @Nullable Speculator speculator, List<Token> expected) {
        Generation generation = generate(session, prompt, sampling, speculator);
        for (int i = 0; i < expected.size(); i++) {
            int id = i < generation.completionTokens()
                    ? generation.tokens().get(i).id()
                    : -1;
            if (id != expected.get(i).id()) {
                throw new CommandException(
                        ExitCode.FAILURE,
                        "token %d of the text is %d with%s speculation and was %d without: please report this"
                                .formatted(
                                        i,
                                        id,
                                        speculator == null ? "out" : "",
                                        expected.get(i).id()));
            }
        }
        return generation.completionTokensPerSecond();
    }

    private static Generation generate(
            Session session, int[] prompt, Sampling sampling, @Nullable Speculator speculator) {
        return new Generator(session, prompt, sampling, null, speculator).run(piece -> {});
    }

    private static double median(double[] values) {
        double[] sorted = values.clone();
        Arrays.sort(sorted);
        int n = sorted.length;
        return (sorted[(n - 1) / 2] + sorted[n / 2]) / 2;
    }
}
