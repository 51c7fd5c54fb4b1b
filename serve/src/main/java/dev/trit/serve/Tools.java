package dev.trit.serve;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/**
 * The functions a chat may call, and whether it must.
 *
 * @param functions name to description, as the client sent it; empty if there are none or none may be called
 * @param forced the model has to call one of them
 */
record Tools(Map<String, JsonNode> functions, boolean forced) {
    private static final int MOST = 128;

    /** Reads {@code tools} and {@code tool_choice}, and the older {@code functions}. */
    static Tools of(Fields body) {
        Map<String, JsonNode> functions = new LinkedHashMap<>();
        JsonNode list = body.get("tools");
        if (list == null) {
            return new Tools(functions, false);
        }
        if (!list.isArray() || list.size() > MOST) {
            throw body.wrong("tools", "an array of at most " + MOST, list);
        }
        for (JsonNode tool : list) {
            Fields fields = Fields.of(tool, "tools[]");
            if (!"function".equals(fields.string("type")) || !fields.has("function")) {
                throw ServeException.invalid(
                        "tools", "each tool must be {\"type\": \"function\", \"function\": {...}}");
            }
            JsonNode function = tool.get("function");
            String name = Fields.of(function, "tools[].function").string("name");
            if (name == null || !name.matches("[\\w.-]{1,128}")) {
                throw ServeException.invalid("tools", "each function needs a name of letters, digits, _ . and -");
            }
            functions.put(name, tool);
        }
        return chosen(body, functions);
    }

    private static Tools chosen(Fields body, Map<String, JsonNode> functions) {
        JsonNode choice = body.get("tool_choice");
        if (choice == null) {
            return new Tools(functions, false);
        }
        if (choice.isString()) {
            return switch (choice.asString()) {
                case "auto" -> new Tools(functions, false);
                case "none" -> new Tools(Map.of(), false);
                case "required" -> new Tools(functions, !functions.isEmpty());
                default -> throw body.wrong("tool_choice", "auto, none, required or a function", choice);
            };
        }
        String name = choice.path("function").path("name").asString("");
        JsonNode function = functions.get(name);
        if (function == null) {
            throw ServeException.invalid("tool_choice", "tool_choice names no function of tools: '" + name + "'");
        }
        return new Tools(Map.of(name, function), true);
    }

    boolean isEmpty() {
        return functions.isEmpty();
    }

    /** For templates: the tools as plain maps, or null for none. */
    @Nullable List<?> plain() {
        List<@Nullable Object> plain = new ArrayList<>();
        functions.values().forEach(tool -> plain.add(Json.plain(tool)));
        return plain.isEmpty() ? null : plain;
    }

    /** For models whose template knows no tools: what to put into the system message, in the manner of Hermes. */
    String instructions() {
        StringBuilder text = new StringBuilder(
                "You can call functions. Each line between <tools> and </tools> describes one:\n<tools>\n");
        functions
                .values()
                .forEach(tool -> text.append(Json.text(tool.get("function"))).append('\n'));
        return text.append(
                        "</tools>\nTo call a function, answer with its name and arguments as JSON, in this form only:\n")
                .append("<tool_call>\n{\"name\": \"FUNCTION\", \"arguments\": {...}}\n</tool_call>")
                .toString();
    }
}
