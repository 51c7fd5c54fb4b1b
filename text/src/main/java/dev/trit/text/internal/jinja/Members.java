package dev.trit.text.internal.jinja;

import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** What {@code object.name} and {@code object[key]} are. */
final class Members {
    private Members() {}

    /** object.name: a method or member of the type first, then an item of that name. */
    static @Nullable Object attribute(@Nullable Object object, String name) {
        Object member = own(object, name);
        return Undefined.is(member) && object instanceof Map<?, ?> map && map.containsKey(name)
                ? map.get(name)
                : member;
    }

    /** A method or member of the type. */
    static @Nullable Object own(@Nullable Object object, String name) {
        return switch (object) {
            case Undefined u -> throw u.error();
            case Loop loop -> loop.member(name);
            case Namespace n when n.members().containsKey(name) -> n.members().get(name);
            case Tuple t when t.position(name) >= 0 -> t.get(t.position(name));
            case null, default -> {
                Callable method = Methods.bound(object, name);
                yield method == null ? new Undefined("'" + Values.type(object) + "' member '" + name + "'") : method;
            }
        };
    }

    /** object[key]: an item first, then a method or member. */
    static @Nullable Object item(@Nullable Object object, @Nullable Object key) {
        switch (object) {
            case Undefined u -> throw u.error();
            case Map<?, ?> map
            when map.containsKey(key) -> {
                return map.get(key);
            }
            case List<?> list
            when Values.isIndex(key) -> {
                int i = Values.integer(key);
                i = i < 0 ? i + list.size() : i;
                return i >= 0 && i < list.size() ? list.get(i) : new Undefined("item " + key + " of the list");
            }
            case String s
            when Values.isIndex(key) -> {
                int i = Values.integer(key);
                int n = s.codePointCount(0, s.length());
                i = i < 0 ? i + n : i;
                return i >= 0 && i < n
                        ? Character.toString(s.codePointAt(s.offsetByCodePoints(0, i)))
                        : new Undefined("item " + key + " of the string");
            }
            case null, default -> {
                return key instanceof String name
                        ? attribute(object, name)
                        : new Undefined("item " + PythonText.repr(key) + " of " + Values.type(object));
            }
        }
    }
}
