package dev.trit.text.internal.jinja;

import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Arguments of a call, read by position or by name, as Python binds them. */
record Arguments(String function, List<@Nullable Object> positional, Map<String, @Nullable Object> named) {
    boolean has(int index, String name) {
        return index < positional.size() || named.containsKey(name);
    }

    @Nullable Object get(int index, String name, @Nullable Object otherwise) {
        if (index < positional.size()) {
            return positional.get(index);
        }
        return named.containsKey(name) ? named.get(name) : otherwise;
    }

    @Nullable Object require(int index, String name) {
        if (!has(index, name)) {
            throw new JinjaError(function + " needs the argument '" + name + "'");
        }
        return get(index, name, null);
    }

    String text(int index, String name, String otherwise) {
        return get(index, name, otherwise) instanceof String s ? s : fail(name, "a string");
    }

    @Nullable String textOrNull(int index, String name) {
        Object value = get(index, name, null);
        return value == null ? null : value instanceof String s ? s : fail(name, "a string");
    }

    int whole(int index, String name, int otherwise) {
        return Values.integer(get(index, name, (long) otherwise));
    }

    boolean flag(int index, String name, boolean otherwise) {
        return Values.truth(get(index, name, otherwise));
    }

    private String fail(String name, String expected) {
        throw new JinjaError("%s: expected %s for '%s'".formatted(function, expected, name));
    }
}
