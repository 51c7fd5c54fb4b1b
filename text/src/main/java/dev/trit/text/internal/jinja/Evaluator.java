package dev.trit.text.internal.jinja;

import dev.trit.text.TextException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Expressions to values. */
class Evaluator {
    private static final long MAX_STEPS = 20_000_000;

    /** Names that statements set, inside those around them. */
    static final class Scope {
        final @Nullable Scope outer;
        final Map<String, @Nullable Object> names = new HashMap<>();

        Scope(@Nullable Scope outer) {
            this.outer = outer;
        }
    }

    Scope scope;
    private long steps;

    Evaluator(Map<String, @Nullable Object> globals) {
        scope = new Scope(null);
        scope.names.putAll(globals);
    }

    void step(int line) {
        if (++steps > MAX_STEPS) {
            throw new TextException("chat template, line %d: more than %d steps".formatted(line, MAX_STEPS));
        }
    }

    @Nullable Object value(Expr expr) {
        step(expr.line());
        return switch (expr) {
            case Expr.Literal e -> e.value();
            case Expr.Name e -> lookup(e.name());
            case Expr.Sequence e -> {
                List<@Nullable Object> items = new ArrayList<>();
                e.items().forEach(item -> items.add(value(item)));
                yield e.tuple() ? new Tuple(items) : items;
            }
            case Expr.Dict e -> {
                Map<@Nullable Object, @Nullable Object> map = new LinkedHashMap<>();
                for (int i = 0; i < e.keys().size(); i++) {
                    map.put(
                            Values.hashable(value(e.keys().get(i))),
                            value(e.values().get(i)));
                }
                yield map;
            }
            case Expr.Attribute e -> Members.attribute(value(e.object()), e.name());
            case Expr.Item e ->
                e.key() instanceof Expr.Slice s
                        ? Values.slice(value(e.object()), part(s.from()), part(s.to()), part(s.step()))
                        : Members.item(value(e.object()), value(e.key()));
            case Expr.Slice e -> throw new JinjaError("a slice stands between brackets");
            case Expr.Unary e ->
                e.operator().equals("not")
                        ? (Object) !Values.truth(value(e.operand()))
                        : Operators.unary(e.operator(), value(e.operand()));
            case Expr.Binary e -> binary(e);
            case Expr.Comparison e -> compared(e);
            case Expr.Conditional e ->
                Values.truth(value(e.condition()))
                        ? value(e.value())
                        : e.otherwise() == null
                                ? new Undefined("the value of an if without else")
                                : value(e.otherwise());
            case Expr.Call e -> call(e, null);
            case Expr.Filter e -> {
                if (e.value() == null) {
                    throw new JinjaError("a filter needs a value");
                }
                yield Filters.apply(e.name(), value(e.value()), positional(e.arguments()), named(e.arguments()));
            }
            case Expr.Test e -> Tests.holds(e.name(), value(e.value()), positional(e.arguments()));
        };
    }

    private @Nullable Object part(@Nullable Expr expr) {
        return expr == null ? null : value(expr);
    }

    private @Nullable Object lookup(String name) {
        for (Scope s = scope; s != null; s = s.outer) {
            if (s.names.containsKey(name)) {
                return s.names.get(name);
            }
        }
        return new Undefined("'" + name + "'");
    }

    private @Nullable Object binary(Expr.Binary e) {
        Object left = value(e.left());
        return switch (e.operator()) {
            case "and" -> Values.truth(left) ? value(e.right()) : left;
            case "or" -> Values.truth(left) ? left : value(e.right());
            default -> Operators.binary(e.operator(), left, value(e.right()));
        };
    }

    private boolean compared(Expr.Comparison e) {
        Object left = value(e.first());
        for (int i = 0; i < e.operators().size(); i++) {
            Object right = value(e.operands().get(i));
            if (!Operators.compares(e.operators().get(i), left, right)) {
                return false;
            }
            left = right;
        }
        return true;
    }

    @Nullable Object call(Expr.Call e, @Nullable Callable caller) {
        Object function = value(e.function());
        Map<String, @Nullable Object> named = named(e.arguments());
        if (caller != null) {
            named = new LinkedHashMap<>(named);
            named.put("caller", caller);
        }
        List<@Nullable Object> positional = positional(e.arguments());
        return switch (function) {
            case Callable c -> c.call(positional, named);
            case Loop loop -> loop.call(positional);
            case Undefined u -> throw u.error();
            case null -> throw new JinjaError(Values.type(function) + " cannot be called");
            default -> throw new JinjaError(Values.type(function) + " cannot be called");
        };
    }

    List<@Nullable Object> positional(Expr.Arguments arguments) {
        List<@Nullable Object> values = new ArrayList<>();
        arguments.positional().forEach(a -> values.add(value(a)));
        arguments.spread().forEach(a -> values.addAll(Values.items(value(a))));
        return values;
    }

    Map<String, @Nullable Object> named(Expr.Arguments arguments) {
        Map<String, @Nullable Object> values = new LinkedHashMap<>();
        for (int i = 0; i < arguments.names().size(); i++) {
            values.put(arguments.names().get(i), value(arguments.named().get(i)));
        }
        for (Expr spread : arguments.spreadNamed()) {
            if (!(value(spread) instanceof Map<?, ?> map)) {
                throw new JinjaError("expected a mapping after '**'");
            }
            map.forEach((k, v) -> values.put(PythonText.str(k), v));
        }
        return values;
    }
}
