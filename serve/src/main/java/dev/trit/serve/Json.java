package dev.trit.serve;

import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** JSON in and out: trees for what comes, maps for what goes. */
final class Json {
    private static final JsonMapper MAPPER = JsonMapper.shared();

    private Json() {}

    /** An object of {@code name, value, name, value, ...}; null values become null. */
    static Map<String, @Nullable Object> object(@Nullable Object... namesAndValues) {
        Map<String, @Nullable Object> object = new LinkedHashMap<>();
        for (int i = 0; i < namesAndValues.length; i += 2) {
            object.put(String.valueOf(namesAndValues[i]), namesAndValues[i + 1]);
        }
        return object;
    }

    static byte[] bytes(Object value) {
        return MAPPER.writeValueAsBytes(value);
    }

    static String text(Object value) {
        return MAPPER.writeValueAsString(value);
    }

    /** @throws ServeException if it is not JSON, with the place */
    static JsonNode parse(byte[] utf8) {
        try {
            JsonNode node = MAPPER.readTree(utf8);
            if (node.isMissingNode()) {
                throw ServeException.invalid(null, "the body is empty: expected a JSON object");
            }
            return node;
        } catch (JacksonException e) {
            throw ServeException.invalid(null, "the body is not JSON: " + e.getOriginalMessage());
        }
    }

    /** The value of a text, or null if it is not JSON. */
    static @Nullable JsonNode parseOrNull(String text) {
        try {
            JsonNode node = MAPPER.readTree(text);
            return node.isMissingNode() ? null : node;
        } catch (JacksonException e) {
            return null; // the caller asked whether it is JSON
        }
    }

    /** As null, Boolean, Number, String, List and Map: what templates take. */
    static @Nullable Object plain(JsonNode node) {
        return node.isNull() ? null : MAPPER.convertValue(node, Object.class);
    }
}
