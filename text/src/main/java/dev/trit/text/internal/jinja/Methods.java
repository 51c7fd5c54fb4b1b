package dev.trit.text.internal.jinja;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The methods of Python's str, dict and list that templates call. Those that change a list or a mapping are refused, as
 * Hugging Face's sandbox does.
 */
final class Methods {
    private static final Set<String> MAP = Set.of("get", "items", "keys", "values", "copy");
    private static final Set<String> LIST = Set.of("index", "count", "copy");

    private Methods() {}

    /** The method of that name bound to its object, or null if there is none. */
    static @Nullable Callable bound(@Nullable Object object, String name) {
        return switch (object) {
            case String s
            when StringMethods.NAMES.contains(name) ->
                (positional, named) -> StringMethods.call(s, name, new Arguments(name, positional, named));
            case Map<?, ?> m
            when MAP.contains(name) -> (positional, named) -> map(m, name, new Arguments(name, positional, named));
            case List<?> l
            when LIST.contains(name) && !(l instanceof Tuple && name.equals("copy")) ->
                (positional, named) -> list(l, name, new Arguments(name, positional, named));
            case null, default -> null;
        };
    }

    private static @Nullable Object map(Map<?, ?> map, String name, Arguments a) {
        return switch (name) {
            case "get" -> {
                Object key = Values.hashable(a.require(0, "key"));
                yield map.containsKey(key) ? map.get(key) : a.get(1, "default", null);
            }
            case "items" -> new View("dict_items", Values.pairs(map));
            case "keys" -> new View("dict_keys", new ArrayList<>(map.keySet()));
            case "values" -> new View("dict_values", new ArrayList<>(map.values()));
            default -> new LinkedHashMap<@Nullable Object, @Nullable Object>(map);
        };
    }

    private static Object list(List<?> list, String name, Arguments a) {
        return switch (name) {
            case "index" -> {
                for (int i = 0; i < list.size(); i++) {
                    if (Values.equal(list.get(i), a.require(0, "value"))) {
                        yield (long) i;
                    }
                }
                throw new JinjaError("index: not found");
            }
            case "count" ->
                list.stream()
                        .filter(x -> Values.equal(x, a.require(0, "value")))
                        .count();
            default -> new ArrayList<@Nullable Object>(list);
        };
    }
}
