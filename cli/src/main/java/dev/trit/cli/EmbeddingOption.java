package dev.trit.cli;

import dev.trit.format.Quantize;
import dev.trit.tensor.DType;
import java.util.Arrays;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** What embedding and head of a written model are stored as. */
public final class EmbeddingOption {
    @Option(
            names = "--embedding-type",
            paramLabel = "T",
            description = "Of embedding and head: f32, f16, bf16, q8_0 or q6_k (default: as they are).")
    @Nullable String embeddingType;

    /**
     * The type asked for; null to keep what is there.
     *
     * @throws CommandException for a type that is not written
     */
    public @Nullable DType type() {
        if (embeddingType == null) {
            return null;
        }
        String wanted = embeddingType.toUpperCase(Locale.ROOT);
        return Arrays.stream(DType.values())
                .filter(t -> t.name().equals(wanted) && Quantize.canWrite(t))
                .findFirst()
                .orElseThrow(() -> new CommandException(
                        ExitCode.USAGE,
                        "--embedding-type: expected f32, f16, bf16, q8_0 or q6_k, got '" + embeddingType + "'"));
    }
}
