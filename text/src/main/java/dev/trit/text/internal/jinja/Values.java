package dev.trit.text.internal.jinja;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Python's rules for values: which are true, which are equal, which comes first, what an index means. Values are null
 * (None), Boolean, Long, Double, String, List, {@link Tuple}, Map, {@link Namespace}, {@link Callable}, {@link Undefined}.
 */
final class Values {
    /** Characters and items that one operation may make: far beyond a real conversation, far below a full heap. */
    static final int MAX_SIZE = 10_000_000;

    private Values() {}

    /** Data from outside with numbers as Long and Double, maps and lists copied. */
    static @Nullable Object of(@Nullable Object value) {
        return of(value, 0);
    }

    private static @Nullable Object of(@Nullable Object value, int depth) {
        if (depth > 100) {
            throw new JinjaError("data nested more than 100 deep");
        }
        return switch (value) {
            case null -> null;
            case Boolean b -> b;
            case Float f -> f.doubleValue();
            case Double d -> d;
            case Number n -> n.longValue();
            case CharSequence s -> s.toString();
            case Map<?, ?> map -> {
                Map<Object, @Nullable Object> copy = new LinkedHashMap<>();
                map.forEach((k, v) -> copy.put(String.valueOf(k), of(v, depth + 1)));
                yield copy;
            }
            case Iterable<?> items -> {
                List<@Nullable Object> copy = new ArrayList<>();
                items.forEach(item -> copy.add(of(item, depth + 1)));
                yield copy;
            }
            default -> throw new JinjaError("data of " + value.getClass().getName() + " has no form in a template");
        };
    }

    static String type(@Nullable Object value) {
        return switch (value) {
            case null -> "NoneType";
            case Boolean b -> "bool";
            case Long n -> "int";
            case Double d -> "float";
            case String s -> "str";
            case Tuple t -> "tuple";
            case Range r -> "range";
            case View view -> view.type();
            case Once once -> "generator";
            case List<?> l -> "list";
            case Map<?, ?> m -> "dict";
            case Namespace n -> "namespace";
            case Undefined u -> "undefined";
            default -> "function";
        };
    }

    static boolean truth(@Nullable Object value) {
        return switch (value) {
            case null -> false;
            case Boolean b -> b;
            case Long n -> n != 0;
            case Double d -> d != 0;
            case String s -> !s.isEmpty();
            case List<?> l -> !l.isEmpty();
            case Map<?, ?> m -> !m.isEmpty();
            case View view -> !view.items().isEmpty();
            case Undefined u -> false;
            default -> true;
        };
    }

    static boolean isIndex(@Nullable Object value) {
        return value instanceof Long n ? n.intValue() == n : value instanceof Boolean;
    }

    /** A mapping's key, which a list or a mapping cannot be. */
    static @Nullable Object hashable(@Nullable Object key) {
        if (key instanceof List<?> && !(key instanceof Tuple) || key instanceof Map<?, ?>) {
            throw new JinjaError("a value of type " + type(key) + " cannot be a key");
        }
        return key;
    }

    /** (key, value), (key, value), ... */
    static List<@Nullable Object> pairs(Map<?, ?> map) {
        List<@Nullable Object> pairs = new ArrayList<>();
        map.forEach((k, v) -> pairs.add(Tuple.of(k, v)));
        return pairs;
    }

    static boolean isNumber(@Nullable Object value) {
        return value instanceof Long || value instanceof Double || value instanceof Boolean;
    }

    /** A number as Long (booleans too) or Double. */
    static Number number(@Nullable Object value) {
        return switch (value) {
            case Boolean b -> b ? 1L : 0L;
            case Long n -> n;
            case Double d -> d;
            case Undefined u -> throw u.error();
            case null -> throw new JinjaError("expected a number, got " + type(value));
            default -> throw new JinjaError("expected a number, got " + type(value));
        };
    }

    static int integer(@Nullable Object value) {
        if (number(value) instanceof Long n && n.intValue() == n) {
            return n.intValue();
        }
        throw new JinjaError("expected a whole number, got " + PythonText.repr(value));
    }

    static boolean equal(@Nullable Object a, @Nullable Object b) {
        if (isNumber(a) && isNumber(b)) {
            Number x = number(a);
            Number y = number(b);
            return x instanceof Long && y instanceof Long ? x.equals(y) : x.doubleValue() == y.doubleValue();
        }
        if (a instanceof List<?> x && b instanceof List<?> y) {
            if (x.size() != y.size() || !type(x).equals(type(y))) {
                return false;
            }
            for (int i = 0; i < x.size(); i++) {
                if (!equal(x.get(i), y.get(i))) {
                    return false;
                }
            }
            return true;
        }
        if (a instanceof Map<?, ?> x && b instanceof Map<?, ?> y) {
            return x.size() == y.size()
                    && x.entrySet().stream()
                            .allMatch(e -> y.containsKey(e.getKey()) && equal(e.getValue(), y.get(e.getKey())));
        }
        return a == null ? b == null : a.equals(b);
    }

