package dev.trit.text.internal.jinja;

import dev.trit.text.TextException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Runs a parsed template over data. A template comes with a downloaded model, so it is given nothing but data, and its
 * steps, its nesting and its output are bounded.
 */
final class Interpreter extends Evaluator {
    private static final int MAX_DEPTH = 150;

    private enum Flow {
        NEXT,
        BREAK,
        CONTINUE
    }

    private StringBuilder out = new StringBuilder();
    private int depth;

    private Interpreter(Map<String, @Nullable Object> globals) {
        super(globals);
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
            case Stmt.CallBlock s ->
                write(PythonText.str(call(Objects.requireNonNull(s.caller().call()), macro(s.caller(), scope))));
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
            case Stmt.Block s -> write(captured(s.body()));
            case Stmt.Break s -> {
                return Flow.BREAK;
            }
            case Stmt.Continue s -> {
                return Flow.CONTINUE;
            }
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
        boolean completed = false; // an iteration; Jinja runs else when all broke off or went on, too
        for (int i = 0; i < items.size(); i++) {
            step(s.line());
            loop.index = i;
            scope = new Scope(around);
            scope.names.put("loop", loop);
            assign(s.target(), items.get(i));
            Flow flow = body(s.body());
            if (flow == Flow.BREAK) {
                break;
            }
            completed |= flow == Flow.NEXT;
        }
        scope = around;
        if (!completed) {
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
            Object value = i < positional.size()
                    ? positional.get(i)
                    : named.getOrDefault(name, new Undefined("parameter '" + name + "'"));
            scope.names.put(name, value);
        }
        for (int i = positional.size(); i < parameters.size(); i++) { // after all are bound: a default may read them
            Expr otherwise = macro.defaults().get(i);
            if (otherwise != null && !named.containsKey(parameters.get(i))) {
                scope.names.put(parameters.get(i), value(otherwise));
            }
        }
        bindRest(macro, positional, named);
    }

    /** Arguments beyond the parameters, which only a body that reads them may get. */
    private void bindRest(Stmt.Macro macro, List<@Nullable Object> positional, Map<String, @Nullable Object> named) {
        int n = macro.parameters().size();
        Map<String, @Nullable Object> rest = new LinkedHashMap<>(named);
        macro.parameters().stream().skip(positional.size()).forEach(rest::remove);
        if (macro.mentioned().contains("caller") && !macro.parameters().contains("caller")) {
            Object caller = rest.remove("caller");
            scope.names.put("caller", caller == null ? new Undefined("'caller'") : caller);
        }
        if (macro.mentioned().contains("kwargs")) {
            scope.names.put("kwargs", rest);
        } else if (!rest.isEmpty()) {
            throw new JinjaError("macro %s has no parameters named %s".formatted(macro.name(), rest.keySet()));
        }
        if (macro.mentioned().contains("varargs")) {
            scope.names.put(
                    "varargs", new Tuple(positional.subList(Math.min(n, positional.size()), positional.size())));
        } else if (positional.size() > n) {
            throw new JinjaError("macro %s takes %d arguments, got %d".formatted(macro.name(), n, positional.size()));
        }
    }
}
