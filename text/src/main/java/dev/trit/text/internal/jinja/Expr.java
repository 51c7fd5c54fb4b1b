package dev.trit.text.internal.jinja;

import java.util.List;
import org.jspecify.annotations.Nullable;

/** An expression of the template language. */
sealed interface Expr {
    int line();

    record Literal(@Nullable Object value, int line) implements Expr {}

    record Name(String name, int line) implements Expr {}

    /** A list, or a tuple. */
    record Sequence(List<Expr> items, boolean tuple, int line) implements Expr {}

    record Dict(List<Expr> keys, List<Expr> values, int line) implements Expr {}

    /** object.name */
    record Attribute(Expr object, String name, int line) implements Expr {}

    /** object[key] */
    record Item(Expr object, Expr key, int line) implements Expr {}

    /** from:to:step, any of them absent. */
    record Slice(
            @Nullable Expr from,
            @Nullable Expr to,
            @Nullable Expr step,
            int line) implements Expr {}

    /** not, - or +. */
    record Unary(String operator, Expr operand, int line) implements Expr {}

    /** Arithmetic, {@code ~}, {@code and}, {@code or}. */
    record Binary(String operator, Expr left, Expr right, int line) implements Expr {}

    /** first op operand op operand ..., as Python chains them. */
    record Comparison(Expr first, List<String> operators, List<Expr> operands, int line) implements Expr {}

    /** value if condition else otherwise. */
    record Conditional(Expr value, Expr condition, @Nullable Expr otherwise, int line) implements Expr {}

    record Call(Expr function, Arguments arguments, int line) implements Expr {}

    /** value|name(arguments); without a value where a filter stands alone, in {@code {% filter %}}. */
    record Filter(@Nullable Expr value, String name, Arguments arguments, int line) implements Expr {}

    /** value is name(arguments). */
    record Test(Expr value, String name, Arguments arguments, int line) implements Expr {}

    /** What stands between the parentheses of a call. */
    record Arguments(
            List<Expr> positional, List<String> names, List<Expr> named, List<Expr> spread, List<Expr> spreadNamed) {
        static final Arguments NONE = new Arguments(List.of(), List.of(), List.of(), List.of(), List.of());
    }
}
