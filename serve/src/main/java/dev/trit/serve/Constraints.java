package dev.trit.serve;

import dev.trit.model.Constraint;
import dev.trit.model.ModelException;
import dev.trit.model.chat.Tools;
import dev.trit.model.grammar.Grammar;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/** What a request says about the form of its answer: {@code response_format}, {@code grammar}, a tool that must be called. */
final class Constraints {
    private static final int LONGEST_GRAMMAR = 1 << 18;

    private Constraints() {}

    /** @throws ServeException if the form is not known, or a schema or grammar cannot be followed */
    static @Nullable Constraint of(Fields body, LoadedModel model) {
        String grammar = body.string("grammar");
        JsonNode node = body.get("response_format");
        if (grammar != null && node != null) {
            throw ServeException.invalid("grammar", "grammar and response_format exclude each other");
        }
        if (grammar != null) {
            if (grammar.length() > LONGEST_GRAMMAR) {
                throw ServeException.invalid("grammar", "grammar is longer than " + LONGEST_GRAMMAR + " characters");
            }
            return compiled(model, "grammar", "gbnf " + grammar, () -> Grammar.gbnf(grammar));
        }
        if (node == null) {
            return null;
        }
        Fields format = Fields.of(node, "response_format");
        String type = String.valueOf(format.string("type"));
        return switch (type) {
            case "text" -> null;
            case "json_object" -> compiled(model, "response_format", "json", Grammar::jsonObject);
            case "json_schema" -> schema(model, format);
            default ->
                throw ServeException.invalid(
                        "response_format.type",
                        "response_format.type must be text, json_object or json_schema, got " + type);
        };
    }

    /** OpenAI has the schema in {@code json_schema.schema}, llama.cpp in {@code schema}. */
    private static Constraint schema(LoadedModel model, Fields format) {
        JsonNode named = format.get("json_schema");
        JsonNode schema = named == null
                ? format.get("schema")
                : Fields.of(named, "response_format.json_schema").get("schema");
        if (schema == null) {
            throw ServeException.invalid(
                    "response_format.json_schema", "response_format.json_schema.schema is missing");
        }
        return compiled(model, "response_format.json_schema", "schema " + schema, () -> Grammar.jsonSchema(schema));
    }

    /** That the answer is a call of one of the tools, with arguments that its parameters allow. */
    static Constraint call(Tools tools, LoadedModel model) {
        try {
            return tools.call(model.model(), model.grammars());
        } catch (ModelException e) {
            throw ServeException.invalid("tools", "tools: " + e.getMessage());
        }
    }

    private static Constraint compiled(LoadedModel model, String param, String key, Supplier<Grammar> grammar) {
        try {
            return model.grammars().get(key, grammar);
        } catch (ModelException e) {
            throw ServeException.invalid(param, param + ": " + e.getMessage());
        }
    }
}
