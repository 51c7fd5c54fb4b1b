package dev.trit.text.internal.jinja;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** The filters of lists and mappings. */
final class SequenceFilters {
    private static final Undefined NOTHING = new Undefined("an item of an empty sequence");

    private SequenceFilters() {}

    static @Nullable Object apply(String name, @Nullable Object v, Arguments a) {
        return switch (name) {
            case "join" -> join(v, a);
            case "first" -> edge(v, true);
            case "last" -> edge(v, false);
            case "list" -> Values.items(v);
            case "reverse" -> reversed(v);
            case "items" -> new Once(pairs(v, "items"));
            case "dictsort" -> dictSort(v, a);
            case "map" -> new Once(map(v, a));
            case "select" -> new Once(select(v, a, true, false));
            case "reject" -> new Once(select(v, a, false, false));
            case "selectattr" -> new Once(select(v, a, true, true));
            case "rejectattr" -> new Once(select(v, a, false, true));
            case "unique" -> new Once(unique(v, a));
            case "sort" -> sort(v, a);
            case "sum" -> sum(v, a);
            case "min", "max" -> extreme(v, name.equals("max"), a);
            case "batch" -> new Once(batch(v, a));
            case "slice" -> new Once(columns(v, a));
            case "groupby" -> groupBy(v, a);
            default -> throw new JinjaError("there is no filter named '" + name + "'");
        };
    }

    private static List<@Nullable Object> pairs(@Nullable Object v, String filter) {
        return switch (v) {
            case Map<?, ?> map -> Values.pairs(map);
            case Undefined u when filter.equals("items") -> List.of();
            case null, default -> throw new JinjaError(filter + ": expected a mapping, got " + Values.type(v));
        };
    }

    /** A value's member by {@code a.b.0}, or the value itself without a name. */
    private static Function<@Nullable Object, @Nullable Object> getter(@Nullable Object attribute) {
        if (attribute == null) {
            return x -> x;
        }
        String path = PythonText.str(attribute);
        return x -> {
            Object value = x;
            for (String part : path.split("\\.", -1)) {
                boolean index =
                        !part.isEmpty() && part.length() < 10 && part.chars().allMatch(Character::isDigit);
                value = Members.item(value, index ? (Object) Long.valueOf(part) : part);
            }
            return value;
        };
    }

    private static String join(@Nullable Object v, Arguments a) {
        Function<@Nullable Object, @Nullable Object> getter = getter(a.get(1, "attribute", null));
        String separator = PythonText.str(a.get(0, "d", ""));
        StringBuilder out = new StringBuilder();
        String between = "";
        for (Object item : Values.items(v)) {
            out.append(between).append(PythonText.str(getter.apply(item)));
            between = separator;
            if (out.length() > Values.MAX_SIZE) {
                throw new JinjaError("a result of join is beyond the limit of " + Values.MAX_SIZE);
            }
        }
        return out.toString();
    }

    private static @Nullable Object edge(@Nullable Object v, boolean first) {
        if (v instanceof Once once) {
            if (!first) {
                throw new JinjaError("last: the items can only be read from the first on");
            }
            return once.hasNext() ? once.next() : NOTHING;
        }
        List<@Nullable Object> items = Values.items(v);
        return items.isEmpty() ? NOTHING : first ? items.getFirst() : items.getLast();
    }

    private static Object reversed(@Nullable Object v) {
        return v instanceof String s
                ? new StringBuilder(s).reverse().toString()
                : v instanceof Once once
                        ? once.rest().reversed()
                        : new Once(Values.items(v).reversed());
    }

    private static List<@Nullable Object> map(@Nullable Object v, Arguments a) {
        List<@Nullable Object> out = new ArrayList<>();
        if (a.named().containsKey("attribute")) {
            Function<@Nullable Object, @Nullable Object> getter =
                    getter(a.named().get("attribute"));
            for (Object item : Values.items(v)) {
                Object member = getter.apply(item);
                out.add(
                        Undefined.is(member) && a.named().containsKey("default")
                                ? a.named().get("default")
                                : member);
            }
            return out;
        }
        String filter = PythonText.str(a.require(0, "filter"));
        List<@Nullable Object> rest = a.positional().subList(1, a.positional().size());
        for (Object item : Values.items(v)) {
            out.add(Filters.apply(filter, item, rest, a.named()));
        }
        return out;
    }

    private static List<@Nullable Object> select(@Nullable Object v, Arguments a, boolean keep, boolean byAttribute) {
        int skip = byAttribute ? 1 : 0;
        Function<@Nullable Object, @Nullable Object> getter = getter(byAttribute ? a.require(0, "attribute") : null);
        String test =
                a.positional().size() > skip ? PythonText.str(a.positional().get(skip)) : "";
        List<@Nullable Object> rest = a.positional().size() > skip + 1
                ? a.positional().subList(skip + 1, a.positional().size())
                : List.of();
        List<@Nullable Object> out = new ArrayList<>();
        for (Object item : Values.items(v)) {
            Object subject = getter.apply(item);
            boolean holds = test.isEmpty() ? Values.truth(subject) : Tests.holds(test, subject, rest);
            if (holds == keep) {
                out.add(item);
            }
        }
        return out;
    }

    private static @Nullable Object lower(@Nullable Object key) {
        return key instanceof String s ? s.toLowerCase(Locale.ROOT) : key;
    }

