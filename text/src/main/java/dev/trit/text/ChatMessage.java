package dev.trit.text;

import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * One turn of a conversation as templates see it.
 *
 * @param role {@code system}, {@code user}, {@code assistant}, {@code tool}, or what the template knows beside these
 * @param content the text; null where a turn has none, as an assistant's that only calls tools
 * @param fields further members a template may read: {@code tool_calls}, {@code tool_call_id}, {@code name}, ...;
 *     values are null, Boolean, Number, String, List and Map
 */
public record ChatMessage(String role, @Nullable String content, Map<String, ?> fields) {
    public ChatMessage(String role, @Nullable String content) {
        this(role, content, Map.of());
    }

    public static ChatMessage system(String content) {
        return new ChatMessage("system", content);
    }

    public static ChatMessage user(String content) {
        return new ChatMessage("user", content);
    }

    public static ChatMessage assistant(String content) {
        return new ChatMessage("assistant", content);
    }

    /** The message as a template's mapping: role, content, then the fields. */
    Map<String, @Nullable Object> toMap() {
        Map<String, @Nullable Object> map = new LinkedHashMap<>();
        map.put("role", role);
        map.put("content", content);
        map.putAll(fields);
        return map;
    }
}
