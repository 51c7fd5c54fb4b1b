package dev.trit.cli;

import dev.trit.format.GgmlType;
import dev.trit.model.Model;
import dev.trit.tensor.DType;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code trit bench}: prompt and generation speed apart, one text and several together, beside what this machine's memory allows. */
@Command(
        name = "bench",
        mixinStandardHelpOptions = true,
        description = "Measures prompt and generation speed of a model, or of random weights of a published shape.")
final class Bench implements Callable<Integer> {
    /** At most one of them; without any, the built-in model. */
    static final class Subject {
        @Option(
                names = {"-m", "--model"},
                paramLabel = "MODEL",
                description = "A GGUF file, a safetensors file, a checkpoint directory or a pulled model's name"
                        + " (default: the built-in model).")
        @Nullable Path model;

        @Option(
                names = "--shape",
                paramLabel = "S",
                description = "Random weights instead: 2b4t, 700m, 3b, 8b, 70b or tiny, as trit synth writes them.")
        @Nullable String shape;
    }

    private final Stdio stdio;

    @ArgGroup(multiplicity = "0..1")
    private Subject subject = new Subject();

    @Option(
            names = {"-p", "--prompt"},
            paramLabel = "N",
            split = ",",
            converter = Numbers.AtLeastZero.class,
            description = "Prompt tokens; several after commas; 0: none (default: 512).")
    private List<Integer> prompts = List.of(512);

    @Option(
            names = {"-n", "--tokens"},
            paramLabel = "N",
            split = ",",
            converter = Numbers.AtLeastZero.class,
            description = "Tokens to generate; several after commas; 0: none (default: 128).")
    private List<Integer> generations = List.of(128);

    @Option(
            names = {"-d", "--depth"},
            paramLabel = "N",
            split = ",",
            converter = Numbers.AtLeastZero.class,
            description = "Tokens of context before those that are timed; several after commas (default: 0; with"
                    + " --profile 0,4000).")
    private @Nullable List<Integer> depths;

    @Option(
            names = {"-b", "--batch"},
            paramLabel = "N",
            split = ",",
            converter = Numbers.AtLeastOne.class,
            description = "Also generates N texts together, as a server does; several after commas.")
    private List<Integer> batches = List.of();

    @Option(
            names = {"-t", "--threads"},
            paramLabel = "N",
            split = ",",
            converter = Numbers.AtLeastOne.class,
            description = "Threads; several after commas (default: the processors here).")
    private List<Integer> threads = List.of(Runtime.getRuntime().availableProcessors());

    @Option(
            names = {"-r", "--repetitions"},
            paramLabel = "N",
            converter = Numbers.AtLeastOne.class,
            description = "Counted repetitions (default: ${DEFAULT-VALUE}).")
    private int repetitions = 3;

    @Option(
            names = "--warm-up",
            paramLabel = "S",
            converter = Numbers.AtLeastZero.class,
            description = "Before each test, repetitions that do not count for S seconds, at least one (default:"
                    + " ${DEFAULT-VALUE}): a new JVM is still compiling.")
    private int warmUpSeconds = 5;

    @Option(
            names = "--profile",
            description = "Instead of speeds: where the time of a generated token goes, medians over -n tokens.")
    private boolean profile;

    @Mixin
    private final SpeculationBench texts = new SpeculationBench();

    @Mixin
    private final KernelOptions kernelOptions = new KernelOptions();

    @Mixin
    private final JsonOption json = new JsonOption();

    Bench(Stdio stdio) {
        this.stdio = stdio;
    }

    @Override
    public Integer call() throws IOException {
        texts.asked(); // before weights are made
        if (subject.shape == null) {
            ModelOptions options = new ModelOptions();
            options.path = subject.model;
            measure(options.path());
        } else {
            Path folder = Files.createTempDirectory("trit-bench");
            Path file = folder.resolve(subject.shape + ".gguf");
            folder.toFile().deleteOnExit(); // after Ctrl-C too; the last named goes first
            file.toFile().deleteOnExit();
            try {
                new SyntheticModel(Shape.named(subject.shape), GgmlType.I2_S, DType.F16, 1, file, stdio).write();
                measure(file);
            } finally {
                Files.deleteIfExists(file);
                Files.delete(folder);
            }
        }
        return ExitCode.OK.status();
    }

    private void measure(Path file) throws IOException {
        if (texts.asked()) {
            texts.measure(file, threads, generations, repetitions, kernelOptions, stdio, json.json);
        } else if (profile) {
            profile(file);
        } else {
            speeds(file);
        }
    }

    private void profile(Path file) {
        List<ProfileTable.Facts> profiles = new ArrayList<>();
        for (int count : threads) {
            try (Model model = ModelOptions.load(file, count, 0, kernelOptions)) {
                for (int tokens : generations.stream().filter(n -> n > 0).toList()) {
                    for (int depth : depths != null ? depths : List.of(0, 4000)) {
                        ProfileTable.Facts facts = ProfileTable.measure(model, depth, tokens, warmUp());
                        profiles.add(facts);
                        if (!json.json) {
                            ProfileTable.print(facts, stdio.out());
                        }
                    }
                }
            }
        }
        if (json.json) {
            stdio.out().println(JsonOption.text(profiles));
        }
        ProfileTable.check(profiles);
    }

    private void speeds(Path file) {
        List<Speed> speeds = new ArrayList<>();
        if (!json.json) {
            stdio.out()
                    .println(
                            "test         threads    tokens/s       sd   MB/token     GB/s  memory GB/s  share  kernels  head      kv");
        }
        for (int count : threads) {
            double bound = Bandwidth.measure(count);
            try (Model model = ModelOptions.load(file, count, 0, kernelOptions)) {
                for (SpeedTest test : tests()) {
                    Speed speed = test.run(model, bound, warmUp(), repetitions);
                    speeds.add(speed);
                    if (!json.json) {
                        print(speed);
                    }
                }
            }
        }
        if (json.json) {
            stdio.out().println(JsonOption.text(speeds));
        }
    }

    private Duration warmUp() {
        return Duration.ofSeconds(warmUpSeconds);
    }

    private List<SpeedTest> tests() {
        List<SpeedTest> tests = new ArrayList<>();
        List<Integer> depths = this.depths != null ? this.depths : List.of(0);
        for (int tokens : prompts.stream().filter(n -> n > 0).toList()) {
            depths.forEach(depth -> tests.add(new SpeedTest.Prompt(tokens, depth)));
        }
        for (int length : generations.stream().filter(n -> n > 0).toList()) {
            depths.forEach(depth -> tests.add(new SpeedTest.Generate(length, depth)));
            batches.forEach(texts -> tests.add(new SpeedTest.Batch(length, texts)));
        }
        return tests;
    }

    private void print(Speed s) {
        stdio.out()
                .printf(
                        Locale.ROOT,
                        "%-12s %7d %11.2f %8.2f %10.1f %8.2f %12.1f %5.0f%%  %-7s  %-8s  %s%n",
                        s.test(),
                        s.threads(),
                        s.tokensPerS(),
                        s.sd(),
                        s.bytesPerToken() / 1e6,
                        s.gbPerS(),
                        s.bandwidthBoundGbPerS(),
                        100 * s.gbPerS() / s.bandwidthBoundGbPerS(),
                        s.kernels(),
                        s.head(),
                        s.kv());
        stdio.out().flush();
    }
}
