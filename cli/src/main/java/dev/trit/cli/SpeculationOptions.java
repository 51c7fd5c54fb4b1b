package dev.trit.cli;

import dev.trit.model.Model;
import dev.trit.model.ModelException;
import dev.trit.model.Speculator;
import java.nio.file.Path;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** Whether several tokens are computed in a pass over the weights, and who guesses them. */
final class SpeculationOptions {
    /** How the next tokens are guessed. */
    enum Method {
        OFF,
        NGRAM;

        @Override
        public String toString() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    /** A speculator, and the model that drafts for it, if any. */
    record Speculation(
            @Nullable Speculator speculator, @Nullable Model draft) implements AutoCloseable {
        /** Of the same kind, for texts of {@code model}; has learnt nothing yet. */
        Speculator another(Model model) {
            return draft == null ? Speculator.ngram() : Speculator.model(draft, model);
        }

        @Override
        public void close() {
            if (speculator != null) {
                speculator.close();
            }
            if (draft != null) {
                draft.close();
            }
        }
    }

    @Option(
            names = "--speculate",
            paramLabel = "HOW",
            description =
                    "ngram: guess the next tokens from where the text went the same way before and check several in"
                            + " one pass; faster where it repeats itself, never another text. off: a token a pass"
                            + " (default: ${DEFAULT-VALUE}).")
    private Method method = Method.OFF;

    @Option(
            names = "--draft",
            paramLabel = "MODEL",
            description = "Guess them with this smaller model of the same vocabulary instead.")
    private @Nullable Path draft;

    /** Whether anybody is to guess. */
    boolean asked() {
        return draft != null || method != Method.OFF;
    }

    /**
     * What was asked for, for texts of {@code model}.
     *
     * @param threads and {@code kernels} of the draft model
     * @throws CommandException if the draft model cannot be loaded or has other tokens
     */
    Speculation open(Model model, int threads, KernelOptions kernels) {
        if (draft == null) {
            return new Speculation(method == Method.NGRAM ? Speculator.ngram() : null, null);
        }
        Model drafter = ModelOptions.load(Models.existing(draft), threads, 0, kernels);
        try {
            return new Speculation(Speculator.model(drafter, model), drafter);
        } catch (ModelException e) {
            drafter.close();
            throw new CommandException(ExitCode.BAD_MODEL, String.valueOf(e.getMessage()), e);
        }
    }
}
