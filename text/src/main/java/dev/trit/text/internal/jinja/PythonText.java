package dev.trit.text.internal.jinja;

import java.math.BigDecimal;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** How Python writes values: str, repr and json.dumps. */
final class PythonText {
    /** Containers inside containers; a structure that holds itself must not exhaust the stack. */
    private static final int MAX_DEPTH = 100;

    private PythonText() {}

    static String str(@Nullable Object value) {
        return switch (value) {
            case String s -> s;
            case Undefined u -> "";
            case null -> repr(value);
            default -> repr(value);
        };
    }

    static String repr(@Nullable Object value) {
        StringBuilder out = new StringBuilder();
        repr(value, out, 0);
        return out.toString();
    }

    private static void repr(@Nullable Object value, StringBuilder out, int depth) {
        if (depth > MAX_DEPTH) {
            throw new JinjaError("a value nested more than " + MAX_DEPTH + " deep");
        }
        switch (value) {
            case null -> out.append("None");
            case Boolean b -> out.append(b ? "True" : "False");
            case Long n -> out.append(n);
            case Double d -> out.append(number(d));
            case String s -> quote(s, out);
            case Undefined u -> out.append("Undefined");
            case Range range -> out.append(range);
            case View view -> {
                out.append(view.type()).append('(');
                repr(view.items(), out, depth + 1);
                out.append(')');
            }
            case List<?> list -> {
                boolean tuple = list instanceof Tuple;
                out.append(tuple ? '(' : '[');
                for (int i = 0; i < list.size(); i++) {
                    out.append(i == 0 ? "" : ", ");
                    repr(list.get(i), out, depth + 1);
                }
                out.append(tuple ? list.size() == 1 ? ",)" : ")" : "]");
            }
            case Map<?, ?> map -> {
                out.append('{');
                String comma = "";
                for (Map.Entry<?, ?> e : map.entrySet()) {
                    out.append(comma);
                    repr(e.getKey(), out, depth + 1);
                    out.append(": ");
                    repr(e.getValue(), out, depth + 1);
                    comma = ", ";
                }
                out.append('}');
            }
            case Namespace n ->
                out.append("<Namespace ").append(repr(n.members())).append('>');
            default -> out.append('<').append(Values.type(value)).append('>');
        }
    }

    /** Shortest digits that read back, in Python's choice of plain or scientific form. */
    static String number(double d) {
        if (Double.isNaN(d)) {
            return "nan";
        }
        if (Double.isInfinite(d)) {
            return d > 0 ? "inf" : "-inf";
        }
        if (d == 0) {
            return 1 / d < 0 ? "-0.0" : "0.0";
        }
        BigDecimal decimal = new BigDecimal(Double.toString(Math.abs(d))).stripTrailingZeros();
        String digits = decimal.unscaledValue().toString();
        int exponent = digits.length() - 1 - decimal.scale(); // of the first digit
        String sign = d < 0 ? "-" : "";
        if (exponent < -4 || exponent >= 16) {
            String rest = digits.length() > 1 ? "." + digits.substring(1) : "";
            String power = Math.abs(exponent) < 10 ? "0" + Math.abs(exponent) : "" + Math.abs(exponent);
            return sign + digits.charAt(0) + rest + "e" + (exponent < 0 ? "-" : "+") + power;
        }
        String plain = decimal.toPlainString();
        return sign + (plain.contains(".") ? plain : plain + ".0");
    }

    private static void quote(String s, StringBuilder out) {
        char quote = s.indexOf('\'') >= 0 && s.indexOf('"') < 0 ? '"' : '\'';
        out.append(quote);
        s.codePoints().forEach(c -> {
            switch (c) {
                case '\n' -> out.append("\\n");
                case '\r' -> out.append("\\r");
                case '\t' -> out.append("\\t");
                case '\\' -> out.append("\\\\");
                default -> {
                    if (c == quote) {
                        out.append('\\').append(quote);
                    } else if (printable(c)) {
                        out.appendCodePoint(c);
                    } else if (c < 0x100) {
                        out.append("\\x%02x".formatted(c));
                    } else {
                        out.append((c < 0x10000 ? "\\u%04x" : "\\U%08x").formatted(c));
                    }
                }
            }
        });
        out.append(quote);
    }

