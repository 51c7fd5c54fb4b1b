package dev.trit.text.internal.jinja;

import java.util.List;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** The variable {@code loop} inside a for statement. */
final class Loop {
    private final List<@Nullable Object> items;
    private final int level;
    private final @Nullable Function<@Nullable Object, Object> recursion;
    private final java.util.Map<String, @Nullable Object> changed = new java.util.HashMap<>();
    int index;

    Loop(List<@Nullable Object> items, int level, @Nullable Function<@Nullable Object, Object> recursion) {
        this.items = items;
        this.level = level;
        this.recursion = recursion;
    }

    @Nullable Object member(String name) {
        int n = items.size();
        return switch (name) {
            case "index" -> index + 1L;
            case "index0" -> (long) index;
            case "revindex" -> (long) n - index;
            case "revindex0" -> n - index - 1L;
            case "first" -> index == 0;
            case "last" -> index == n - 1;
            case "length" -> (long) n;
            case "depth" -> (long) level;
            case "depth0" -> level - 1L;
            case "previtem" -> index > 0 ? items.get(index - 1) : new Undefined("loop.previtem");
            case "nextitem" -> index + 1 < n ? items.get(index + 1) : new Undefined("loop.nextitem");
            case "cycle" ->
                (Callable) (values, named) -> {
                    if (values.isEmpty()) {
                        throw new JinjaError("loop.cycle needs values");
                    }
                    return values.get(index % values.size());
                };
            case "changed" ->
                (Callable) (values, named) -> {
                    Object now = new Tuple(values);
                    boolean differs = !changed.containsKey("") || !Values.equal(changed.get(""), now);
                    changed.put("", now);
                    return differs;
                };
            default -> new Undefined("loop." + name);
        };
    }

    /** loop(items) in a recursive loop: the same body over them. */
    Object call(List<@Nullable Object> arguments) {
        if (recursion == null || arguments.size() != 1) {
            throw new JinjaError("loop(...) needs one argument and a loop marked recursive");
        }
        return recursion.apply(arguments.getFirst());
    }
}
