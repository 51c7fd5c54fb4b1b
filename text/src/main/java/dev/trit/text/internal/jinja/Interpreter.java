package dev.trit.text.internal.jinja;

import dev.trit.text.TextException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Runs a parsed template over data. A template comes with a downloaded model, so it is given nothing but data, and its
 * steps, its nesting and its output are bounded.
 */
final class Interpreter {
    private static final long MAX_STEPS = 20_000_000;
    private static final int MAX_DEPTH = 150;

    /** Names that statements set, inside those around them. */
    private static final class Scope {
        final @Nullable Scope outer;
        final Map<String, @Nullable Object> names = new HashMap<>();

        Scope(@Nullable Scope outer) {
            this.outer = outer;
        }
    }

    private enum Flow {
        NEXT,
        BREAK,
        CONTINUE
    }

    private StringBuilder out = new StringBuilder();
    private Scope scope;
    private long steps;
    private int depth;

    private Interpreter(Map<String, @Nullable Object> globals) {
        scope = new Scope(null);
        scope.names.putAll(globals);
    }

    static String run(List<Stmt> template, Map<String, @Nullable Object> globals) {
        Interpreter interpreter = new Interpreter(globals);
        interpreter.scope = new Scope(interpreter.scope);
        interpreter.body(template);
        return interpreter.out.toString();
    }

    // ---- statements

    private Flow body(List<Stmt> statements) {
        for (Stmt statement : statements) {
            Flow flow = statement(statement);
            if (flow != Flow.NEXT) {
                return flow;
            }
        }
        return Flow.NEXT;
    }

    private Flow statement(Stmt statement) {
        step(statement.line());
        try {
            return execute(statement);
        } catch (JinjaError e) {
            throw new TextException("chat template, line " + statement.line() + ": " + e.getMessage(), e);
        }
    }

    private void step(int line) {
        if (++steps > MAX_STEPS) {
            throw new TextException("chat template, line %d: more than %d steps".formatted(line, MAX_STEPS));
        }
    }

    private Flow execute(Stmt statement) {
        switch (statement) {
            case Stmt.Text s -> write(s.text());
            case Stmt.Output s -> write(PythonText.str(value(s.value())));
            case Stmt.If s -> {
                for (int i = 0; i < s.conditions().size(); i++) {
                    if (Values.truth(value(s.conditions().get(i)))) {
                        return body(s.bodies().get(i));
                    }
                }
                return s.otherwise() == null ? Flow.NEXT : body(s.otherwise());
            }
            case Stmt.For s -> loop(s, value(s.items()), 1);
            case Stmt.Set s -> assign(s.target(), value(s.value()));
            case Stmt.SetBlock s -> assign(s.target(), filtered(s.filters(), captured(s.body())));
            case Stmt.FilterBlock s -> write(PythonText.str(filtered(s.filters(), captured(s.body()))));
            case Stmt.Macro s -> scope.names.put(s.name(), macro(s, scope));
            case Stmt.CallBlock s -> write(PythonText.str(call(s.call(), macro(s.caller(), scope))));
            case Stmt.With s -> {
                List<@Nullable Object> values = new ArrayList<>();
                s.values().forEach(v -> values.add(value(v)));
                Scope around = scope;
                scope = new Scope(around);
                for (int i = 0; i < values.size(); i++) {
                    assign(s.targets().get(i), values.get(i));
                }
                Flow flow = body(s.body());
                scope = around;
                return flow;
            }
            case Stmt.Block s -> {
                return body(s.body());
            }
            case Stmt.Break s -> {
                return Flow.BREAK;
            }
            case Stmt.Continue s -> {
                return Flow.CONTINUE;
            }
            case Stmt.Do s -> value(s.value());
        }
        return Flow.NEXT;
    }

    private void write(String text) {
        if ((long) out.length() + text.length() > Values.MAX_SIZE) {
            throw new JinjaError("the output is beyond the limit of %d characters".formatted(Values.MAX_SIZE));
        }
        out.append(text);
    }

    /** What a body writes, instead of writing it. */
    private String captured(List<Stmt> body) {
        StringBuilder around = out;
        Scope outer = scope;
        out = new StringBuilder();
        scope = new Scope(outer);
        try {
            body(body);
            return out.toString();
        } finally {
            out = around;
            scope = outer;
        }
    }

    private @Nullable Object filtered(List<Expr.Filter> filters, @Nullable Object value) {
        for (Expr.Filter filter : filters) {
            value = Filters.apply(filter.name(), value, positional(filter.arguments()), named(filter.arguments()));
        }
        return value;
    }

    private void assign(Expr target, @Nullable Object value) {
        switch (target) {
            case Expr.Name name -> scope.names.put(name.name(), value);
            case Expr.Sequence names -> {
                List<@Nullable Object> items = Values.items(value);
                if (items.size() != names.items().size()) {
                    throw new JinjaError("expected %d values to unpack, got %d"
                            .formatted(names.items().size(), items.size()));
                }
                for (int i = 0; i < items.size(); i++) {
                    assign(names.items().get(i), items.get(i));
                }
            }
            case Expr.Attribute attribute -> {
                if (!(value(attribute.object()) instanceof Namespace namespace)) {
                    throw new JinjaError("only a namespace's members can be set");
                }
                namespace.members().put(attribute.name(), value);
            }
            default -> throw new JinjaError("cannot set this");
        }
    }

