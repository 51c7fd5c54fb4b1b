package dev.trit.text.internal.jinja;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.BiFunction;
import org.jspecify.annotations.Nullable;

/** The methods of Python's str, dict and list that templates call. */
final class Methods {
    private Methods() {}

    /** The method of that name bound to its object, or null if there is none. */
    static @Nullable Callable bound(@Nullable Object object, String name) {
        BiFunction<Arguments, String, @Nullable Object> method = switch (object) {
            case String s when STRING.contains(name) -> (a, n) -> string(s, n, a);
            case Map<?, ?> m when MAP.contains(name) -> (a, n) -> map(m, n, a);
            case Tuple t when TUPLE.contains(name) -> (a, n) -> list(t, n, a);
            case List<?> l when !(l instanceof Tuple) && LIST.contains(name) -> (a, n) -> list(l, n, a);
            case null, default -> null;
        };
        return method == null
                ? null
                : (positional, named) -> method.apply(new Arguments(name, positional, named), name);
    }

    private static final List<String> STRING = List.of(
            "strip",
            "lstrip",
            "rstrip",
            "split",
            "rsplit",
            "splitlines",
            "startswith",
            "endswith",
            "upper",
            "lower",
            "title",
            "capitalize",
            "replace",
            "find",
            "rfind",
            "index",
            "join",
            "count",
            "format",
            "isdigit",
            "isalpha",
            "isalnum",
            "isspace",
            "isupper",
            "islower",
            "removeprefix",
            "removesuffix",
            "zfill",
            "ljust",
            "rjust",
            "center",
            "partition",
            "rpartition",
            "swapcase",
            "casefold",
            "encode");
    private static final List<String> MAP = List.of("get", "items", "keys", "values", "copy");
    private static final List<String> TUPLE = List.of("index", "count");
    private static final List<String> LIST =
            List.of("index", "count", "append", "extend", "insert", "pop", "copy", "reverse");

    private static @Nullable Object string(String s, String name, Arguments a) {
        return switch (name) {
            case "strip" -> strip(s, a.textOrNull(0, "chars"), true, true);
            case "lstrip" -> strip(s, a.textOrNull(0, "chars"), true, false);
            case "rstrip" -> strip(s, a.textOrNull(0, "chars"), false, true);
            case "split" -> split(s, a.textOrNull(0, "sep"), a.whole(1, "maxsplit", -1));
            case "rsplit" -> rsplit(s, a.textOrNull(0, "sep"), a.whole(1, "maxsplit", -1));
            case "splitlines" -> new ArrayList<@Nullable Object>(s.lines().toList());
            case "startswith" -> affix(a.require(0, "prefix"), p -> s.startsWith(p));
            case "endswith" -> affix(a.require(0, "suffix"), p -> s.endsWith(p));
            case "upper" -> s.toUpperCase(Locale.ROOT);
            case "lower", "casefold" -> s.toLowerCase(Locale.ROOT);
            case "title" -> title(s);
            case "capitalize" -> capitalize(s);
            case "swapcase" -> swapCase(s);
            case "replace" -> replace(s, a.text(0, "old", ""), a.text(1, "new", ""), a.whole(2, "count", -1));
            case "find" -> (long) position(s, s.indexOf(a.text(0, "sub", "")));
            case "rfind" -> (long) position(s, s.lastIndexOf(a.text(0, "sub", "")));
            case "index" -> found(position(s, s.indexOf(a.text(0, "sub", ""))));
            case "count" -> count(s, a.text(0, "sub", ""));
            case "join" -> join(s, Values.items(a.require(0, "iterable")));
            case "format" -> format(s, a);
            case "isdigit" -> all(s, Character::isDigit);
            case "isalpha" -> all(s, Character::isLetter);
            case "isalnum" -> all(s, Character::isLetterOrDigit);
            case "isspace" -> all(s, Methods::isSpace);
            case "isupper" -> !s.equals(s.toLowerCase(Locale.ROOT)) && s.equals(s.toUpperCase(Locale.ROOT));
            case "islower" -> !s.equals(s.toUpperCase(Locale.ROOT)) && s.equals(s.toLowerCase(Locale.ROOT));
            case "removeprefix" ->
                s.startsWith(a.text(0, "prefix", ""))
                        ? s.substring(a.text(0, "prefix", "").length())
                        : s;
            case "removesuffix" ->
                s.endsWith(a.text(0, "suffix", ""))
                        ? s.substring(0, s.length() - a.text(0, "suffix", "").length())
                        : s;
            case "zfill" -> pad(s, a.whole(0, "width", 0), "0", 1);
            case "ljust" -> pad(s, a.whole(0, "width", 0), a.text(1, "fillchar", " "), -1);
            case "rjust" -> pad(s, a.whole(0, "width", 0), a.text(1, "fillchar", " "), 1);
            case "center" -> pad(s, a.whole(0, "width", 0), a.text(1, "fillchar", " "), 0);
            case "partition" -> partition(s, a.text(0, "sep", ""), s.indexOf(a.text(0, "sep", "")), true);
            case "rpartition" -> partition(s, a.text(0, "sep", ""), s.lastIndexOf(a.text(0, "sep", "")), false);
            default -> throw new JinjaError("str." + name + " is not part of chat templates");
        };
    }

