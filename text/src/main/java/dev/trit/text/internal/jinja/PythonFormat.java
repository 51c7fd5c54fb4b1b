package dev.trit.text.internal.jinja;

import java.math.BigDecimal;
import java.math.MathContext;
import java.math.RoundingMode;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Python's two ways of formatting: {@code "%5.1f" % x} and {@code "{:>5}".format(x)}. */
final class PythonFormat {
    private static final Pattern DIRECTIVE =
            Pattern.compile("%(?:\\((\\w+)\\))?([-+ 0]*)(\\d{0,4})(?:\\.(\\d{1,3}))?([sdifFgGeExXorc%])");

    /** fill and alignment, sign, zero, width, grouping, precision, type */
    private static final Pattern SPEC =
            Pattern.compile("(?:(.)?([<>^]))?([-+ ]?)(0?)(\\d{0,4})([,_]?)(?:\\.(\\d{1,3}))?([sdfFgGeExXobc%]?)");

    private static final Pattern FIELD = Pattern.compile("(\\w*)((?:\\.\\w+|\\[[^\\]]+])*)(?:!([rs]))?(?::(.*))?");

    private PythonFormat() {}

    /** {@code pattern % values}: a tuple gives one value to each directive, a mapping gives them by name. */
    static String percent(String pattern, @Nullable Object values) {
        List<?> arguments = values instanceof Tuple tuple ? tuple : Collections.singletonList(values);
        Matcher m = DIRECTIVE.matcher(pattern);
        StringBuilder out = new StringBuilder();
        int used = 0;
        int from = 0;
        while (m.find(from)) {
            plain(pattern, from, m.start(), out);
            from = m.end();
            if (m.group(5).equals("%")) {
                out.append('%');
            } else if (m.group(1) != null) {
                if (!(values instanceof Map<?, ?> map) || !map.containsKey(m.group(1))) {
                    throw new JinjaError("no value named '" + m.group(1) + "' for the format '" + pattern + "'");
                }
                out.append(directive(m, map.get(m.group(1))));
            } else if (used == arguments.size()) {
                throw new JinjaError("not enough values for the format '" + pattern + "'");
            } else {
                out.append(directive(m, arguments.get(used++)));
            }
        }
        if (used < arguments.size() && !(values instanceof Map<?, ?>)) {
            throw new JinjaError("not all values were used by the format '" + pattern + "'");
        }
        plain(pattern, from, pattern.length(), out);
        return out.toString();
    }

    private static void plain(String pattern, int from, int to, StringBuilder out) {
        if (pattern.substring(from, to).contains("%")) {
            throw new JinjaError("a directive of the format '" + pattern + "' is not understood");
        }
        out.append(pattern, from, to);
    }

    private static String directive(Matcher m, @Nullable Object value) {
        String flags = m.group(2);
        String type = m.group(5);
        String text = switch (type) {
            case "s", "c" -> cut(PythonText.str(value), m.group(4));
            case "r" -> cut(PythonText.repr(value), m.group(4));
            case "d", "i" -> Long.toString(Values.number(value).longValue());
            case "x", "X", "o" -> radix(value, type);
            default -> real(Values.number(value).doubleValue(), type, m.group(4));
        };
        boolean number = !"scr".contains(type);
        if (number && !text.startsWith("-")) {
            text = (flags.contains("+") ? "+" : flags.contains(" ") ? " " : "") + text;
        }
        int width = m.group(3).isEmpty() ? 0 : Integer.parseInt(m.group(3));
        return flags.contains("-")
                ? pad(text, width, " ", '<')
                : number && flags.contains("0") ? pad(text, width, "0", '=') : pad(text, width, " ", '>');
    }

