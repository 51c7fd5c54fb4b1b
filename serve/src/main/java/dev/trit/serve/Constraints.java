package dev.trit.serve;

import dev.trit.model.Constraint;
import dev.trit.model.Model;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/** What a request says about the form of its answer: {@code response_format}. */
final class Constraints {
    private Constraints() {}

    /** @throws ServeException if the form is not known */
    static @Nullable Constraint of(Fields body, Model model) {
        JsonNode node = body.get("response_format");
        if (node == null) {
            return null;
        }
        Fields format = Fields.of(node, "response_format");
        String type = String.valueOf(format.string("type"));
        if (type.equals("text")) {
            return null;
        }
        throw ServeException.invalid("response_format.type", "response_format.type must be text, got " + type);
    }

    /** That the answer is a call of one of the tools. */
    static @Nullable Constraint call(Tools tools, Model model) {
        throw ServeException.invalid("tool_choice", "tool_choice must be auto or none");
    }
}