    /** Negative, zero or positive; only values of like kind have an order. */
    static int compare(@Nullable Object a, @Nullable Object b) {
        if (isNumber(a) && isNumber(b)) {
            Number x = number(a);
            Number y = number(b);
            return x instanceof Long m && y instanceof Long n
                    ? Long.compare(m, n)
                    : Double.compare(x.doubleValue(), y.doubleValue());
        }
        if (a instanceof String x && b instanceof String y) {
            return comparePoints(x, y);
        }
        if (a instanceof List<?> x && b instanceof List<?> y) {
            for (int i = 0; i < Math.min(x.size(), y.size()); i++) {
                if (!equal(x.get(i), y.get(i))) {
                    return compare(x.get(i), y.get(i));
                }
            }
            return Integer.compare(x.size(), y.size());
        }
        if (a instanceof Undefined u) {
            throw u.error();
        }
        if (b instanceof Undefined u) {
            throw u.error();
        }
        throw new JinjaError("%s and %s have no order".formatted(type(a), type(b)));
    }

    /** By code points, as Python orders strings; UTF-16 would put the astral planes too early. */
    static int comparePoints(String x, String y) {
        int[] a = x.codePoints().toArray();
        int[] b = y.codePoints().toArray();
        return java.util.Arrays.compare(a, b);
    }

    static boolean contains(@Nullable Object container, @Nullable Object item) {
        return switch (container) {
            case String s -> {
                if (!(item instanceof String part)) {
                    throw new JinjaError("'in' a string needs a string, got " + type(item));
                }
                yield s.contains(part);
            }
            case Map<?, ?> map -> map.containsKey(hashable(item));
            case View view -> view.items().stream().anyMatch(x -> equal(x, item));
            case Once once -> {
                boolean found = false;
                while (!found && once.hasNext()) {
                    found = equal(once.next(), item);
                }
                yield found;
            }
            case List<?> list -> list.stream().anyMatch(x -> equal(x, item));
            case Undefined u -> false;
            case null -> throw new JinjaError("'in' needs a container, got " + type(container));
            default -> throw new JinjaError("'in' needs a container, got " + type(container));
        };
    }

    /** What a loop over the value visits: items, keys, characters. */
    static List<@Nullable Object> items(@Nullable Object value) {
        return switch (value) {
            case Undefined u -> new ArrayList<>();
            case List<?> list -> new ArrayList<>(list);
            case Map<?, ?> map -> new ArrayList<>(map.keySet());
            case View view -> new ArrayList<>(view.items());
            case Once once -> once.rest();
            case String s -> {
                List<@Nullable Object> points = new ArrayList<>();
                s.codePoints().forEach(c -> points.add(Character.toString(c)));
                yield points;
            }
            case null -> throw new JinjaError("cannot loop over " + type(value));
            default -> throw new JinjaError("cannot loop over " + type(value));
        };
    }

    static long length(@Nullable Object value) {
        return switch (value) {
            case String s -> s.codePointCount(0, s.length());
            case List<?> list -> list.size();
            case Map<?, ?> map -> map.size();
            case View view -> view.items().size();
            case Undefined u -> 0;
            case null -> throw new JinjaError(type(value) + " has no length");
            default -> throw new JinjaError(type(value) + " has no length");
        };
    }

    /** value[from:to:step] with Python's negative indexes and clamping. */
    static Object slice(@Nullable Object value, @Nullable Object from, @Nullable Object to, @Nullable Object by) {
        int step = by == null ? 1 : integer(by);
        if (step == 0) {
            throw new JinjaError("a slice needs a step other than 0");
        }
        if (value instanceof Undefined u) {
            throw u.error();
        }
        if (!(value instanceof String) && !(value instanceof List<?>)) {
            throw new JinjaError("cannot slice " + type(value));
        }
        List<@Nullable Object> items = items(value);
        int n = items.size();
        int start = bound(from, step > 0 ? 0 : n - 1, n, step);
        int end = bound(to, step > 0 ? n : -1, n, step);
        if (value instanceof Range range) {
            return range.slice(start, end, step);
        }
        List<@Nullable Object> picked = new ArrayList<>();
        for (long i = start; step > 0 ? i < end : i > end; i += step) {
            picked.add(items.get((int) i));
        }
        if (value instanceof String) {
            StringBuilder text = new StringBuilder();
            picked.forEach(text::append);
            return text.toString();
        }
        return value instanceof Tuple ? new Tuple(picked) : picked;
    }

    private static int bound(@Nullable Object index, int absent, int n, int step) {
        if (index == null) {
            return absent;
        }
        int i = integer(index);
        i = i < 0 ? i + n : i;
        return step > 0 ? Math.max(0, Math.min(i, n)) : Math.max(-1, Math.min(i, n - 1));
    }

    static String checked(long size, java.util.function.Supplier<String> text) {
        if (size > MAX_SIZE) {
            throw new JinjaError("a result of %d characters is beyond the limit of %d".formatted(size, MAX_SIZE));
        }
        return text.get();
    }
}