    private void loop(Stmt.For s, @Nullable Object iterated, int level) {
        enter();
        List<@Nullable Object> items = Values.items(iterated);
        Scope around = scope;
        if (s.filter() != null) {
            List<@Nullable Object> kept = new ArrayList<>();
            for (Object item : items) {
                step(s.line());
                scope = new Scope(around);
                assign(s.target(), item);
                if (Values.truth(value(s.filter()))) {
                    kept.add(item);
                }
            }
            items = kept;
        }
        Loop loop = new Loop(items, level, s.recursive() ? nested -> recursed(s, nested, level + 1, around) : null);
        for (int i = 0; i < items.size(); i++) {
            step(s.line());
            loop.index = i;
            scope = new Scope(around);
            scope.names.put("loop", loop);
            assign(s.target(), items.get(i));
            if (body(s.body()) == Flow.BREAK) {
                break;
            }
        }
        scope = around;
        if (items.isEmpty()) {
            scope = new Scope(around);
            body(s.otherwise());
            scope = around;
        }
        depth--;
    }

    private Object recursed(Stmt.For s, @Nullable Object items, int level, Scope around) {
        StringBuilder before = out;
        Scope inside = scope;
        out = new StringBuilder();
        scope = around;
        try {
            loop(s, items, level);
            return out.toString();
        } finally {
            out = before;
            scope = inside;
        }
    }

    private void enter() {
        if (++depth > MAX_DEPTH) {
            throw new JinjaError("nested more than " + MAX_DEPTH + " deep");
        }
    }

    private Callable macro(Stmt.Macro macro, Scope definition) {
        return (positional, named) -> {
            enter();
            StringBuilder before = out;
            Scope around = scope;
            out = new StringBuilder();
            scope = new Scope(definition);
            try {
                bind(macro, positional, named);
                body(macro.body());
                return out.toString();
            } finally {
                out = before;
                scope = around;
                depth--;
            }
        };
    }

    private void bind(Stmt.Macro macro, List<@Nullable Object> positional, Map<String, @Nullable Object> named) {
        List<String> parameters = macro.parameters();
        for (int i = 0; i < parameters.size(); i++) {
            String name = parameters.get(i);
            Expr otherwise = macro.defaults().get(i);
            Object value;
            if (i < positional.size()) {
                value = positional.get(i);
            } else if (named.containsKey(name)) {
                value = named.get(name);
            } else {
                value = otherwise == null ? new Undefined("parameter '" + name + "'") : value(otherwise);
            }
            scope.names.put(name, value);
        }
        Map<String, @Nullable Object> rest = new LinkedHashMap<>(named);
        parameters.forEach(rest::remove);
        if (rest.containsKey("caller")) {
            scope.names.put("caller", rest.remove("caller"));
        }
        scope.names.put("kwargs", rest);
        scope.names.put(
                "varargs",
                new Tuple(
                        positional.size() > parameters.size()
                                ? positional.subList(parameters.size(), positional.size())
                                : List.of()));
    }

    // ---- expressions

    private @Nullable Object value(Expr expr) {
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
                    map.put(value(e.keys().get(i)), value(e.values().get(i)));
                }
                yield map;
            }
            case Expr.Attribute e -> attribute(value(e.object()), e.name());
            case Expr.Item e ->
                e.key() instanceof Expr.Slice s
                        ? Values.slice(value(e.object()), part(s.from()), part(s.to()), part(s.step()))
                        : item(value(e.object()), value(e.key()));
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
            case Expr.Test e -> test(e.name(), value(e.value()), positional(e.arguments()));
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

    private @Nullable Object call(Expr.Call e, @Nullable Callable caller) {
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

    private List<@Nullable Object> positional(Expr.Arguments arguments) {
        List<@Nullable Object> values = new ArrayList<>();
        arguments.positional().forEach(a -> values.add(value(a)));
        arguments.spread().forEach(a -> values.addAll(Values.items(value(a))));
        return values;
    }

    private Map<String, @Nullable Object> named(Expr.Arguments arguments) {
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

    static boolean test(String name, @Nullable Object value, List<@Nullable Object> arguments) {
        return Tests.holds(name, value, arguments);
    }

    /** object.name: a method or member of the type first, then an item of that name. */
    static @Nullable Object attribute(@Nullable Object object, String name) {
        switch (object) {
            case Undefined u -> throw u.error();
            case Loop loop -> {
                return loop.member(name);
            }
            case Namespace n -> {
                return n.members().containsKey(name)
                        ? n.members().get(name)
                        : new Undefined("namespace member '" + name + "'");
            }
            case null, default -> {
                Callable method = Methods.bound(object, name);
                if (method != null) {
                    return method;
                }
                return object instanceof Map<?, ?> map && map.containsKey(name)
                        ? map.get(name)
                        : new Undefined("'" + Values.type(object) + "' member '" + name + "'");
            }
        }
    }

    /** object[key]: an item first, then a method or member. */
    static @Nullable Object item(@Nullable Object object, @Nullable Object key) {
        switch (object) {
            case Undefined u -> throw u.error();
            case Map<?, ?> map
            when map.containsKey(key) -> {
                return map.get(key);
            }
            case List<?> list
            when Values.isNumber(key) -> {
                int i = Values.integer(key);
                i = i < 0 ? i + list.size() : i;
                return i >= 0 && i < list.size() ? list.get(i) : new Undefined("item " + key + " of the list");
            }
            case String s
            when Values.isNumber(key) -> {
                int i = Values.integer(key);
                int n = s.codePointCount(0, s.length());
                i = i < 0 ? i + n : i;
                return i >= 0 && i < n
                        ? Character.toString(s.codePointAt(s.offsetByCodePoints(0, i)))
                        : new Undefined("item " + key + " of the string");
            }
            case null, default -> {
                return key instanceof String name
                        ? attribute(object, name)
                        : new Undefined("item " + PythonText.repr(key) + " of " + Values.type(object));
            }
        }
    }
}
