package dev.trit.text.internal.jinja;

import java.math.BigDecimal;
import java.math.RoundingMode;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** The filters behind {@code |}. */
final class Filters {
    private Filters() {}

    static @Nullable Object apply(
            String name, @Nullable Object v, List<@Nullable Object> positional, Map<String, @Nullable Object> named) {
        Arguments a = new Arguments(name, positional, named);
        return switch (name) {
            case "trim" -> Methods.strip(PythonText.str(v), a.textOrNull(0, "chars"), true, true);
            case "upper" -> PythonText.str(v).toUpperCase(Locale.ROOT);
            case "lower" -> PythonText.str(v).toLowerCase(Locale.ROOT);
            case "capitalize" -> Methods.capitalize(PythonText.str(v));
            case "title" -> title(PythonText.str(v));
            case "length", "count" -> Values.length(v);
            case "join" -> join(v, a);
            case "default", "d" ->
                Undefined.is(v) || a.flag(1, "boolean", false) && !Values.truth(v) ? a.get(0, "default_value", "") : v;
            case "first" -> edge(Values.items(v), true);
            case "last" -> edge(Values.items(v), false);
            case "list" -> Values.items(v);
            case "items" ->
                v instanceof Map<?, ?> || Undefined.is(v)
                        ? pairs(v)
                        : fail("items: expected a mapping, got " + Values.type(v));
            case "dictsort" -> dictSort(v, a);
            case "map" -> map(v, a);
            case "select" -> select(v, a, true, false);
            case "reject" -> select(v, a, false, false);
            case "selectattr" -> select(v, a, true, true);
            case "rejectattr" -> select(v, a, false, true);
            case "tojson" -> toJson(v, a);
            case "string" -> PythonText.str(v);
            case "int" -> toInteger(v, a.get(0, "default", 0L));
            case "float" -> toReal(v, a.get(0, "default", 0.0));
            case "abs" ->
                Values.number(v) instanceof Long n
                        ? (Object) Math.abs(n)
                        : (Object) Math.abs(Values.number(v).doubleValue());
            case "round" -> round(v, a);
            case "replace" ->
                Methods.replace(
                        PythonText.str(v),
                        PythonText.str(a.require(0, "old")),
                        PythonText.str(a.require(1, "new")),
                        a.get(2, "count", null) == null ? -1 : a.whole(2, "count", -1));
            case "indent" -> indent(PythonText.str(v), a);
            case "unique" -> unique(v, a);
            case "sort" -> sort(v, a);
            case "reverse" ->
                v instanceof String s
                        ? new StringBuilder(s).reverse().toString()
                        : Values.items(v).reversed();
            case "sum" -> sum(v, a);
            case "min", "max" -> extreme(v, name.equals("max"), a);
            case "safe" -> v;
            case "escape", "e", "forceescape" -> escape(PythonText.str(v));
            case "attr" -> Interpreter.attribute(v, a.text(0, "name", ""));
            case "batch" -> batch(v, a);
            case "slice" -> fail("the filter 'slice' is not part of chat templates");
            case "wordcount" ->
                (long) Methods.split(PythonText.str(v), null, -1).size();
            case "center" ->
                Objects.requireNonNull(Methods.bound(PythonText.str(v), "center"))
                        .call(List.of((long) a.whole(0, "width", 80)), Map.of());
            case "format" -> Operators.format(PythonText.str(v), new Tuple(positional));
            case "truncate" -> truncate(PythonText.str(v), a);
            case "groupby" -> groupBy(v, a);
            case "striptags" -> PythonText.str(v).replaceAll("<[^>]*>", "").strip();
            default -> throw new JinjaError("there is no filter named '" + name + "'");
        };
    }

    private static Object fail(String message) {
        throw new JinjaError(message);
    }

    private static List<@Nullable Object> pairs(@Nullable Object v) {
        List<@Nullable Object> items = new ArrayList<>();
        if (v instanceof Map<?, ?> map) {
            map.forEach((k, x) -> items.add(Tuple.of(k, x)));
        }
        return items;
    }

    /** Jinja's title: words begin after blanks, dashes and brackets, not after every sign that is no letter. */
    private static String title(String s) {
        StringBuilder out = new StringBuilder();
        boolean start = true;
        for (int c : s.codePoints().toArray()) {
            out.appendCodePoint(start ? Character.toUpperCase(c) : Character.toLowerCase(c));
            start = Methods.isSpace(c) || "-({[<".indexOf(c) >= 0;
        }
        return out.toString();
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
                value = Interpreter.item(value, index ? (Object) Long.valueOf(part) : part);
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

    private static @Nullable Object edge(List<@Nullable Object> items, boolean first) {
        if (items.isEmpty()) {
            return new Undefined("an item of an empty sequence");
        }
        return first ? items.getFirst() : items.getLast();
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
            out.add(apply(filter, item, rest, a.named()));
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
            boolean holds = test.isEmpty() ? Values.truth(subject) : Interpreter.test(test, subject, rest);
            if (holds == keep) {
                out.add(item);
            }
        }
        return out;
    }

    /** json.dumps as Hugging Face calls it: no ASCII escapes, no HTML escapes. */
    private static String toJson(@Nullable Object v, Arguments a) {
        boolean ascii = a.flag(0, "ensure_ascii", false);
        Object indent = a.get(1, "indent", null);
        // {{ x|tojson(4) }} gives the indent in Jinja's own filter, ensure_ascii in Hugging Face's
        String unit = indent == null
                ? null
                : indent instanceof String s ? s : " ".repeat(Math.max(0, Math.min(64, Values.integer(indent))));
        String item = unit == null ? ", " : ",";
        String key = ": ";
        if (a.get(2, "separators", null) instanceof List<?> separators && separators.size() == 2) {
            item = PythonText.str(separators.get(0));
            key = PythonText.str(separators.get(1));
        }
        return PythonText.json(v, unit, item, key, a.flag(3, "sort_keys", false), ascii);
    }

