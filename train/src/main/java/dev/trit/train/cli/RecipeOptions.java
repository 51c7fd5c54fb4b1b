package dev.trit.train.cli;

import dev.trit.cli.CommandException;
import dev.trit.cli.ExitCode;
import dev.trit.cli.Paths;
import dev.trit.train.RecipeDraft;
import dev.trit.train.RecipeField;
import dev.trit.train.RecipeYaml;
import java.io.IOException;
import java.nio.file.Path;
import java.util.EnumMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Model.ArgGroupSpec;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;

/** A flag for every field of a recipe, and a file of them. Flags win over the file, the file over what the size says. */
final class RecipeOptions {
    private final Map<RecipeField, String> flags = new EnumMap<>(RecipeField.class);
    private @Nullable Path file;

    void addTo(CommandSpec command) {
        ArgGroupSpec.Builder group = ArgGroupSpec.builder()
                .exclusive(false)
                .multiplicity("0..1")
                .validate(false)
                .order(10)
                .heading("%nRecipe (what is not given follows from size, family and weights):%n");
        group.addArg(OptionSpec.builder("--recipe")
                .paramLabel("FILE")
                .type(Path.class)
                .description("YAML with any of these fields; RUN/recipe.yaml has them all.")
                .setter(new OptionSetter(value -> file = (Path) value))
                .build());
        for (RecipeField field : RecipeField.values()) {
            group.addArg(OptionSpec.builder(field.flag())
                    .paramLabel(field.label())
                    .type(String.class)
                    .description(field.description() + ".")
                    .setter(new OptionSetter(value -> flags.put(field, (String) value)))
                    .build());
        }
        command.addArgGroup(group.build());
    }

    /** Whether no recipe was asked for. */
    boolean isEmpty() {
        return flags.isEmpty() && file == null;
    }

    /**
     * Sets what the file and the flags say.
     *
     * @throws dev.trit.train.TrainException for a field that is unknown or of another kind
     */
    void setOn(RecipeDraft draft) throws IOException {
        if (file != null) {
            RecipeYaml.read(Paths.existing(file), draft);
        }
        if (flags.containsKey(RecipeField.STEPS) && flags.containsKey(RecipeField.TOKENS)) {
            throw new CommandException(ExitCode.USAGE, "--steps and --tokens say the same: give one of them");
        }
        flags.forEach((field, value) -> draft.set(field, field.flag(), value));
    }

    /** Picocli sets null before it parses; that is no value. */
    private record OptionSetter(java.util.function.Consumer<Object> to) implements picocli.CommandLine.Model.ISetter {
        @Override
        @SuppressWarnings("TypeParameterUnusedInFormals")
        public <T> @Nullable T set(@Nullable T value) {
            if (value != null) {
                to.accept(value);
            }
            return null;
        }
    }
}