    private static boolean affix(@Nullable Object wanted, java.util.function.Predicate<String> test) {
        return switch (wanted) {
            case String s -> test.test(s);
            case Tuple t -> t.stream().anyMatch(x -> x instanceof String s && test.test(s));
            case null -> throw new JinjaError("expected a string, got " + Values.type(wanted));
            default -> throw new JinjaError("expected a string, got " + Values.type(wanted));
        };
    }

    private static boolean all(String s, java.util.function.IntPredicate test) {
        return !s.isEmpty() && s.codePoints().allMatch(test);
    }

    /** Python's str.isspace, which is also what strip and split remove. */
    static boolean isSpace(int c) {
        return c <= ' '
                ? c == ' ' || c >= 9 && c <= 13 || c >= 0x1c && c <= 0x1f
                : c == 0x85 || c == 0xa0 || Character.isSpaceChar(c);
    }

    static String strip(String s, @Nullable String chars, boolean left, boolean right) {
        int from = 0;
        int to = s.length();
        while (left && from < to && stripped(s.codePointAt(from), chars)) {
            from += Character.charCount(s.codePointAt(from));
        }
        while (right && to > from && stripped(s.codePointBefore(to), chars)) {
            to -= Character.charCount(s.codePointBefore(to));
        }
        return s.substring(from, to);
    }

    private static boolean stripped(int c, @Nullable String chars) {
        return chars == null ? isSpace(c) : chars.indexOf(c) >= 0;
    }

    static List<@Nullable Object> split(String s, @Nullable String separator, int limit) {
        List<@Nullable Object> parts = new ArrayList<>();
        if (separator == null) {
            String rest = strip(s, null, true, false);
            while (!rest.isEmpty() && parts.size() != limit) {
                int end = 0;
                while (end < rest.length() && !isSpace(rest.codePointAt(end))) {
                    end += Character.charCount(rest.codePointAt(end));
                }
                parts.add(rest.substring(0, end));
                rest = strip(rest.substring(end), null, true, false);
            }
            if (!rest.isEmpty()) {
                parts.add(rest);
            }
            return parts;
        }
        if (separator.isEmpty()) {
            throw new JinjaError("split needs a separator that is not empty");
        }
        int from = 0;
        for (int at = s.indexOf(separator); at >= 0 && parts.size() != limit; at = s.indexOf(separator, from)) {
            parts.add(s.substring(from, at));
            from = at + separator.length();
        }
        parts.add(s.substring(from));
        return parts;
    }

    private static List<@Nullable Object> rsplit(String s, @Nullable String separator, int limit) {
        if (limit < 0) {
            return split(s, separator, -1);
        }
        List<@Nullable Object> all = split(
                new StringBuilder(s).reverse().toString(),
                separator == null
                        ? null
                        : new StringBuilder(separator).reverse().toString(),
                limit);
        List<@Nullable Object> parts = new ArrayList<>();
        for (Object part : all.reversed()) {
            parts.add(new StringBuilder((String) java.util.Objects.requireNonNull(part))
                    .reverse()
                    .toString());
        }
        return parts;
    }

    static String capitalize(String s) {
        if (s.isEmpty()) {
            return s;
        }
        int first = s.codePointAt(0);
        return Character.toString(Character.toTitleCase(first))
                + s.substring(Character.charCount(first)).toLowerCase(Locale.ROOT);
    }

    /** Every letter after one that is none in upper case, the others in lower case. */
    static String title(String s) {
        StringBuilder out = new StringBuilder();
        boolean inside = false;
        for (int c : s.codePoints().toArray()) {
            out.appendCodePoint(inside ? Character.toLowerCase(c) : Character.toTitleCase(c));
            inside = Character.isLetter(c);
        }
        return out.toString();
    }

    private static String swapCase(String s) {
        StringBuilder out = new StringBuilder();
        s.codePoints()
                .forEach(c -> out.appendCodePoint(
                        Character.isUpperCase(c) ? Character.toLowerCase(c) : Character.toUpperCase(c)));
        return out.toString();
    }

    static String replace(String s, String old, String with, int count) {
        StringBuilder out = new StringBuilder();
        int from = 0;
        for (int n = 0; count < 0 || n < count; n++) {
            int at = old.isEmpty() ? n == 0 ? 0 : from + 1 : s.indexOf(old, from);
            if (at < 0 || at > s.length()) {
                break;
            }
            out.append(s, from, at).append(with);
            if (out.length() > Values.MAX_SIZE) {
                throw new JinjaError("a result of replace is beyond the limit of " + Values.MAX_SIZE);
            }
            from = at + old.length();
        }
        return out.append(s.substring(from)).toString();
    }

