package dev.trit.cli;

import dev.trit.model.Model;
import dev.trit.model.Sampling;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** The part of {@code trit bench} that continues texts with and without speculation. */
final class SpeculationBench {
    @Option(
            names = {"-f", "--file"},
            paramLabel = "FILE",
            description = "With --speculate or --draft, and instead of the other tests: a text to continue by -n tokens"
                    + " with and without, which must give the same. May be given several times.")
    private List<Path> files = List.of();

    @Option(
            names = "--temp",
            paramLabel = "X",
            description = "Temperature at which -f is continued; 0 takes the best token (default: ${DEFAULT-VALUE}).")
    private float temperature;

    @Mixin
    private final SpeculationOptions speculation = new SpeculationOptions();

    /** Whether it is wanted, and the other tests are not. @throws CommandException if there is a text or a method only */
    boolean asked() {
        if (speculation.asked() == files.isEmpty()) {
            throw new CommandException(
                    ExitCode.USAGE,
                    "speculation is measured on texts: -f FILE and --speculate or --draft need each other");
        }
        return speculation.asked();
    }

    /** Measures every text with every length and number of threads, and prints what came of it. */
    void measure(
            Path file,
            List<Integer> threads,
            List<Integer> lengths,
            int repetitions,
            KernelOptions kernels,
            Stdio stdio,
            boolean json)
            throws IOException {
        List<String> texts = new ArrayList<>();
        for (Path text : files) {
            try {
                texts.add(Files.readString(text));
            } catch (NoSuchFileException e) {
                throw new CommandException(ExitCode.NO_FILE, text + ": no such file", e);
            }
        }
        List<SpeculationSpeed> speeds = new ArrayList<>();
        if (!json) {
            stdio.out()
                    .println(
                            "test     threads  tokens  plain tokens/s  tokens/s  speed-up  slowest  drafted  accepted  kernels  head      file");
        }
        for (int count : threads) {
            try (Model model = ModelOptions.load(file, count, 0, kernels);
                    var with = speculation.open(model, count, kernels)) {
                for (int i = 0; i < texts.size(); i++) {
                    int[] prompt = model.tokenizer().encode(texts.get(i), true, true);
                    for (int length : lengths) {
                        Sampling sampling =
                                Sampling.defaults().withTemperature(temperature).withMaxTokens(Math.max(2, length));
                        SpeculationSpeed speed = SpeculationSpeed.measure(
                                model, files.get(i), prompt, sampling, () -> with.another(model), repetitions);
                        speeds.add(speed);
                        if (!json) {
                            print(speed, stdio);
                        }
                    }
                }
            }
        }
        if (json) {
            stdio.out().println(JsonOption.text(speeds));
        }
    }

    private static void print(SpeculationSpeed s, Stdio stdio) {
        stdio.out()
                .printf(
                        Locale.ROOT,
                        "%-8s %7d %7d %15.2f %9.2f %9.2f %8.2f %8d %9d  %-7s  %-8s  %s%n",
                        s.test(),
                        s.threads(),
                        s.tokens(),
                        s.plainTokensPerS(),
                        s.tokensPerS(),
                        s.speedUp(),
                        s.slowest(),
                        s.drafted(),
                        s.accepted(),
                        s.kernels(),
                        s.head(),
                        s.file());
        stdio.out().flush();
    }
}
