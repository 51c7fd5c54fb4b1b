package dev.trit.serve;

import dev.trit.text.ChatMessage;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/** {@code messages} of a chat as templates take them. */
final class ChatMessages {
    private static final int MOST = 4096;
    private static final Set<String> ROLES = Set.of("system", "developer", "user", "assistant", "tool", "function");

    private ChatMessages() {}

    /** @throws ServeException if a message is not one */
    static List<ChatMessage> of(Fields body) {
        JsonNode list = body.get("messages");
        if (list == null) {
            throw ServeException.invalid("messages", "messages is missing");
        }
        if (!list.isArray() || list.isEmpty() || list.size() > MOST) {
            throw body.wrong("messages", "an array of 1 to " + MOST + " messages", list);
        }
        List<ChatMessage> messages = new ArrayList<>();
        for (int i = 0; i < list.size(); i++) {
            messages.add(message(Fields.of(list.get(i), "messages[" + i + "]")));
        }
        return messages;
    }

    private static ChatMessage message(Fields fields) {
        String role = fields.string("role");
        if (role == null || !ROLES.contains(role)) {
            throw ServeException.invalid(
                    "messages", "a message needs a role: system, user, assistant or tool, got " + role);
        }
        role = role.equals("developer") ? "system" : role.equals("function") ? "tool" : role;
        Map<String, @Nullable Object> more = new LinkedHashMap<>();
        for (String name : new String[] {"name", "tool_call_id"}) {
            String value = fields.string(name);
            if (value != null) {
                more.put(name, value);
            }
        }
        JsonNode calls = fields.get("tool_calls");
        if (calls != null && !calls.isEmpty()) {
            more.put("tool_calls", calls(fields, calls));
        }
        String content = content(fields);
        if (content == null && !more.containsKey("tool_calls")) {
            throw ServeException.invalid("messages", "a message of role " + role + " needs content");
        }
        return new ChatMessage(role, content, more);
    }

    /** A string, or parts of which only text is understood. */
    private static @Nullable String content(Fields fields) {
        JsonNode content = fields.get("content");
        if (content == null || content.isString()) {
            return content == null ? null : content.asString();
        }
        if (!content.isArray()) {
            throw fields.wrong("content", "a string or an array of parts", content);
        }
        StringBuilder text = new StringBuilder();
        for (JsonNode part : content) {
            Fields of = Fields.of(part, "content[]");
            String type = of.string("type");
            String piece = of.string("text");
            if (!"text".equals(type) || piece == null) {
                throw ServeException.invalid("messages", "the models here read text only, got a part of type " + type);
            }
            text.append(piece);
        }
        return text.toString();
    }

    /** Arguments come as text and go to templates as values, as Hugging Face's templates expect them. */
    private static List<Object> calls(Fields fields, JsonNode calls) {
        if (!calls.isArray()) {
            throw fields.wrong("tool_calls", "an array", calls);
        }
        List<Object> plain = new ArrayList<>();
        for (JsonNode call : calls) {
            Fields of = Fields.of(call, "tool_calls[]");
            JsonNode function = of.get("function");
            Fields called = Fields.of(function == null ? call : function, "tool_calls[].function");
            String name = called.string("name");
            if (name == null) {
                throw ServeException.invalid("messages", "a tool call needs a name");
            }
            JsonNode arguments = called.get("arguments");
            JsonNode parsed =
                    arguments != null && arguments.isString() ? Json.parseOrNull(arguments.asString()) : arguments;
            Object value = parsed != null ? Json.plain(parsed) : arguments == null ? Map.of() : arguments.asString();
            plain.add(Json.object(
                    "id",
                    of.string("id"),
                    "type",
                    "function",
                    "function",
                    Json.object("name", name, "arguments", value)));
        }
        return plain;
    }
}
