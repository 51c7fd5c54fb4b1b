package dev.trit.text.internal.jinja;

import java.util.List;
import org.jspecify.annotations.Nullable;

/** A statement of the template language. */
sealed interface Stmt {
    int line();

    record Text(String text, int line) implements Stmt {}

    record Output(Expr value, int line) implements Stmt {}

    /** Branches in order; the last one may have no condition. */
    record If(
            List<Expr> conditions,
            List<List<Stmt>> bodies,
            @Nullable List<Stmt> otherwise,
            int line) implements Stmt {}

    record For(
            Expr target,
            Expr items,
            @Nullable Expr filter,
            boolean recursive,
            List<Stmt> body,
            List<Stmt> otherwise,
            int line)
            implements Stmt {}

    /** target = value; the target is a name, a tuple of names or an attribute of a namespace. */
    record Set(Expr target, Expr value, int line) implements Stmt {}

    /** {% set name %} body {% endset %}, through filters if there are any. */
    record SetBlock(Expr target, List<Expr.Filter> filters, List<Stmt> body, int line) implements Stmt {}

    /**
     * @param mentioned names that the body reads; with {@code varargs}, {@code kwargs} or {@code caller} among them the
     *     macro takes arguments beyond its parameters
     * @param call for the block of a call: the call
     */
    record Macro(
            String name,
            List<String> parameters,
            List<@Nullable Expr> defaults,
            List<Stmt> body,
            java.util.Set<String> mentioned,
            Expr.@Nullable Call call,
            int line)
            implements Stmt {}

    /** {% call(parameters) call %} body {% endcall %}: the body becomes {@code caller}. */
    record CallBlock(Macro caller, int line) implements Stmt {}

    record FilterBlock(List<Expr.Filter> filters, List<Stmt> body, int line) implements Stmt {}

    record With(List<Expr> targets, List<Expr> values, List<Stmt> body, int line) implements Stmt {}

    /** A body with names of its own, {@code {% generation %}}. */
    record Block(List<Stmt> body, int line) implements Stmt {}

    record Break(int line) implements Stmt {}

    record Continue(int line) implements Stmt {}
}
