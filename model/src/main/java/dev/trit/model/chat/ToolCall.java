package dev.trit.model.chat;

import dev.trit.text.ChatMessage;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ThreadLocalRandom;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * A call that a model wrote.
 *
 * @param id no other call has it
 * @param arguments JSON, as text: what the protocols hand on
 */
public record ToolCall(String id, String name, String arguments) {
    private static final JsonMapper MAPPER = JsonMapper.shared();

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
                : arguments.isString() ? arguments.asString() : MAPPER.writeValueAsString(arguments);
        ThreadLocalRandom random = ThreadLocalRandom.current();
        return new ToolCall("call_%016x%08x".formatted(random.nextLong(), random.nextInt()), name, text);
    }

    /**
     * The assistant's message that made these calls, as templates read it: arguments as values, where they are JSON.
     *
     * @param content what it said beside them, or null
     */
    public static ChatMessage message(@Nullable String content, List<ToolCall> calls) {
        List<Object> plain = new ArrayList<>();
        for (ToolCall call : calls) {
            JsonNode parsed = parseOrNull(call.arguments);
            Map<String, Object> function = new LinkedHashMap<>(); // in this order templates print them
            function.put("name", call.name);
            function.put("arguments", parsed == null ? call.arguments : MAPPER.convertValue(parsed, Object.class));
            Map<String, Object> one = new LinkedHashMap<>();
            one.put("id", call.id);
            one.put("type", "function");
            one.put("function", function);
            plain.add(one);
        }
        return new ChatMessage("assistant", content, plain.isEmpty() ? Map.of() : Map.of("tool_calls", plain));
    }

    /** The value of a text, or null if it is not JSON or nothing. */
    static @Nullable JsonNode parseOrNull(String text) {
        try {
            JsonNode node = MAPPER.readTree(text);
            return node.isMissingNode() || node.isNull() ? null : node;
        } catch (JacksonException e) {
            return null; // the caller asked whether it is JSON
        }
    }
}
