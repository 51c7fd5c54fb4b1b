package dev.trit.train;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import tools.jackson.core.JacksonException;
import tools.jackson.core.StreamReadFeature;
import tools.jackson.databind.JsonNode;
import tools.jackson.dataformat.yaml.YAMLMapper;

/**
 * Recipes as YAML files: any of the fields of {@link RecipeField}, those of the shape under {@code model}. What {@link
 * #text} writes has all of them, and reads back as an equal recipe.
 */
public final class RecipeYaml {
    private static final YAMLMapper MAPPER = YAMLMapper.builder()
            .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
            .build();

    private RecipeYaml() {}

    /**
     * Sets what the file says.
     *
     * @throws TrainException for a name that is not known, said twice, or of another kind; names the file and the field
     * @throws IOException if the file cannot be read
     */
    public static void read(Path file, RecipeDraft into) throws IOException {
        JsonNode root;
        try {
            root = MAPPER.readTree(Files.readString(file));
        } catch (JacksonException e) {
            throw new TrainException("%s: not YAML that can be read: %s".formatted(file, e.getOriginalMessage()), e);
        }
        if (!root.isObject()) {
            throw new TrainException("%s: expected names and values, got %s".formatted(file, root.getNodeType()));
        }
        fields(file, "", root, into);
    }

    private static void fields(Path file, String prefix, JsonNode node, RecipeDraft into) {
        for (String name : node.propertyNames()) {
            String path = prefix + name;
            JsonNode value = node.path(name);
            if (path.equals("model") && value.isObject()) {
                fields(file, "model.", value, into);
                continue;
            }
            Optional<RecipeField> field = RecipeField.at(path);
            if (field.isEmpty()) {
                throw new TrainException(
                        "%s: unknown field %s: trit train --help lists those there are".formatted(file, path));
            }
            if (!value.isValueNode() || value.isNull()) {
                throw new TrainException("%s: %s: expected one value, got %s".formatted(file, path, value));
            }
            into.set(field.get(), file + ": " + path, value.asString());
        }
    }

    /** The whole recipe, each field with what it means. */
    public static String text(Recipe recipe) {
        StringBuilder out = new StringBuilder("# Recipe of trit train; --recipe reads it.\n");
        JsonNode tree = RecipeJson.write(recipe);
        append(out, "", tree);
        return out.toString();
    }

    private static void append(StringBuilder out, String prefix, JsonNode node) {
        for (String name : node.propertyNames()) {
            JsonNode value = node.path(name);
            if (value.isObject()) {
                out.append(name).append(":\n");
                append(out, name + ".", value);
                continue;
            }
            String path = prefix + name;
            String meaning = RecipeField.at(path)
                    .map(RecipeField::description)
                    .orElseThrow(() -> new IllegalStateException("a field without a name: " + path));
            String line = (prefix.isEmpty() ? "" : "  ") + name + ": " + value.asString();
            out.append("%-34s # %s%n".formatted(line, meaning));
        }
    }
}
