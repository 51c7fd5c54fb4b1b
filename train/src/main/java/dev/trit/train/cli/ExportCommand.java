package dev.trit.train.cli;

import dev.trit.cli.CommandException;
import dev.trit.cli.ConversionProof;
import dev.trit.cli.EmbeddingOption;
import dev.trit.cli.ExitCode;
import dev.trit.cli.JsonOption;
import dev.trit.cli.KernelOptions;
import dev.trit.cli.Paths;
import dev.trit.cli.Progress;
import dev.trit.cli.Staged;
import dev.trit.cli.Stdio;
import dev.trit.cli.StoredTokenizer;
import dev.trit.cli.ThreadOptions;
import dev.trit.format.Checkpoint;
import dev.trit.format.Conversion;
import dev.trit.format.WeightType;
import dev.trit.train.CheckpointStore;
import dev.trit.train.TrainedModel;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/**
 * {@code trit export}: a training checkpoint as a model file. OUT appears only after its logits were found to be those of
 * the trainer's evaluation: to the bit where both compute with integers and nothing was rounded, and within {@link
 * #BOUND} of the trainer's float forward pass.
 */
@Command(
        name = "export",
        mixinStandardHelpOptions = true,
        description = "Writes a training checkpoint as a model file, and proves its logits.")
final class ExportCommand implements Callable<Integer> {
    /**
     * How far the trainer's float forward pass (fake quantization) may be from the integer path, as a share of the range
     * of the logits. Both round the same values to int8, but sums in float differ in their last bits, and where that
     * tips a value over the border between two codes, a token's activation moves by 1/127 of its largest one.
     */
    static final double BOUND = 0.02;

    /**
     * What {@code --json} prints.
     *
     * @param bitEqual whether OUT's logits equal those of the trainer's codes to the bit on the probe
     * @param logitsDifference the largest difference to them, as a share of the logits' range
     * @param trainerDifference the largest difference to the trainer's float forward pass, likewise
     */
    record Exported(
            String path,
            String checkpoint,
            String type,
            long bytes,
            int tensors,
            List<String> losses,
            boolean bitEqual,
            double logitsDifference,
            double trainerDifference) {}

    private final Stdio stdio;

    @Parameters(
            index = "0",
            paramLabel = "CHECKPOINT",
            description = "A checkpoint's folder, or a run's: then its newest checkpoint.")
    @SuppressWarnings("NullAway.Init") // picocli sets it
    private Path in;

    @Parameters(
            index = "1",
            paramLabel = "OUT",
            description = "The GGUF file, or the directory that does not exist yet.")
    @SuppressWarnings("NullAway.Init") // picocli sets it
    private Path out;

    @Option(
            names = "--type",
            paramLabel = "T",
            description = "Of the linear layers: i2_s, tq1_0, tq2_0, q2_0, iq1_bn, iq2_bn, hf-packed, f32, f16, bf16 or"
                    + " q8_0 (default: i2_s; bf16 for full-precision weights). hf-packed makes a directory; so do f32,"
                    + " f16 and bf16 unless OUT ends in .gguf.")
    @Nullable private String type;

    @Mixin
    private final EmbeddingOption embedding = new EmbeddingOption();

    @Option(names = "--name", paramLabel = "NAME", description = "What the model is called (default: OUT's name).")
    @Nullable private String name;

    @Option(
            names = "--meta",
            paramLabel = "KEY=TEXT",
            description =
                    "A field of the model card, for example license=mit or author=...; can be given several times.")
    private Map<String, String> meta = new LinkedHashMap<>();

    @Option(
            names = "--card",
            paramLabel = "FILE",
            description = "Write the model card as Markdown, too; a directory always has it as README.md.")
    @Nullable private Path cardFile;

    @Option(
            names = "--tolerance",
            paramLabel = "SHARE",
            description = "Refuse logits that differ from the trainer's by more than this share of their range"
                    + " (default: 0.02, and 0.05 where the type rounds).")
    @Nullable private Double tolerance;

    @Mixin
    private final ThreadOptions threads = new ThreadOptions();

    @Mixin
    private final KernelOptions kernels = new KernelOptions();

    @Mixin
    private final JsonOption json = new JsonOption();

    ExportCommand(Stdio stdio) {
        this.stdio = stdio;
    }

