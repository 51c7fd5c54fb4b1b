package dev.trit.cli;

import dev.trit.model.LoadOptions;
import dev.trit.model.Model;
import dev.trit.model.ModelException;
import dev.trit.text.TextException;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Which model, and how it is loaded. */
final class ModelOptions {
    @Option(
            names = {"-m", "--model"},
            paramLabel = "MODEL",
            description = "A GGUF file, a safetensors file, a checkpoint directory or a pulled model's name"
                    + " (default: the built-in model).")
    @Nullable Path path;

    @Mixin
    final ThreadOptions threads = new ThreadOptions();

    @Mixin
    final KernelOptions kernels = new KernelOptions();

    /** The path named, else the built-in model. */
    Path path() {
        if (path != null) {
            return Models.existing(path);
        }
        Path builtIn = DefaultModel.file();
        if (builtIn == null) {
            throw new CommandException(
                    ExitCode.NO_FILE, "no model is built in yet: name one, for example -m model.gguf");
        }
        return builtIn;
    }

    /**
     * Loads the model and says on stderr what is odd about it.
     *
     * @param contextLength positions of a session, 0 for what the model was trained for
     * @throws CommandException if it cannot be loaded
     */
    Model load(int contextLength, Stdio stdio) {
        Model model = load(path(), threads.threads, contextLength, kernels);
        for (String warning : model.warnings()) {
            stdio.err().println("trit: " + model.name() + ": " + warning);
        }
        return model;
    }

    /** Loads {@code path} silently; as {@link #load(int, Stdio)} otherwise. */
    static Model load(Path path, int threads, int contextLength, KernelOptions kernels) {
        var options = new LoadOptions(kernels.choose().name(), threads, contextLength, kernels.head(), kernels.kv());
        try {
            return Model.load(path, options);
        } catch (ModelException | TextException e) {
            throw new CommandException(ExitCode.BAD_MODEL, String.valueOf(e.getMessage()), e);
        }
    }
}
