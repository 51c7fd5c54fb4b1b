package dev.trit.text.internal.jinja;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Python's arithmetic, on numbers, strings and lists. */
final class Operators {
    private Operators() {}

    static Object binary(String operator, @Nullable Object a, @Nullable Object b) {
        if (operator.equals("~")) {
            String left = PythonText.str(a);
            String right = PythonText.str(b);
            return Values.checked((long) left.length() + right.length(), () -> left + right);
        }
        if (a instanceof Undefined u) {
            throw u.error();
        }
        if (b instanceof Undefined u) {
            throw u.error();
        }
        return switch (operator) {
            case "+" -> plus(a, b);
            case "*" -> times(a, b);
            case "%" -> a instanceof String s ? PythonFormat.percent(s, b) : arithmetic(operator, a, b);
            default -> arithmetic(operator, a, b);
        };
    }

    private static Object plus(@Nullable Object a, @Nullable Object b) {
        if (a instanceof String x && b instanceof String y) {
            return Values.checked((long) x.length() + y.length(), () -> x + y);
        }
        if (a instanceof List<?> x
                && b instanceof List<?> y
                && Values.type(x).equals(Values.type(y))
                && !(x instanceof Range)) {
            if ((long) x.size() + y.size() > Values.MAX_SIZE) {
                throw new JinjaError("a list of %d items is beyond the limit".formatted((long) x.size() + y.size()));
            }
            List<@Nullable Object> both = new ArrayList<>(x);
            both.addAll(y);
            return x instanceof Tuple ? new Tuple(both) : both;
        }
        return arithmetic("+", a, b);
    }

    private static Object times(@Nullable Object a, @Nullable Object b) {
        if (Values.isNumber(a) && (b instanceof String || b instanceof List<?>)) {
            return times(b, a);
        }
        if (a instanceof String s) {
            long n = Math.max(0, Values.integer(b));
            return Values.checked(n * s.length(), () -> s.repeat((int) n));
        }
        if (a instanceof List<?> list) {
            long n = Math.max(0, Values.integer(b));
            if (n * list.size() > Values.MAX_SIZE) {
                throw new JinjaError("a list of %d items is beyond the limit".formatted(n * list.size()));
            }
            List<@Nullable Object> repeated = new ArrayList<>();
            for (long i = 0; i < n; i++) {
                repeated.addAll(list);
            }
            return a instanceof Tuple ? new Tuple(repeated) : repeated;
        }
        return arithmetic("*", a, b);
    }

    private static Object arithmetic(String operator, @Nullable Object a, @Nullable Object b) {
        if (!Values.isNumber(a) || !Values.isNumber(b)) {
            throw new JinjaError("%s %s %s is not defined".formatted(Values.type(a), operator, Values.type(b)));
        }
        Number x = Values.number(a);
        Number y = Values.number(b);
        try {
            return x instanceof Long m && y instanceof Long n
                    ? whole(operator, m, n)
                    : real(operator, x.doubleValue(), y.doubleValue());
        } catch (ArithmeticException e) {
            throw new JinjaError("%s %s %s: %s".formatted(x, operator, y, e.getMessage()));
        }
    }

    private static Object whole(String operator, long a, long b) {
        return switch (operator) {
            case "+" -> Math.addExact(a, b);
            case "-" -> Math.subtractExact(a, b);
            case "*" -> Math.multiplyExact(a, b);
            case "/" -> {
                if (b == 0) {
                    throw new ArithmeticException("division by zero");
                }
                yield (double) a / b;
            }
            case "//" -> Math.floorDiv(a, b);
            case "%" -> Math.floorMod(a, b);
            case "**" -> power(a, b);
            default -> throw new JinjaError("unknown operator " + operator);
        };
    }

    private static Object power(long a, long b) {
        if (b < 0) {
            return Math.pow(a, b);
        }
        long result = 1;
        for (long i = 0; i < b && result != 0; i++) {
            result = Math.multiplyExact(result, a);
            if (a == 1 || a == -1 && i > b % 2) {
                break;
            }
        }
        return a == -1 ? b % 2 == 0 ? 1L : -1L : result;
    }

    private static Object real(String operator, double a, double b) {
        if (b == 0 && (operator.equals("/") || operator.equals("//") || operator.equals("%"))) {
            throw new ArithmeticException("division by zero");
        }
        return switch (operator) {
            case "+" -> a + b;
            case "-" -> a - b;
            case "*" -> a * b;
            case "/" -> a / b;
            case "//" -> Math.floor(a / b);
            case "%" -> a - b * Math.floor(a / b);
            case "**" -> Math.pow(a, b);
            default -> throw new JinjaError("unknown operator " + operator);
        };
    }

    static Object unary(String operator, @Nullable Object value) {
        Number n = Values.number(value);
        if (operator.equals("+")) {
            return n;
        }
        return n instanceof Long whole ? (Object) Math.negateExact(whole) : (Object) (-n.doubleValue());
    }

    static boolean compares(String operator, @Nullable Object a, @Nullable Object b) {
        return switch (operator) {
            case "==" -> Values.equal(a, b);
            case "!=" -> !Values.equal(a, b);
            case "in" -> Values.contains(b, a);
            case "not in" -> !Values.contains(b, a);
            case "<" -> ordered(a, b) && Values.compare(a, b) < 0;
            case "<=" -> ordered(a, b) && Values.compare(a, b) <= 0;
            case ">" -> ordered(a, b) && Values.compare(a, b) > 0;
            default -> ordered(a, b) && Values.compare(a, b) >= 0;
        };
    }

    /** Nothing is less or more than NaN. */
    private static boolean ordered(@Nullable Object a, @Nullable Object b) {
        return !(a instanceof Double x && x.isNaN()) && !(b instanceof Double y && y.isNaN());
    }
}