    @Override
    public Integer call() throws IOException {
        Path checkpoint = checkpoint(Paths.existing(in));
        try (TrainedModel model = new TrainedModel(checkpoint)) {
            WeightType weights = WeightType.named(type != null ? type : model.quantized() ? "i2_s" : "bf16");
            var conversion = new Conversion(weights, embedding.type());
            boolean directory = conversion.writesDirectory(out);
            try (Staged staged = new Staged(out, directory);
                    Staged codes = new Staged(out.resolveSibling(out.getFileName() + ".codes"), true)) {
                Path source = checkpoint;
                if (codesAreWritten(model, weights)) {
                    model.writeQuantized(codes.path());
                    source = codes.path();
                }
                ModelCard card = card(checkpoint, model);
                Conversion.Result result = write(conversion, source, staged.path(), card, directory);
                result.losses().forEach(loss -> stdio.err().println("trit: " + loss));
                Exported exported = prove(model, source, staged.path(), result, checkpoint, weights);
                staged.publish();
                if (cardFile != null) {
                    RunFolder.write(cardFile, card.readme());
                }
                print(exported);
            }
        }
        return ExitCode.OK.status();
    }

    /** Ternary types, and binary weights in any type: master weights mean ternary ones to whoever reads them. */
    private static boolean codesAreWritten(TrainedModel model, WeightType weights) {
        return model.quantized()
                && (weights.ternary() || model.recipe().weights().equals("b1"));
    }

    private Path checkpoint(Path named) {
        if (Files.exists(named.resolve("trainer.json"))) {
            return named;
        }
        Path folder = named.resolve("checkpoints");
        if (!Files.isDirectory(folder)) {
            throw new CommandException(
                    ExitCode.NO_FILE, named + ": neither a checkpoint (trainer.json) nor a run (checkpoints/)");
        }
        return CheckpointStore.newest(folder)
                .orElseThrow(() -> new CommandException(ExitCode.NO_FILE, folder + ": no checkpoint yet"));
    }

    private ModelCard card(Path checkpoint, TrainedModel model) throws IOException {
        Map<String, String> more = new LinkedHashMap<>();
        meta.forEach((key, value) -> more.put(key.contains(".") ? key : "general." + key, value));
        String fileName = String.valueOf(out.getFileName()).replaceFirst("\\.gguf$", "");
        return CardFacts.of(checkpoint, model, name != null ? name : fileName, more);
    }

    private Conversion.Result write(Conversion conversion, Path source, Path staged, ModelCard card, boolean directory)
            throws IOException {
        try (Checkpoint stored = Checkpoint.open(source);
                Progress progress =
                        new Progress(stdio, "writing tensors", stored.tensors().size())) {
            long[] done = {0};
            Checkpoint described = directory ? stored : CardedCheckpoint.of(stored, card.metadata());
            Conversion.Result result = conversion.run(
                    described, staged, new StoredTokenizer(stored), tensor -> progress.at(done[0]++, tensor));
            if (directory) {
                Files.writeString(staged.resolve("README.md"), card.readme());
            }
            return result;
        }
    }

    private Exported prove(
            TrainedModel model, Path source, Path staged, Conversion.Result result, Path checkpoint, WeightType weights)
            throws IOException {
        var proof = new ConversionProof(stdio, threads.threads, kernels);
        float[][] written = proof.logits(staged);
        ConversionProof.Outcome integer = ConversionProof.compare(proof.logits(source), written);
        int[] probe = ConversionProof.probe(model.recipe().model().vocab());
        ConversionProof.Outcome trainer = ConversionProof.compare(model.logits(probe), written);
        if (result.lossless() && !integer.bitEqual()) {
            throw refused("nothing was rounded, but the logits differ from those of the trainer's codes by", integer);
        }
        double allowed = tolerance != null ? tolerance : result.lossless() ? BOUND : 0.05;
        if (!(trainer.difference() <= allowed)) {
            throw refused(
                    "allowed are %s of the range, but the logits differ from the trainer's by".formatted(allowed),
                    trainer);
        }
        return new Exported(
                out.toString(),
                checkpoint.toString(),
                weights.toString(),
                Staged.bytes(staged),
                result.tensors(),
                result.losses(),
                integer.bitEqual(),
                integer.difference(),
                trainer.difference());
    }

    private CommandException refused(String why, ConversionProof.Outcome outcome) {
        return new CommandException(
                ExitCode.FAILURE,
                String.format(
                        Locale.ROOT,
                        "refused: %s %.3g of their range; %s was not written",
                        why,
                        outcome.difference(),
                        out));
    }

    private void print(Exported e) {
        if (json.json) {
            stdio.out().println(JsonOption.text(e));
            return;
        }
        stdio.out()
                .printf(
                        Locale.ROOT,
                        "%s: %d tensors, %,d bytes; logits on %d tokens %s, and within %.2g of the trainer's float path%n",
                        e.path(),
                        e.tensors(),
                        e.bytes(),
                        ConversionProof.TOKENS,
                        e.bitEqual()
                                ? "equal those of the trainer's codes to the bit"
                                : String.format(
                                        Locale.ROOT,
                                        "within %.2g of those of the trainer's codes",
                                        e.logitsDifference()),
                        e.trainerDifference());
    }
}