    private static int position(String s, int index) {
        return index < 0 ? -1 : s.codePointCount(0, index);
    }

    private static long found(long position) {
        if (position < 0) {
            throw new JinjaError("index: not found");
        }
        return position;
    }

    private static long count(String s, String part) {
        if (part.isEmpty()) {
            return s.codePointCount(0, s.length()) + 1L;
        }
        long n = 0;
        for (int at = s.indexOf(part); at >= 0; at = s.indexOf(part, at + part.length())) {
            n++;
        }
        return n;
    }

    private static String join(String separator, List<@Nullable Object> items) {
        List<String> parts = new ArrayList<>();
        for (Object item : items) {
            if (!(item instanceof String s)) {
                throw new JinjaError("join: expected strings, got " + Values.type(item));
            }
            parts.add(s);
        }
        return String.join(separator, parts);
    }

    /** {@code "{} {0} {name}".format(...)}, without format specifications. */
    private static String format(String s, Arguments a) {
        StringBuilder out = new StringBuilder();
        int automatic = 0;
        for (int i = 0; i < s.length(); i++) {
            char c = s.charAt(i);
            boolean twice = i + 1 < s.length() && s.charAt(i + 1) == c;
            if ((c == '{' || c == '}') && twice) {
                out.append(c);
                i++;
            } else if (c == '{') {
                int end = s.indexOf('}', i);
                if (end < 0) {
                    throw new JinjaError("format: expected '}' in '" + s + "'");
                }
                String field = s.substring(i + 1, end);
                if (field.isEmpty()) {
                    out.append(PythonText.str(a.require(automatic, "" + automatic++)));
                } else if (field.chars().allMatch(Character::isDigit) && field.length() < 5) {
                    out.append(PythonText.str(a.require(Integer.parseInt(field), field)));
                } else if (a.named().containsKey(field)) {
                    out.append(PythonText.str(a.named().get(field)));
                } else {
                    throw new JinjaError("format: the field '{" + field + "}' is not understood");
                }
                i = end;
            } else if (c == '}') {
                throw new JinjaError("format: a single '}' in '" + s + "'");
            } else {
                out.append(c);
            }
        }
        return out.toString();
    }

    private static String pad(String s, int width, String fill, int side) {
        int missing = width - s.codePointCount(0, s.length());
        if (missing <= 0) {
            return s;
        }
        if (missing > Values.MAX_SIZE) {
            throw new JinjaError("a width of " + width + " is beyond the limit");
        }
        if (side > 0 && fill.equals("0") && (s.startsWith("-") || s.startsWith("+"))) {
            return s.charAt(0) + "0".repeat(missing) + s.substring(1);
        }
        int left = side > 0 ? missing : side < 0 ? 0 : missing / 2 + (missing & width & 1);
        return fill.repeat(left) + s + fill.repeat(missing - left);
    }

    private static Tuple partition(String s, String separator, int at, boolean first) {
        if (at < 0) {
            return new Tuple(first ? Arrays.asList(s, "", "") : Arrays.asList("", "", s));
        }
        return new Tuple(Arrays.asList(s.substring(0, at), separator, s.substring(at + separator.length())));
    }

    private static @Nullable Object map(Map<?, ?> map, String name, Arguments a) {
        return switch (name) {
            case "get" ->
                map.containsKey(a.require(0, "key")) ? map.get(a.require(0, "key")) : a.get(1, "default", null);
            case "items" -> {
                List<@Nullable Object> items = new ArrayList<>();
                map.forEach((k, v) -> items.add(Tuple.of(k, v)));
                yield items;
            }
            case "keys" -> new ArrayList<@Nullable Object>(map.keySet());
            case "values" -> new ArrayList<@Nullable Object>(map.values());
            default -> new java.util.LinkedHashMap<@Nullable Object, @Nullable Object>(map);
        };
    }

    @SuppressWarnings("unchecked")
    private static @Nullable Object list(List<?> items, String name, Arguments a) {
        List<@Nullable Object> list = (List<@Nullable Object>) items;
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
            case "append" -> {
                list.add(a.require(0, "object"));
                yield null;
            }
            case "extend" -> {
                list.addAll(Values.items(a.require(0, "iterable")));
                yield null;
            }
            case "insert" -> {
                int at = a.whole(0, "index", 0);
                list.add(Math.max(0, Math.min(at < 0 ? at + list.size() : at, list.size())), a.require(1, "object"));
                yield null;
            }
            case "pop" -> {
                int at = a.whole(0, "index", -1);
                at = at < 0 ? at + list.size() : at;
                if (at < 0 || at >= list.size()) {
                    throw new JinjaError("pop: index out of range");
                }
                yield list.remove(at);
            }
            case "reverse" -> {
                Collections.reverse(list);
                yield null;
            }
            default -> new ArrayList<>(list);
        };
    }
}
