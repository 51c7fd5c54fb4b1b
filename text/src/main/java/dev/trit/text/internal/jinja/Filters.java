package dev.trit.text.internal.jinja;

import java.math.BigDecimal;
import java.math.RoundingMode;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** The filters behind {@code |}: first those of texts and numbers. */
final class Filters {
    private static final Pattern WORD = Pattern.compile("\\w+", Pattern.UNICODE_CHARACTER_CLASS);

    private Filters() {}

    static @Nullable Object apply(
            String name, @Nullable Object v, List<@Nullable Object> positional, Map<String, @Nullable Object> named) {
        Arguments a = new Arguments(name, positional, named);
        return switch (name) {
            case "trim" -> StringMethods.strip(PythonText.str(v), a.textOrNull(0, "chars"), true, true);
            case "upper" -> PythonText.str(v).toUpperCase(Locale.ROOT);
            case "lower" -> PythonText.str(v).toLowerCase(Locale.ROOT);
            case "capitalize" -> StringMethods.capitalize(PythonText.str(v));
            case "title" -> title(PythonText.str(v));
            case "length", "count" -> Values.length(v);
            case "default", "d" ->
                Undefined.is(v) || a.flag(1, "boolean", false) && !Values.truth(v) ? a.get(0, "default_value", "") : v;
            case "tojson" -> toJson(v, a);
            case "string" -> PythonText.str(v);
            case "int" -> toInteger(v, a.get(0, "default", 0L), a.whole(1, "base", 10));
            case "float" -> toReal(v, a.get(0, "default", 0.0));
            case "abs" ->
                Values.number(v) instanceof Long n
                        ? (Object) Math.abs(n)
                        : (Object) Math.abs(Values.number(v).doubleValue());
            case "round" -> round(v, a);
            case "replace" ->
                StringMethods.replace(
                        PythonText.str(v),
                        PythonText.str(a.require(0, "old")),
                        PythonText.str(a.require(1, "new")),
                        a.get(2, "count", null) == null ? -1 : a.whole(2, "count", -1));
            case "indent" -> indent(text("indent", v), a);
            case "safe" -> v;
            case "escape", "e", "forceescape" -> escape(PythonText.str(v));
            case "attr" -> Members.own(v, a.text(0, "name", ""));
            case "wordcount" -> WORD.matcher(PythonText.str(v)).results().count();
            case "center" -> StringMethods.pad(PythonText.str(v), a.whole(0, "width", 80), " ", 0);
            case "format" -> PythonFormat.percent(PythonText.str(v), new Tuple(positional));
            case "truncate" -> truncate(text("truncate", v), a);
            case "striptags" ->
                String.join(
                        " ", PythonText.str(v).replaceAll("<[^>]*>", "").strip().split("\\s+"));
            default -> SequenceFilters.apply(name, v, a);
        };
    }

    private static String text(String filter, @Nullable Object v) {
        if (v instanceof String s) {
            return s;
        }
        throw new JinjaError(filter + ": expected a string, got " + Values.type(v));
    }

    /** Jinja's title: words begin after blanks, dashes and brackets, not after every sign that is no letter. */
    private static String title(String s) {
        StringBuilder out = new StringBuilder();
        boolean start = true;
        for (int c : s.codePoints().toArray()) {
            out.appendCodePoint(start ? Character.toUpperCase(c) : Character.toLowerCase(c));
            start = StringMethods.isSpace(c) || "-({[<".indexOf(c) >= 0;
        }
        return out.toString();
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

    private static @Nullable Object toInteger(@Nullable Object v, @Nullable Object otherwise, int base) {
        try {
            return switch (v) {
                case String s -> {
                    String t = s.strip().replace("_", "");
                    String prefix = base == 16 ? "0[xX]" : base == 8 ? "0[oO]" : base == 2 ? "0[bB]" : "";
                    t = t.replaceFirst("^([+-]?)" + prefix, "$1");
                    yield base != 10 || t.matches("[+-]?\\d+") ? Long.parseLong(t, base) : (long) Double.parseDouble(t);
                }
                case Double d -> Double.isFinite(d) ? (Object) d.longValue() : otherwise;
                case Undefined u -> throw u.error();
                case null -> otherwise;
                default -> Values.isNumber(v) ? Values.number(v).longValue() : otherwise;
            };
        } catch (NumberFormatException e) {
            return otherwise;
        }
    }

    private static @Nullable Object toReal(@Nullable Object v, @Nullable Object otherwise) {
        try {
            if (v instanceof Undefined u) {
                throw u.error();
            }
            return v instanceof String s
                    ? (Object) Double.parseDouble(s.strip())
                    : Values.isNumber(v) ? (Object) Values.number(v).doubleValue() : otherwise;
        } catch (NumberFormatException e) {
            return otherwise;
        }
    }

    private static Object round(@Nullable Object v, Arguments a) {
        Number x = Values.number(v);
        int digits = Math.max(-300, Math.min(300, a.whole(0, "precision", 0)));
        double scale = Math.pow(10, digits);
        return switch (a.text(1, "method", "common")) {
            case "ceil" -> Math.ceil(x.doubleValue() * scale) / scale;
            case "floor" -> Math.floor(x.doubleValue() * scale) / scale;
            case "common" -> {
                BigDecimal rounded = (x instanceof Long n ? BigDecimal.valueOf(n) : new BigDecimal(x.doubleValue()))
                        .setScale(digits, RoundingMode.HALF_EVEN);
                yield x instanceof Long ? (Object) rounded.longValue() : (Object) rounded.doubleValue();
            }
            default -> throw new JinjaError("round: expected common, ceil or floor");
        };
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

    private static String escape(String s) {
        return s.replace("&", "&amp;")
                .replace("<", "&lt;")
                .replace(">", "&gt;")
                .replace("'", "&#39;")
                .replace("\"", "&#34;");
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
}
