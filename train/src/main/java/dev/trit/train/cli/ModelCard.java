package dev.trit.train.cli;

import dev.trit.train.Recipe;
import dev.trit.train.RecipeYaml;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What a published model says of itself, in GGUF's metadata or in a README.md.
 *
 * @param name of the model
 * @param parameters trained values, embedding included
 * @param data what the tokens are called
 * @param tokens seen in training
 * @param steps optimizer steps
 * @param validation newest look at the held-out tokens; null if there was none
 * @param more fields that the caller gives: {@code general.license}, {@code general.author}, ...
 */
record ModelCard(
        String name,
        Recipe recipe,
        long parameters,
        String data,
        long tokens,
        int steps,
        @Nullable Validation validation,
        Map<String, String> more) {

    /** @param bitsPerByte null where the bytes are not known */
    record Validation(
            double loss, double perplexity, @Nullable Double bitsPerByte) {}

    /** 8.4M, 1.3B. */
    static String sizeLabel(long parameters) {
        return parameters >= 999_500_000
                ? String.format(Locale.ROOT, "%.1fB", parameters / 1e9)
                : String.format(Locale.ROOT, parameters < 9_950_000 ? "%.1fM" : "%.0fM", parameters / 1e6);
    }

    /** One sentence. */
    String description() {
        String kind = switch (recipe.weights()) {
            case "b1.58" -> "Ternary (b1.58)";
            case "b1" -> "Binary (b1)";
            default -> "Full-precision";
        };
        StringBuilder text = new StringBuilder(String.format(
                Locale.ROOT,
                "%s language model of %,d parameters, trained from scratch on %,d tokens",
                kind,
                parameters,
                tokens));
        if (validation != null) {
            text.append(String.format(Locale.ROOT, "; held-out perplexity %.3f", validation.perplexity()));
            if (validation.bitsPerByte() != null) {
                text.append(String.format(Locale.ROOT, ", %.4f bits per byte", validation.bitsPerByte()));
            }
        }
        return text.append('.').toString();
    }

    /** GGUF's general fields, and under {@code training.} what it takes to train the model again. */
    Map<String, Object> metadata() {
        Map<String, Object> all = new LinkedHashMap<>();
        all.put("general.type", "model");
        all.put("general.name", name);
        all.put("general.size_label", sizeLabel(parameters));
        all.put("general.description", description());
        all.put("general.tags", List.of("text-generation", "bitnet", recipe.weights()));
        all.putAll(more);
        all.put("training.data", data);
        all.put("training.tokens", tokens);
        all.put("training.steps", steps);
        if (validation != null) {
            all.put("training.held_out.loss", validation.loss());
            all.put("training.held_out.perplexity", validation.perplexity());
            if (validation.bitsPerByte() != null) {
                all.put("training.held_out.bits_per_byte", validation.bitsPerByte());
            }
        }
        all.put("training.recipe", RecipeYaml.text(recipe));
        return all;
    }

    /** The README.md of a Hugging Face folder: front matter, then the same facts. */
    String readme() {
        StringBuilder text = new StringBuilder("---\npipeline_tag: text-generation\ntags:\n- bitnet\n- ")
                .append(recipe.weights())
                .append('\n');
        String license = more.get("general.license");
        if (license != null) {
            text.append("license: ").append(license).append('\n');
        }
        text.append("---\n\n# ")
                .append(name)
                .append("\n\n")
                .append(description())
                .append("\n\n| | |\n|---|---|\n");
        metadata().forEach((key, value) -> {
            if (!key.equals("training.recipe") && !key.equals("general.description") && !key.equals("general.name")) {
                text.append("| ").append(key).append(" | ").append(value).append(" |\n");
            }
        });
        return text.append("\n## Recipe\n\n```yaml\n")
                .append(RecipeYaml.text(recipe))
                .append("```\n")
                .toString();
    }
}