    /** {@code text.format(...)}: fields by position or name, members and items of them, conversions, specifications. */
    static String braces(String text, Arguments a) {
        StringBuilder out = new StringBuilder();
        int automatic = 0;
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if ((c == '{' || c == '}') && i + 1 < text.length() && text.charAt(i + 1) == c) {
                out.append(c);
                i++;
            } else if (c == '{') {
                int end = text.indexOf('}', i);
                Matcher m = end < 0 ? null : FIELD.matcher(text.substring(i + 1, end));
                if (m == null || !m.matches()) {
                    throw new JinjaError("format: a field of '" + text + "' is not understood");
                }
                String name = m.group(1).isEmpty() ? Integer.toString(automatic++) : m.group(1);
                Object value = members(field(name, a), m.group(2));
                out.append(spec(
                        "r".equals(m.group(3))
                                ? PythonText.repr(value)
                                : "s".equals(m.group(3)) ? PythonText.str(value) : value,
                        m.group(4) == null ? "" : m.group(4)));
                i = end;
            } else if (c == '}') {
                throw new JinjaError("format: a single '}' in '" + text + "'");
            } else {
                out.append(c);
            }
        }
        return out.toString();
    }

    private static @Nullable Object field(String name, Arguments a) {
        boolean index = name.length() < 5 && name.chars().allMatch(Character::isDigit);
        return a.require(index ? Integer.parseInt(name) : Integer.MAX_VALUE, name);
    }

    private static @Nullable Object members(@Nullable Object value, String path) {
        Matcher m = Pattern.compile("\\.(\\w+)|\\[([^\\]]+)]").matcher(path);
        while (m.find()) {
            String key = m.group(2);
            boolean index = key != null && key.length() < 10 && key.chars().allMatch(Character::isDigit);
            value = m.group(1) != null
                    ? Members.attribute(value, m.group(1))
                    : Members.item(value, index ? (Object) Long.valueOf(key) : key);
        }
        return value;
    }

    private static String spec(@Nullable Object value, String spec) {
        Matcher m = SPEC.matcher(spec);
        if (!m.matches()) {
            throw new JinjaError("format: the specification '" + spec + "' is not understood");
        }
        String type = m.group(8);
        boolean number =
                value instanceof Long || value instanceof Double || value instanceof Boolean && !type.isEmpty();
        String text = !number
                ? cut(PythonText.str(value), m.group(7))
                : switch (type) {
                    case "" ->
                        value instanceof Double d && m.group(7) != null
                                ? real(d, "g", m.group(7))
                                : PythonText.str(value);
                    case "d" -> Long.toString(whole(value));
                    case "x", "X", "o", "b" -> radix(value, type);
                    case "%" -> real(Values.number(value).doubleValue() * 100, "f", m.group(7)) + "%";
                    default -> real(Values.number(value).doubleValue(), type, m.group(7));
                };
        if (number && !m.group(6).isEmpty()) {
            text = text.replaceFirst("^(-?)(\\d+)", "$1" + grouped(text, m.group(6)));
        }
        if (number && !m.group(3).isEmpty() && !m.group(3).equals("-") && !text.startsWith("-")) {
            text = m.group(3) + text;
        }
        boolean zero = !m.group(4).isEmpty();
        String fill = m.group(1) != null ? m.group(1) : zero ? "0" : " ";
        char side = m.group(2) != null ? m.group(2).charAt(0) : number ? zero ? '=' : '>' : '<';
        return pad(text, m.group(5).isEmpty() ? 0 : Integer.parseInt(m.group(5)), fill, side);
    }

    private static String grouped(String text, String comma) {
        String digits = text.replaceFirst("^-", "").replaceFirst("\\D.*$", "");
        return digits.replaceAll("(?<=\\d)(?=(\\d{3})+$)", comma);
    }

    private static String cut(String text, @Nullable String precision) {
        int n = text.codePointCount(0, text.length());
        return precision == null || Integer.parseInt(precision) >= n
                ? text
                : text.substring(0, text.offsetByCodePoints(0, Integer.parseInt(precision)));
    }

    private static long whole(@Nullable Object value) {
        if (Values.number(value) instanceof Long n) {
            return n;
        }
        throw new JinjaError("format: expected a whole number, got " + PythonText.repr(value));
    }

    private static String radix(@Nullable Object value, String type) {
        long n = whole(value);
        String digits = Long.toString(n, type.equals("o") ? 8 : type.equals("b") ? 2 : 16);
        return type.equals("X") ? digits.toUpperCase(Locale.ROOT) : digits;
    }

    /** C's f, e and g. */
    private static String real(double x, String type, @Nullable String precision) {
        if (Double.isNaN(x) || Double.isInfinite(x)) {
            return PythonText.number(x);
        }
        int digits = precision == null ? 6 : Integer.parseInt(precision);
        BigDecimal exact = new BigDecimal(x);
        String text = switch (type.toLowerCase(Locale.ROOT)) {
            case "f" -> exact.setScale(digits, RoundingMode.HALF_EVEN).toPlainString();
            case "e" -> scientific(exact, digits);
            default -> {
                BigDecimal rounded = exact.round(new MathContext(Math.max(1, digits), RoundingMode.HALF_EVEN));
                int exponent = rounded.signum() == 0 ? 0 : rounded.precision() - rounded.scale() - 1;
                boolean plain = exponent >= -4 && exponent < Math.max(1, digits);
                BigDecimal bare = rounded.signum() == 0 ? BigDecimal.ZERO : rounded.stripTrailingZeros();
                yield plain ? bare.toPlainString() : scientific(bare, bare.precision() - 1);
            }
        };
        String signed = x < 0 && !text.startsWith("-") || x == 0 && 1 / x < 0 ? "-" + text : text;
        return type.equals("E") || type.equals("G") ? signed.toUpperCase(Locale.ROOT) : signed;
    }

    private static String scientific(BigDecimal x, int digits) {
        BigDecimal rounded = x.round(new MathContext(digits + 1, RoundingMode.HALF_EVEN));
        int exponent = rounded.signum() == 0 ? 0 : rounded.precision() - rounded.scale() - 1;
        return rounded.movePointLeft(exponent)
                        .setScale(digits, RoundingMode.HALF_EVEN)
                        .toPlainString()
                + "e%s%02d".formatted(exponent < 0 ? "-" : "+", Math.abs(exponent));
    }

    /** side: '<' text to the left, '>' to the right, '^' in the middle, '=' after the sign. */
    private static String pad(String text, int width, String fill, char side) {
        int missing = width - text.codePointCount(0, text.length());
        if (missing <= 0) {
            return text;
        }
        boolean sign = side == '=' && (text.startsWith("-") || text.startsWith("+") || text.startsWith(" "));
        return switch (side) {
            case '<' -> text + fill.repeat(missing);
            case '^' -> fill.repeat(missing / 2) + text + fill.repeat(missing - missing / 2);
            default -> sign ? text.charAt(0) + fill.repeat(missing) + text.substring(1) : fill.repeat(missing) + text;
        };
    }
}
