package dev.trit.cli;

import dev.trit.format.Checkpoint;
import dev.trit.format.Conversion;
import dev.trit.format.WeightType;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/**
 * {@code trit convert}: any readable model to any writable form. OUT appears only after {@link ConversionProof} has run
 * both models over the same tokens and found them to agree.
 */
@Command(
        name = "convert",
        mixinStandardHelpOptions = true,
        description = "Writes a model in another form, and proves that it computes the same before OUT appears.")
final class Convert implements Callable<Integer> {
    /**
     * What {@code --json} prints.
     *
     * @param losses what was rounded or means something else now; empty if the conversion is lossless
     * @param bitEqual whether OUT's logits equalled IN's to the bit on the probe
     * @param logitsDifference the largest difference on the probe, as a share of the logits' range
     */
    record Converted(
            String path,
            String type,
            long bytes,
            int tensors,
            List<String> losses,
            boolean bitEqual,
            double logitsDifference) {}

    private final Stdio stdio;

    @Parameters(
            index = "0",
            paramLabel = "IN",
            description = "A GGUF file, a safetensors file, a checkpoint directory or a pulled model's name.")
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
                    + " q8_0 (default: ${DEFAULT-VALUE}). hf-packed makes a directory; so do f32, f16 and bf16 unless"
                    + " OUT ends in .gguf.")
    private String type = "i2_s";

    @Mixin
    private final EmbeddingOption embedding = new EmbeddingOption();

    @Option(
            names = "--tolerance",
            paramLabel = "SHARE",
            description = "Refuse a conversion with losses whose logits differ by more than this share of their range"
                    + " (default: ${DEFAULT-VALUE}).")
    private float tolerance = 0.05f;

    @Mixin
    private final ThreadOptions threads = new ThreadOptions();

    @Mixin
    private final KernelOptions kernels = new KernelOptions();

    @Mixin
    private final JsonOption json = new JsonOption();

    Convert(Stdio stdio) {
        this.stdio = stdio;
    }

    @Override
    public Integer call() throws IOException {
        var conversion = new Conversion(WeightType.named(type), embedding.type());
        if (!(tolerance >= 0)) {
            throw new CommandException(ExitCode.USAGE, "--tolerance: expected a share of 0 or more, got " + tolerance);
        }
        in = Models.existing(in);
        if (Files.exists(out) && Files.isSameFile(in, out)) {
            throw new CommandException(ExitCode.USAGE, "IN and OUT are the same file: " + out);
        }
        try (Staged staged = new Staged(out, conversion.writesDirectory(out))) {
            Conversion.Result result = write(conversion, staged.path());
            for (String loss : result.losses()) {
                stdio.err().println("trit: " + loss);
            }
            var proof = new ConversionProof(stdio, threads.threads, kernels).run(in, staged.path());
            refuseUnlessProven(result, proof);
            staged.publish();
            print(result, proof);
            return ExitCode.OK.status();
        }
    }

    private Conversion.Result write(Conversion conversion, Path staged) {
        try (Checkpoint checkpoint = Checkpoint.open(in);
                Progress progress = new Progress(
                        stdio, "converting tensors", checkpoint.tensors().size())) {
            long[] done = {0};
            return conversion.run(
                    checkpoint, staged, new StoredTokenizer(checkpoint), name -> progress.at(done[0]++, name));
        }
    }

    private void refuseUnlessProven(Conversion.Result result, ConversionProof.Outcome proof) {
        if (result.lossless() && !proof.bitEqual()) {
            throw new CommandException(
                    ExitCode.FAILURE,
                    "refused: the conversion should lose nothing, but logits differ by %.3g of their range; %s was not written"
                            .formatted(proof.difference(), out));
        }
        if (!(proof.difference() <= tolerance)) {
            throw new CommandException(
                    ExitCode.FAILURE,
                    "refused: logits differ by %.3g of their range, allowed are %s; %s was not written. --tolerance allows more"
                            .formatted(proof.difference(), tolerance, out));
        }
    }

    private void print(Conversion.Result result, ConversionProof.Outcome proof) throws IOException {
        var converted = new Converted(
                out.toString(),
                type,
                Staged.bytes(out),
                result.tensors(),
                result.losses(),
                proof.bitEqual(),
                proof.difference());
        if (json.json) {
            stdio.out().println(JsonOption.text(converted));
            return;
        }
        stdio.out()
                .printf(
                        Locale.ROOT,
                        "%s: %d tensors, %,d bytes; logits on %d tokens %s%n",
                        converted.path(),
                        converted.tensors(),
                        converted.bytes(),
                        ConversionProof.TOKENS,
                        proof.bitEqual()
                                ? "equal to the bit"
                                : String.format(Locale.ROOT, "within %.2g of their range", proof.difference()));
    }
}
