package dev.trit.serve;

import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/**
 * A call that a model wrote.
 *
 * @param arguments JSON, as text: what the protocol hands on
 */
record ToolCall(String id, String name, String arguments) {
    /**
     * The call that a JSON object says: {@code {"name", "arguments"}}, or Llama's {@code {"name", "parameters"}}.
     *
     * @return null if it is none, or of a function that is not there
     */
    static @Nullable ToolCall of(JsonNode node, Tools tools) {
        String name = node.path("name").asString("");
        JsonNode arguments = node.has("arguments") ? node.get("arguments") : node.get("parameters");
        if (!tools.functions().containsKey(name)) {
            return null;
        }
        String text = arguments == null || arguments.isNull()
                ? "{}"
                : arguments.isString() ? arguments.asString() : Json.text(arguments);
        return new ToolCall(Ids.next("call_"), name, text);
    }

    /** As a member of {@code tool_calls}. */
    Object json() {
        return Json.object("id", id, "type", "function", "function", Json.object("name", name, "arguments", arguments));
    }

    /** As a member of a streamed {@code delta.tool_calls}. */
    Object delta(int index) {
        return Json.object(
                "index",
                index,
                "id",
                id,
                "type",
                "function",
                "function",
                Json.object("name", name, "arguments", arguments));
    }
}
