package dev.trit.text.internal.jinja;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.Set;
import java.util.function.IntPredicate;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/** The methods of Python's str; positions count code points. */
final class StringMethods {
    static final Set<String> NAMES = Set.of(
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
            "rindex",
            "isdecimal",
            "isnumeric",
            "istitle",
            "isascii");

    private StringMethods() {}

    static @Nullable Object call(String s, String name, Arguments a) {
        return switch (name) {
            case "strip" -> strip(s, a.textOrNull(0, "chars"), true, true);
            case "lstrip" -> strip(s, a.textOrNull(0, "chars"), true, false);
            case "rstrip" -> strip(s, a.textOrNull(0, "chars"), false, true);
            case "split" -> split(s, a.textOrNull(0, "sep"), a.whole(1, "maxsplit", -1));
            case "rsplit" -> rsplit(s, a.textOrNull(0, "sep"), a.whole(1, "maxsplit", -1));
            case "splitlines" -> splitLines(s, a.flag(0, "keepends", false));
            case "startswith" -> affix(a.require(0, "prefix"), p -> part(s, a).startsWith(p));
            case "endswith" -> affix(a.require(0, "suffix"), p -> part(s, a).endsWith(p));
            case "upper" -> s.toUpperCase(Locale.ROOT);
            case "lower" -> s.toLowerCase(Locale.ROOT);
            case "casefold" -> s.toUpperCase(Locale.ROOT).toLowerCase(Locale.ROOT);
            case "title" -> title(s);
            case "capitalize" -> capitalize(s);
            case "swapcase" -> swapCase(s);
            case "replace" -> replace(s, a.text(0, "old", ""), a.text(1, "new", ""), a.whole(2, "count", -1));
            case "find" -> find(s, a, false);
            case "rfind" -> find(s, a, true);
            case "index" -> found(find(s, a, false));
            case "rindex" -> found(find(s, a, true));
            case "count" -> count(part(s, a), a.text(0, "sub", ""));
            case "join" -> join(s, Values.items(a.require(0, "iterable")));
            case "format" -> PythonFormat.braces(s, a);
            case "isdigit", "isdecimal", "isnumeric" -> all(s, Character::isDigit);
            case "isalpha" -> all(s, Character::isLetter);
            case "isalnum" -> all(s, Character::isLetterOrDigit);
            case "isspace" -> all(s, StringMethods::isSpace);
            case "isupper" -> !s.equals(s.toLowerCase(Locale.ROOT)) && s.equals(s.toUpperCase(Locale.ROOT));
            case "islower" -> !s.equals(s.toUpperCase(Locale.ROOT)) && s.equals(s.toLowerCase(Locale.ROOT));
            case "istitle" -> !s.equals(s.toLowerCase(Locale.ROOT)) && s.equals(title(s));
            case "isascii" -> s.codePoints().allMatch(c -> c < 128);
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

    private static boolean affix(@Nullable Object wanted, Predicate<String> test) {
        return switch (wanted) {
            case String s -> test.test(s);
            case Tuple t -> t.stream().anyMatch(x -> x instanceof String s && test.test(s));
            case null -> throw new JinjaError("expected a string, got " + Values.type(wanted));
            default -> throw new JinjaError("expected a string, got " + Values.type(wanted));
        };
    }

    private static boolean all(String s, IntPredicate test) {
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
            parts.add(new StringBuilder((String) Objects.requireNonNull(part))
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
        s.codePoints().forEach(c -> {
            String point = Character.toString(c);
            out.append(Character.isUpperCase(c) ? point.toLowerCase(Locale.ROOT) : point.toUpperCase(Locale.ROOT));
        });
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

    /** The text between the arguments start and end of find, count, startswith, ... */
    private static String part(String s, Arguments a) {
        return a.positional().size() < 2
                ? s
                : (String) Values.slice(s, a.get(1, "start", null), a.get(2, "end", null), null);
    }

    private static long find(String s, Arguments a, boolean last) {
        String part = part(s, a);
        String wanted = a.text(0, "sub", "");
        int at = last ? part.lastIndexOf(wanted) : part.indexOf(wanted);
        if (at < 0) {
            return -1;
        }
        Object start = a.get(1, "start", null);
        int n = s.codePointCount(0, s.length());
        int from = start == null ? 0 : Values.integer(start);
        return Math.max(0, from < 0 ? from + n : from) + (long) part.codePointCount(0, at);
    }

    /** At every line end that Unicode and ASCII know, the last of which begins no line. */
    private static List<@Nullable Object> splitLines(String s, boolean keepEnds) {
        List<@Nullable Object> lines = new ArrayList<>();
        int from = 0;
        for (int i = 0; i < s.length(); i++) {
            char c = s.charAt(i);
            if (c >= '\n' && c <= '\r' || c >= 0x1c && c <= 0x1e || c == 0x85 || c == 0x2028 || c == 0x2029) {
                int end = c == '\r' && i + 1 < s.length() && s.charAt(i + 1) == '\n' ? i + 2 : i + 1;
                lines.add(s.substring(from, keepEnds ? end : i));
                from = end;
                i = end - 1;
            }
        }
        if (from < s.length()) {
            lines.add(s.substring(from));
        }
        return lines;
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

    static String pad(String s, int width, String fill, int side) {
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
}
