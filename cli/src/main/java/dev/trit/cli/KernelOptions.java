package dev.trit.cli;

import dev.trit.tensor.Kernels;
import dev.trit.tensor.KernelsProvider;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** Which kernels compute; the choice never changes a bit of the result. */
public final class KernelOptions {
    private static final Set<String> NAMES = Set.of("native", "vector", "scalar");

    @Option(
            names = "--kernels",
            paramLabel = "NAME",
            description = "native, vector or scalar (default: the fastest that run here).")
    @Nullable String kernels;

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