    private static boolean printable(int c) {
        if (c == ' ') {
            return true;
        }
        return switch (Character.getType(c)) {
            case Character.CONTROL,
                    Character.FORMAT,
                    Character.SURROGATE,
                    Character.PRIVATE_USE,
                    Character.UNASSIGNED,
                    Character.LINE_SEPARATOR,
                    Character.PARAGRAPH_SEPARATOR,
                    Character.SPACE_SEPARATOR -> false;
            default -> true;
        };
    }

    /**
     * json.dumps with ensure_ascii off.
     *
     * @param indent what one level is indented by, or null for one line
     * @param item separator between items
     * @param key separator after a key
     */
    static String json(
            @Nullable Object value, @Nullable String indent, String item, String key, boolean sorted, boolean ascii) {
        StringBuilder out = new StringBuilder();
        json(value, indent, item, key, sorted, ascii, out, 0);
        return out.toString();
    }

    private static void json(
            @Nullable Object value,
            @Nullable String indent,
            String item,
            String key,
            boolean sorted,
            boolean ascii,
            StringBuilder out,
            int depth) {
        if (depth > MAX_DEPTH) {
            throw new JinjaError("a value nested more than " + MAX_DEPTH + " deep");
        }
        switch (value) {
            case null -> out.append("null");
            case Boolean b -> out.append(b);
            case Long n -> out.append(n);
            case Double d -> out.append(jsonNumber(d));
            case String s -> jsonString(s, ascii, out);
            case List<?> list
            when !(list instanceof Range) -> {
                Iterator<?> items = list.iterator();
                out.append('[');
                while (items.hasNext()) {
                    newLine(indent, depth + 1, out);
                    json(items.next(), indent, item, key, sorted, ascii, out, depth + 1);
                    out.append(items.hasNext() ? item : "");
                }
                if (!list.isEmpty()) {
                    newLine(indent, depth, out);
                }
                out.append(']');
            }
            case Map<?, ?> map -> {
                Map<?, ?> entries = sorted ? new TreeMap<>(map) : map;
                Iterator<? extends Map.Entry<?, ?>> items = entries.entrySet().iterator();
                out.append('{');
                while (items.hasNext()) {
                    Map.Entry<?, ?> entry = items.next();
                    newLine(indent, depth + 1, out);
                    jsonString(jsonKey(entry.getKey()), ascii, out);
                    out.append(key);
                    json(entry.getValue(), indent, item, key, sorted, ascii, out, depth + 1);
                    out.append(items.hasNext() ? item : "");
                }
                if (!map.isEmpty()) {
                    newLine(indent, depth, out);
                }
                out.append('}');
            }
            default -> throw new JinjaError("a value of type " + Values.type(value) + " cannot be written as JSON");
        }
    }

    private static String jsonNumber(double d) {
        return Double.isNaN(d) ? "NaN" : Double.isInfinite(d) ? d > 0 ? "Infinity" : "-Infinity" : number(d);
    }

    private static String jsonKey(@Nullable Object key) {
        return switch (key) {
            case null -> "null";
            case Boolean b -> b.toString();
            default -> str(key);
        };
    }

    private static void newLine(@Nullable String indent, int depth, StringBuilder out) {
        if (indent != null) {
            out.append('\n').append(indent.repeat(depth));
        }
    }

    private static void jsonString(String s, boolean ascii, StringBuilder out) {
        out.append('"');
        for (int i = 0; i < s.length(); i++) {
            char c = s.charAt(i);
            switch (c) {
                case '"' -> out.append("\\\"");
                case '\\' -> out.append("\\\\");
                case '\n' -> out.append("\\n");
                case '\r' -> out.append("\\r");
                case '\t' -> out.append("\\t");
                case '\b' -> out.append("\\b");
                case '\f' -> out.append("\\f");
                default -> {
                    if (c < 0x20 || ascii && c > 0x7e) {
                        out.append("\\u%04x".formatted((int) c));
                    } else {
                        out.append(c);
                    }
                }
            }
        }
        out.append('"');
    }
}
