package dev.trit.text.internal.jinja;

import java.util.List;
import java.util.Locale;
import java.util.Map;
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
            case "iterable" ->
                value instanceof String
                        || value instanceof List<?>
                        || value instanceof Map<?, ?>
                        || Undefined.is(value);
            case "number" -> Values.isNumber(value);
            case "integer" -> value instanceof Long;
            case "float" -> value instanceof Double;
            case "boolean" -> value instanceof Boolean;
            case "true" -> Boolean.TRUE.equals(value);
            case "false" -> Boolean.FALSE.equals(value);
            case "callable" -> value instanceof Callable;
            case "even" -> Values.integer(value) % 2 == 0;
            case "odd" -> Values.integer(value) % 2 != 0;
            case "divisibleby" -> Values.integer(value) % Values.integer(a.require(0, "num")) == 0;
            case "eq", "equalto", "sameas" -> Values.equal(value, a.require(0, "other"));
            case "ne" -> !Values.equal(value, a.require(0, "other"));
            case "lt", "lessthan" -> Operators.compares("<", value, a.require(0, "other"));
            case "le" -> Operators.compares("<=", value, a.require(0, "other"));
            case "gt", "greaterthan" -> Operators.compares(">", value, a.require(0, "other"));
            case "ge" -> Operators.compares(">=", value, a.require(0, "other"));
            case "in" -> Values.contains(a.require(0, "seq"), value);
            case "upper" -> cased(PythonText.str(value), true);
            case "lower" -> cased(PythonText.str(value), false);
            default -> throw new JinjaError("there is no test named '" + name + "'");
        };
    }

    private static boolean cased(String s, boolean upper) {
        String up = s.toUpperCase(Locale.ROOT);
        String low = s.toLowerCase(Locale.ROOT);
        return !up.equals(low) && s.equals(upper ? up : low);
    }
}
