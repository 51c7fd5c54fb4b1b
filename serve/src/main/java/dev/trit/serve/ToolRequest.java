package dev.trit.serve;

import dev.trit.model.chat.Tools;
import java.util.LinkedHashMap;
import java.util.Map;
import tools.jackson.databind.JsonNode;

/** What a request says about the functions its chat may call. */
final class ToolRequest {
    private static final int MOST = 128;

    private ToolRequest() {}

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
}