    private static List<@Nullable Object> unique(@Nullable Object v, Arguments a) {
        boolean cased = a.flag(0, "case_sensitive", false);
        Function<@Nullable Object, @Nullable Object> getter = getter(a.get(1, "attribute", null));
        List<@Nullable Object> seen = new ArrayList<>();
        List<@Nullable Object> out = new ArrayList<>();
        for (Object item : Values.items(v)) {
            Object key = cased ? getter.apply(item) : lower(getter.apply(item));
            if (seen.stream().noneMatch(x -> Values.equal(x, key))) {
                seen.add(key);
                out.add(item);
            }
        }
        return out;
    }

    private static List<@Nullable Object> sort(@Nullable Object v, Arguments a) {
        String paths = a.textOrNull(2, "attribute");
        List<Comparator<@Nullable Object>> orders = new ArrayList<>();
        for (String path : paths == null ? new String[] {""} : paths.split(",", -1)) {
            orders.add(order(getter(paths == null ? null : path), a.flag(1, "case_sensitive", false)));
        }
        Comparator<@Nullable Object> order =
                orders.stream().reduce(Comparator::thenComparing).orElseThrow();
        List<@Nullable Object> items = Values.items(v);
        items.sort(a.flag(0, "reverse", false) ? order.reversed() : order);
        return items;
    }

    private static Comparator<@Nullable Object> order(
            Function<@Nullable Object, @Nullable Object> getter, boolean cased) {
        return (x, y) -> Values.compare(
                cased ? getter.apply(x) : lower(getter.apply(x)), cased ? getter.apply(y) : lower(getter.apply(y)));
    }

    private static List<@Nullable Object> dictSort(@Nullable Object v, Arguments a) {
        boolean cased = a.flag(0, "case_sensitive", false);
        int by = a.text(1, "by", "key").equals("value") ? 1 : 0;
        Comparator<@Nullable Object> order = order(x -> Members.item(x, (long) by), cased);
        List<@Nullable Object> items = pairs(v, "dictsort");
        items.sort(a.flag(2, "reverse", false) ? order.reversed() : order);
        return items;
    }

    private static Object sum(@Nullable Object v, Arguments a) {
        Function<@Nullable Object, @Nullable Object> getter = getter(a.get(0, "attribute", null));
        Object sum = Objects.requireNonNullElse(a.get(1, "start", 0L), 0L);
        for (Object item : Values.items(v)) {
            sum = Operators.binary("+", sum, getter.apply(item));
        }
        return sum;
    }

    private static @Nullable Object extreme(@Nullable Object v, boolean max, Arguments a) {
        boolean cased = a.flag(0, "case_sensitive", false);
        Function<@Nullable Object, @Nullable Object> getter = getter(a.get(1, "attribute", null));
        List<@Nullable Object> items = Values.items(v);
        if (items.isEmpty()) {
            return NOTHING;
        }
        Comparator<@Nullable Object> order = order(getter, cased);
        Object best = items.getFirst();
        for (Object item : items) {
            int c = order.compare(item, best);
            if (max ? c > 0 : c < 0) {
                best = item;
            }
        }
        return best;
    }

    private static List<@Nullable Object> batch(@Nullable Object v, Arguments a) {
        int size = a.whole(0, "linecount", 1);
        if (size < 1) {
            throw new JinjaError("batch: expected at least 1, got " + size);
        }
        List<@Nullable Object> items = Values.items(v);
        List<@Nullable Object> out = new ArrayList<>();
        for (int i = 0; i < items.size(); i += size) {
            List<@Nullable Object> part = new ArrayList<>(items.subList(i, Math.min(i + size, items.size())));
            if (part.size() < size && a.get(1, "fill_with", null) != null) {
                part.addAll(Collections.nCopies(size - part.size(), a.get(1, "fill_with", null)));
            }
            out.add(part);
        }
        return out;
    }

    /** Pairs of a key and the items that have it, by the order of the keys. */
    private static List<@Nullable Object> groupBy(@Nullable Object v, Arguments a) {
        Function<@Nullable Object, @Nullable Object> member = getter(a.require(0, "attribute"));
        Object otherwise = a.get(1, "default", null);
        Function<@Nullable Object, @Nullable Object> getter = x -> {
            Object value = member.apply(x);
            return Undefined.is(value) && otherwise != null ? otherwise : value;
        };
        Comparator<@Nullable Object> order = order(getter, a.flag(2, "case_sensitive", false));
        List<@Nullable Object> items = Values.items(v);
        items.sort(order);
        List<@Nullable Object> groups = new ArrayList<>();
        List<@Nullable Object> group = new ArrayList<>();
        for (int i = 0; i < items.size(); i++) {
            group.add(items.get(i));
            if (i + 1 == items.size() || order.compare(items.get(i), items.get(i + 1)) != 0) {
                groups.add(new Tuple(Arrays.asList(getter.apply(group.getFirst()), group), List.of("grouper", "list")));
                group = new ArrayList<>();
            }
        }
        return groups;
    }

    /** The items dealt to so many columns, one after the other. */
    private static List<@Nullable Object> columns(@Nullable Object v, Arguments a) {
        int n = a.whole(0, "slices", 1);
        if (n < 1 || n > 100_000) {
            throw new JinjaError("slice: expected 1 to 100000, got " + n);
        }
        List<@Nullable Object> items = Values.items(v);
        Object fill = a.get(1, "fill_with", null);
        List<@Nullable Object> out = new ArrayList<>();
        int from = 0;
        for (int i = 0; i < n; i++) {
            int to = from + items.size() / n + (i < items.size() % n ? 1 : 0);
            List<@Nullable Object> column = new ArrayList<>(items.subList(from, to));
            if (fill != null && i >= items.size() % n) {
                column.add(fill);
            }
            out.add(column);
            from = to;
        }
        return out;
    }
}
