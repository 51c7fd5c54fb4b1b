package dev.trit.serve;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/** The members of a JSON object that a client sent. What is absent or null takes its default; what is wrong is named. */
final class Fields {
    private final JsonNode node;
    private final String prefix; // of names in messages

    private Fields(JsonNode node, String prefix) {
        this.node = node;
        this.prefix = prefix;
    }

    /** @throws ServeException if the body is not a JSON object */
    static Fields of(byte[] body) {
        return of(Json.parse(body), "");
    }

    /** @param where the name of this object in messages; empty for the body itself */
    static Fields of(JsonNode node, String where) {
        if (!node.isObject()) {
            throw where.isEmpty()
                    ? ServeException.invalid(null, "the body must be a JSON object, got " + kind(node))
                    : ServeException.invalid(where, where + " must be an object, got " + kind(node));
        }
        return new Fields(node, where.isEmpty() ? "" : where + ".");
    }

    /** The value, or null where it is absent or null. */
    @Nullable JsonNode get(String name) {
        JsonNode value = node.get(name);
        return value == null || value.isNull() ? null : value;
    }

    boolean has(String name) {
        return get(name) != null;
    }

    @Nullable String string(String name) {
        JsonNode value = get(name);
        if (value != null && !value.isString()) {
            throw wrong(name, "a string", value);
        }
        return value == null ? null : value.asString();
    }

    boolean flag(String name, boolean otherwise) {
        JsonNode value = get(name);
        if (value != null && !value.isBoolean()) {
            throw wrong(name, "true or false", value);
        }
        return value == null ? otherwise : value.asBoolean();
    }

    int integer(String name, int otherwise, int least, int most) {
        return (int) whole(name, otherwise, least, most);
    }

    long whole(String name, long otherwise, long least, long most) {
        JsonNode value = get(name);
        if (value == null) {
            return otherwise;
        }
        if (!value.isIntegralNumber() || !value.canConvertToLong() || value.asLong() < least || value.asLong() > most) {
            throw wrong(name, "a whole number from " + least + " to " + most, value);
        }
        return value.asLong();
    }

    float number(String name, float otherwise, double least, double most) {
        JsonNode value = get(name);
        if (value == null) {
            return otherwise;
        }
        if (!value.isNumber() || !(value.asDouble() >= least && value.asDouble() <= most)) {
            throw wrong(name, "a number from " + least + " to " + most, value);
        }
        return (float) value.asDouble();
    }

    /** One string or an array of them, as {@code stop} may be. */
    List<String> strings(String name, int most) {
        JsonNode value = get(name);
        if (value == null) {
            return List.of();
        }
        if (value.isString()) {
            return List.of(value.asString());
        }
        List<String> strings = new ArrayList<>();
        if (!value.isArray() || value.size() > most) {
            throw wrong(name, "a string or at most " + most + " strings", value);
        }
        for (JsonNode item : value) {
            if (!item.isString()) {
                throw wrong(name, "a string or at most " + most + " strings", value);
            }
            strings.add(item.asString());
        }
        return strings;
    }

    /** Token ids to numbers, as {@code logit_bias}. */
    Map<Integer, Float> biases(String name) {
        JsonNode value = get(name);
        Map<Integer, Float> biases = new LinkedHashMap<>();
        if (value == null) {
            return biases;
        }
        if (!value.isObject()) {
            throw wrong(name, "an object of token ids and numbers", value);
        }
        for (Map.Entry<String, JsonNode> entry : value.properties()) {
            boolean id = entry.getKey().matches("\\d{1,9}");
            boolean bias =
                    entry.getValue().isNumber() && Math.abs(entry.getValue().asDouble()) <= 100;
            if (!id || !bias) {
                throw wrong(name, "an object of token ids and numbers from -100 to 100", value);
            }
            biases.put(Integer.valueOf(entry.getKey()), (float) entry.getValue().asDouble());
        }
        return biases;
    }

    ServeException wrong(String name, String expected, JsonNode got) {
        String text = got.isContainer() ? kind(got) : got.toString();
        return ServeException.invalid(
                prefix + name,
                "%s%s must be %s, got %s"
                        .formatted(prefix, name, expected, text.length() > 60 ? text.substring(0, 60) + "..." : text));
    }

    static String kind(JsonNode node) {
        return switch (node.getNodeType()) {
            case ARRAY -> node.isEmpty() ? "an empty array" : "an array";
            case OBJECT, POJO -> "an object";
            case BOOLEAN -> "a boolean";
            case NUMBER -> "a number";
            case STRING, BINARY -> "a string";
            case NULL, MISSING -> "nothing";
        };
    }
}
