package dev.trit.cli;

import dev.trit.format.GgmlType;
import dev.trit.tensor.DType;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code trit synth}: a model of random weights, to measure engines with. */
@Command(
        name = "synth",
        mixinStandardHelpOptions = true,
        description = "Writes a GGUF model of random weights in the shape of a published one, with a valid tokenizer.")
final class Synth implements Callable<Integer> {
    /** What {@code --json} prints. */
    record Written(String path, String shape, String type, String embeddingType, long bytes, double seconds) {}

    private static final List<String> ARCHITECTURES = List.of("bitnet", "bitnet-b1.58", "llama");

    private final Stdio stdio;

    @Parameters(index = "0", paramLabel = "OUT", description = "The file to write.")
    @SuppressWarnings("NullAway.Init") // picocli sets it
    private Path out;

    @Option(
            names = "--shape",
            paramLabel = "S",
            description = "2b4t, 700m, 3b, 8b, 70b or tiny (default: ${DEFAULT-VALUE}).")
    private String shape = "2b4t";

    @Option(
            names = "--type",
            paramLabel = "T",
            description = "Of the linear layers: i2_s, tq1_0 or tq2_0 (default: ${DEFAULT-VALUE}).")
    private String type = "i2_s";

    @Option(
            names = "--embedding-type",
            paramLabel = "T",
            description = "Of embedding and head: f32, f16, bf16, q8_0 or q6_k (default: ${DEFAULT-VALUE}).")
    private String embeddingType = "f16";

    @Option(
            names = "--architecture",
            paramLabel = "A",
            description =
                    "bitnet, bitnet-b1.58 or llama (default: the shape's own). llama.cpp knows bitnet, whose unit is"
                            + " SiLU, and not bitnet-b1.58.")
    private @Nullable String architecture;

    @Option(names = "--seed", paramLabel = "N", description = "Of the weights (default: ${DEFAULT-VALUE}).")
    private long seed = 1;

    @Mixin
    private final JsonOption json = new JsonOption();

    Synth(Stdio stdio) {
        this.stdio = stdio;
    }

    @Override
    public Integer call() {
        long began = System.nanoTime();
        GgmlType linear = named(GgmlType.class, "--type", type);
        DType embedding = named(DType.class, "--embedding-type", embeddingType);
        new SyntheticModel(shape(), linear, embedding, seed, out, stdio).write();
        var written = new Written(
                out.toString(), shape, type, embeddingType, out.toFile().length(), (System.nanoTime() - began) / 1e9);
        stdio.out()
                .println(
                        json.json
                                ? JsonOption.text(written)
                                : String.format(
                                        Locale.ROOT,
                                        "%s: %,d bytes in %.1f s",
                                        written.path(),
                                        written.bytes(),
                                        written.seconds()));
        return ExitCode.OK.status();
    }

    private Shape shape() {
        Shape named = Shape.named(shape);
        if (architecture == null) {
            return named;
        }
        if (!ARCHITECTURES.contains(architecture)) {
            throw new CommandException(
                    ExitCode.USAGE,
                    "--architecture: expected one of " + ARCHITECTURES + ", got '" + architecture + "'");
        }
        return named.withArchitecture(architecture);
    }

    private static <E extends Enum<E>> E named(Class<E> types, String option, String name) {
        try {
            return Enum.valueOf(types, name.toUpperCase(Locale.ROOT));
        } catch (IllegalArgumentException e) {
            throw new CommandException(ExitCode.USAGE, option + ": no type named '" + name + "'", e);
        }
    }
}
