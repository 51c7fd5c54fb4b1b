package dev.trit.cli;

import dev.trit.model.Head;
import dev.trit.tensor.Kernels;
import dev.trit.tensor.KernelsProvider;
import dev.trit.tensor.KvType;
import dev.trit.tensor.TensorException;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** Which kernels compute, which never changes a bit of the result, how the head is read and how keys and values are held. */
public final class KernelOptions {
    private static final Set<String> NAMES = Set.of("native", "vector", "scalar");

    @Option(
            names = "--kernels",
            paramLabel = "NAME",
            description = "native, vector or scalar (default: the fastest that run here).")
    @Nullable String kernels;

    @Option(
            names = "--head",
            paramLabel = "HOW",
            description =
                    "exact: read all of the output head for each token; screened: a 4-bit copy first, then the rows that"
                            + " can win, a statistical guarantee (default: exact).")
    @Nullable String head;

    @Option(
            names = "--kv",
            paramLabel = "TYPE",
            description =
                    "Keys and values in memory: f32 as computed, f16 half the bytes, q8 a quarter" + " (default: f32).")
    @Nullable String kv;

    /** How keys and values are held, null for the default. @throws CommandException if there is no such type */
    public @Nullable KvType kv() {
        try {
            return kv == null ? null : KvType.of(kv);
        } catch (TensorException e) {
            throw new CommandException(ExitCode.USAGE, "--kv: expected f32, f16 or q8, got '" + kv + "'", e);
        }
    }

    /** How the head is to be read, null for exact. @throws CommandException if there is no such way */
    public @Nullable Head head() {
        return switch (head) {
            case null -> null;
            case "exact" -> Head.EXACT;
            case "screened" -> Head.SCREENED;
            default ->
                throw new CommandException(ExitCode.USAGE, "--head: expected exact or screened, got '" + head + "'");
        };
    }

    /**
     * The kernels asked for, or the fastest.
     *
     * @throws CommandException if there are none of that name
     * @throws dev.trit.tensor.TensorException if they cannot run here
     */
    public Kernels choose() {
        if (kernels != null && !NAMES.contains(kernels)) {
            throw new CommandException(
                    ExitCode.USAGE, "--kernels: expected native, vector or scalar, got '" + kernels + "'");
        }
        if ("vector".equals(kernels) || (kernels == null && KernelsProvider.nativeRefusal() != null)) {
            VectorModule.load();
        }
        return KernelsProvider.choose(kernels);
    }
}