    private static @Nullable Object toInteger(@Nullable Object v, @Nullable Object otherwise) {
        try {
            return switch (v) {
                case String s -> {
                    String t = s.strip().replace("_", "");
                    yield t.matches("[+-]?\\d+") ? Long.parseLong(t) : (long) Double.parseDouble(t);
                }
                case Double d -> Double.isFinite(d) ? (Object) d.longValue() : otherwise;
                case null -> otherwise;
                default -> Values.isNumber(v) ? Values.number(v).longValue() : otherwise;
            };
        } catch (NumberFormatException e) {
            return otherwise;
        }
    }

    private static @Nullable Object toReal(@Nullable Object v, @Nullable Object otherwise) {
        try {
            return v instanceof String s
                    ? (Object) Double.parseDouble(s.strip())
                    : Values.isNumber(v) ? (Object) Values.number(v).doubleValue() : otherwise;
        } catch (NumberFormatException e) {
            return otherwise;
        }
    }

    private static Object round(@Nullable Object v, Arguments a) {
        RoundingMode mode = switch (a.text(1, "method", "common")) {
            case "ceil" -> RoundingMode.CEILING;
            case "floor" -> RoundingMode.FLOOR;
            case "common" -> RoundingMode.HALF_EVEN;
            default -> throw new JinjaError("round: expected common, ceil or floor");
        };
        int digits = Math.max(-300, Math.min(300, a.whole(0, "precision", 0)));
        double x = Values.number(v).doubleValue();
        return new BigDecimal(x).setScale(digits, mode).doubleValue();
    }

    private static String indent(String s, Arguments a) {
        Object width = a.get(0, "width", 4L);
        String unit = width instanceof String w ? w : " ".repeat(Math.max(0, Math.min(1000, Values.integer(width))));
        boolean first = a.flag(1, "first", false);
        boolean blank = a.flag(2, "blank", false);
        List<String> lines = new ArrayList<>(Arrays.asList(s.split("\n", -1)));
        for (int i = 0; i < lines.size(); i++) {
            if (i == 0 ? first : blank || !lines.get(i).isBlank()) {
                lines.set(i, unit + lines.get(i));
            }
        }
        return String.join("\n", lines);
    }

    private static Object lower(@Nullable Object key) {
        return key instanceof String s ? s.toLowerCase(Locale.ROOT) : Objects.requireNonNullElse(key, "");
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
        boolean cased = a.flag(1, "case_sensitive", false);
        Function<@Nullable Object, @Nullable Object> getter = getter(a.get(2, "attribute", null));
        Comparator<@Nullable Object> order = (x, y) -> Values.compare(
                cased ? getter.apply(x) : lower(getter.apply(x)), cased ? getter.apply(y) : lower(getter.apply(y)));
        List<@Nullable Object> items = Values.items(v);
        items.sort(a.flag(0, "reverse", false) ? order.reversed() : order);
        return items;
    }

    private static List<@Nullable Object> dictSort(@Nullable Object v, Arguments a) {
        boolean cased = a.flag(0, "case_sensitive", false);
        int by = a.text(1, "by", "key").equals("value") ? 1 : 0;
        Comparator<@Nullable Object> order = (x, y) -> {
            Object p = Interpreter.item(x, (long) by);
            Object q = Interpreter.item(y, (long) by);
            return Values.compare(cased ? p : lower(p), cased ? q : lower(q));
        };
        List<@Nullable Object> items = pairs(v);
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
            return new Undefined("an item of an empty sequence");
        }
        Comparator<@Nullable Object> order = (x, y) -> Values.compare(
                cased ? getter.apply(x) : lower(getter.apply(x)), cased ? getter.apply(y) : lower(getter.apply(y)));
        Object best = items.getFirst();
        for (Object item : items) {
            int c = order.compare(item, best);
            if (max ? c > 0 : c < 0) {
                best = item;
            }
        }
        return best;
    }

    private static String escape(String s) {
        return s.replace("&", "&amp;")
                .replace("<", "&lt;")
                .replace(">", "&gt;")
                .replace("'", "&#39;")
                .replace("\"", "&#34;");
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

    private static String truncate(String s, Arguments a) {
        int length = a.whole(0, "length", 255);
        String end = a.text(2, "end", "...");
        int leeway = a.whole(3, "leeway", 5);
        int[] points = s.codePoints().toArray();
        if (points.length <= length + leeway) {
            return s;
        }
        String cut = new String(points, 0, Math.max(0, length - end.length()));
        int blank = cut.lastIndexOf(' ');
        return (a.flag(1, "killwords", false) || blank < 0 ? cut : cut.substring(0, blank)) + end;
    }

    private static List<@Nullable Object> groupBy(@Nullable Object v, Arguments a) {
        Function<@Nullable Object, @Nullable Object> getter = getter(a.require(0, "attribute"));
        Map<@Nullable Object, List<@Nullable Object>> groups = new LinkedHashMap<>();
        List<@Nullable Object> items = Values.items(v);
        items.sort((x, y) -> Values.compare(lower(getter.apply(x)), lower(getter.apply(y))));
        for (Object item : items) {
            groups.computeIfAbsent(getter.apply(item), k -> new ArrayList<>()).add(item);
        }
        List<@Nullable Object> out = new ArrayList<>();
        groups.forEach((k, group) -> out.add(Tuple.of(k, group)));
        return out;
    }
}
