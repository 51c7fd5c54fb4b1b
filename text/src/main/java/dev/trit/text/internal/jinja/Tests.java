package dev.trit.text.internal.jinja;

import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** The tests behind {@code is}. */
final class Tests {
    private Tests() {}

    static boolean holds(String name, @Nullable Object value, List<@Nullable Object> arguments) {
        Arguments a = new Arguments(name, arguments, Map.of());
        return switch (name) {
            case "defined" -> !Undefined.is(value);
            case "undefined" -> Undefined.is(value);
            case "none" -> value == null;
            case "string" -> value instanceof String;
            case "mapping" -> value instanceof Map<?, ?>;
            case "sequence" ->
                value instanceof String
                        || value instanceof List<?>
                        || value instanceof Map<?, ?>
                        || Undefined.is(value);
            case "iterable" -> holds("sequence", value, arguments) || value instanceof View || value instanceof Once;
            case "number" -> Values.isNumber(value);
            case "integer" -> value instanceof Long;
            case "float" -> value instanceof Double;
            case "boolean" -> value instanceof Boolean;
            case "true" -> Boolean.TRUE.equals(value);
            case "false" -> Boolean.FALSE.equals(value);
            case "callable" -> value instanceof Callable || value instanceof Loop;
            case "even" -> Values.equal(Operators.binary("%", value, 2L), 0L);
            case "odd" -> Values.equal(Operators.binary("%", value, 2L), 1L);
            case "divisibleby" -> Values.equal(Operators.binary("%", value, a.require(0, "num")), 0L);
            case "sameas" -> same(value, a.require(0, "other"));
            case "eq", "equalto", "==" -> Values.equal(value, a.require(0, "other"));
            case "ne", "!=" -> !Values.equal(value, a.require(0, "other"));
            case "lt", "lessthan", "<" -> Operators.compares("<", value, a.require(0, "other"));
            case "le", "<=" -> Operators.compares("<=", value, a.require(0, "other"));
            case "gt", "greaterthan", ">" -> Operators.compares(">", value, a.require(0, "other"));
            case "ge", ">=" -> Operators.compares(">=", value, a.require(0, "other"));
            case "in" -> Values.contains(a.require(0, "seq"), value);
            case "upper" -> cased(PythonText.str(value), true);
            case "lower" -> cased(PythonText.str(value), false);
            default -> throw new JinjaError("there is no test named '" + name + "'");
        };
    }

    /** Whether both are one object; texts and numbers have no identity here, so type and value decide. */
    private static boolean same(@Nullable Object a, @Nullable Object b) {
        boolean value = a instanceof String || a instanceof Long || a instanceof Double || a instanceof Boolean;
        return a == b || value && Objects.equals(a, b);
    }

    private static boolean cased(String s, boolean upper) {
        String up = s.toUpperCase(Locale.ROOT);
        String low = s.toLowerCase(Locale.ROOT);
        return !up.equals(low) && s.equals(upper ? up : low);
    }
}
