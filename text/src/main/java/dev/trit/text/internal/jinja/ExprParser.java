package dev.trit.text.internal.jinja;

import dev.trit.text.TextException;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Tokens to expressions, by recursive descent; the order of the methods is the order of precedence, loosest first. */
class ExprParser {
    private static final Set<String> COMPARISONS = Set.of("==", "!=", "<", "<=", ">", ">=");

    /** Nesting that a template can need; a hostile one must not exhaust the stack. */
    private static final int MAX_DEPTH = 200;

    private final List<Token> tokens;
    private int at;
    private int depth;

    /** Names read since a macro began: whether it takes more arguments depends on them. */
    Set<String> mentioned = new HashSet<>();

    ExprParser(List<Token> tokens) {
        this.tokens = tokens;
    }

    // ---- tokens

    Token peek() {
        return tokens.get(at);
    }

    Token next() {
        return tokens.get(at++);
    }

    boolean at(Token.Kind kind) {
        return peek().kind() == kind;
    }

    boolean atOperator(String text) {
        return peek().is(Token.Kind.OPERATOR, text);
    }

    boolean atName(String text) {
        return peek().is(Token.Kind.NAME, text);
    }

    boolean takeOperator(String text) {
        if (atOperator(text)) {
            at++;
            return true;
        }
        return false;
    }

    boolean takeName(String text) {
        if (atName(text)) {
            at++;
            return true;
        }
        return false;
    }

    Token expect(Token.Kind kind, String what) {
        if (!at(kind)) {
            throw error("expected " + what + ", got " + peek());
        }
        return next();
    }

    void expectOperator(String text) {
        if (!takeOperator(text)) {
            throw error("expected '" + text + "', got " + peek());
        }
    }

    TextException error(String message) {
        return new TextException("chat template, line " + peek().line() + ": " + message);
    }

    private boolean followedByName(String text) {
        return tokens.get(at + 1).is(Token.Kind.NAME, text);
    }

    void enter() {
        if (++depth > MAX_DEPTH) {
            throw error("nested more than " + MAX_DEPTH + " deep");
        }
    }

    void leave() {
        depth--;
    }

    // ---- expressions

    /** Expressions with commas between them are a tuple; one alone is itself. */
    Expr tuple(boolean conditional) {
        int line = peek().line();
        List<Expr> items = new ArrayList<>();
        items.add(conditional ? expression() : or());
        boolean tuple = false;
        while (takeOperator(",")) {
            tuple = true;
            if (endsTuple()) {
                break;
            }
            items.add(conditional ? expression() : or());
        }
        return tuple ? new Expr.Sequence(items, true, line) : items.getFirst();
    }

    private boolean endsTuple() {
        return at(Token.Kind.BLOCK_END)
                || at(Token.Kind.VARIABLE_END)
                || atOperator(")")
                || atOperator("]")
                || atOperator("=")
                || atName("in");
    }

    Expr expression() {
        enter();
        int line = peek().line();
        Expr value = or();
        while (takeName("if")) {
            Expr condition = or();
            Expr otherwise = takeName("else") ? expression() : null;
            value = new Expr.Conditional(value, condition, otherwise, line);
        }
        leave();
        return value;
    }

    private Expr or() {
        Expr left = and();
        while (atName("or")) {
            int line = next().line();
            left = new Expr.Binary("or", left, and(), line);
        }
        return left;
    }

    private Expr and() {
        Expr left = not();
        while (atName("and")) {
            int line = next().line();
            left = new Expr.Binary("and", left, not(), line);
        }
        return left;
    }

    private Expr not() {
        if (atName("not")) {
            enter();
            int line = next().line();
            Expr operand = not();
            leave();
            return new Expr.Unary("not", operand, line);
        }
        return comparison();
    }

    private Expr comparison() {
        int line = peek().line();
        Expr first = sum();
        List<String> operators = new ArrayList<>();
        List<Expr> operands = new ArrayList<>();
        while (true) {
            if (at(Token.Kind.OPERATOR) && COMPARISONS.contains(peek().text())) {
                operators.add(next().text());
            } else if (takeName("in")) {
                operators.add("in");
            } else if (atName("not") && followedByName("in")) {
                at += 2;
                operators.add("not in");
            } else {
                break;
            }
            operands.add(sum());
        }
        return operators.isEmpty() ? first : new Expr.Comparison(first, operators, operands, line);
    }

    private Expr sum() {
        Expr left = concatenation();
        while (atOperator("+") || atOperator("-")) {
            Token operator = next();
            left = new Expr.Binary(operator.text(), left, concatenation(), operator.line());
        }
        return left;
    }

    private Expr concatenation() {
        Expr left = product();
        while (atOperator("~")) {
            int line = next().line();
            left = new Expr.Binary("~", left, product(), line);
        }
        return left;
    }

    private Expr product() {
        Expr left = power();
        while (atOperator("*") || atOperator("/") || atOperator("//") || atOperator("%")) {
            Token operator = next();
            left = new Expr.Binary(operator.text(), left, power(), operator.line());
        }
        return left;
    }

    private Expr power() {
        Expr left = unary(true);
        while (atOperator("**")) {
            int line = next().line();
            left = new Expr.Binary("**", left, unary(true), line);
        }
        return left;
    }

    private Expr unary(boolean filtered) {
        Expr value;
        if (atOperator("-") || atOperator("+")) {
            enter();
            Token operator = next();
            value = new Expr.Unary(operator.text(), unary(false), operator.line());
            leave();
        } else {
            value = primary();
        }
        value = postfix(value);
        return filtered ? filters(value) : value;
    }

    private Expr primary() {
        Token token = next();
        int line = token.line();
        return switch (token.kind()) {
            case NAME ->
                switch (token.text()) {
                    case "true", "True" -> new Expr.Literal(true, line);
                    case "false", "False" -> new Expr.Literal(false, line);
                    case "none", "None" -> new Expr.Literal(null, line);
                    default -> {
                        mentioned.add(token.text());
                        yield new Expr.Name(token.text(), line);
                    }
                };
            case STRING -> {
                StringBuilder text = new StringBuilder(token.text());
                while (at(Token.Kind.STRING)) {
                    text.append(next().text());
                }
                yield new Expr.Literal(text.toString(), line);
            }
            case INTEGER -> new Expr.Literal(integer(token), line);
            case FLOAT -> new Expr.Literal(Double.valueOf(token.text()), line);
            case OPERATOR -> bracketed(token);
            default -> {
                at--;
                throw error("expected an expression, got " + peek());
            }
        };
    }

    private static Object integer(Token token) {
        try {
            return Long.valueOf(token.text());
        } catch (NumberFormatException e) {
            throw new TextException(
                    "chat template, line %d: %s is beyond 64 bits"
                            .formatted(token.line(), new BigInteger(token.text())),
                    e);
        }
    }

    private Expr bracketed(Token open) {
        int line = open.line();
        switch (open.text()) {
            case "(" -> {
                if (takeOperator(")")) {
                    return new Expr.Sequence(List.of(), true, line);
                }
                Expr inside = tuple(true);
                expectOperator(")");
                return inside;
            }
            case "[" -> {
                List<Expr> items = new ArrayList<>();
                while (!takeOperator("]")) {
                    items.add(expression());
                    if (!atOperator("]")) {
                        expectOperator(",");
                    }
                }
                return new Expr.Sequence(items, false, line);
            }
            case "{" -> {
                List<Expr> keys = new ArrayList<>();
                List<Expr> values = new ArrayList<>();
                while (!takeOperator("}")) {
                    keys.add(expression());
                    expectOperator(":");
                    values.add(expression());
                    if (!atOperator("}")) {
                        expectOperator(",");
                    }
                }
                return new Expr.Dict(keys, values, line);
            }
            default -> {
                at--;
                throw error("expected an expression, got " + peek());
            }
        }
    }

    private Expr postfix(Expr value) {
        while (true) {
            int line = peek().line();
            if (takeOperator(".")) {
                Token name = next();
                value = switch (name.kind()) {
                    case NAME -> new Expr.Attribute(value, name.text(), line);
                    case INTEGER -> new Expr.Item(value, new Expr.Literal(Long.valueOf(name.text()), line), line);
                    default -> throw error("expected a name after '.', got " + name);
                };
            } else if (takeOperator("[")) {
                value = new Expr.Item(value, subscript(), line);
                expectOperator("]");
            } else if (atOperator("(")) {
                value = new Expr.Call(value, arguments(), line);
            } else {
                return value;
            }
        }
    }

    private Expr subscript() {
        int line = peek().line();
        Expr from = atOperator(":") ? null : expression();
        if (!takeOperator(":")) {
            return from == null ? new Expr.Literal(null, line) : from;
        }
        Expr to = atOperator(":") || atOperator("]") ? null : expression();
        Expr step = takeOperator(":") && !atOperator("]") ? expression() : null;
        return new Expr.Slice(from, to, step, line);
    }

    /** Filters, tests and calls of their results, as often as they follow. */
    private Expr filters(Expr value) {
        while (true) {
            if (atOperator("|")) {
                value = filter(value);
            } else if (atName("is")) {
                value = test(value);
            } else if (atOperator("(")) {
                int line = peek().line();
                value = new Expr.Call(value, arguments(), line);
            } else {
                return value;
            }
        }
    }

    private Expr.Filter filter(@Nullable Expr value) {
        int line = next().line(); // '|'
        return filterName(value, line);
    }

    private Expr.Filter filterName(@Nullable Expr value, int line) {
        StringBuilder name =
                new StringBuilder(expect(Token.Kind.NAME, "a filter's name").text());
        while (takeOperator(".")) {
            name.append('.').append(expect(Token.Kind.NAME, "a filter's name").text());
        }
        return new Expr.Filter(value, name.toString(), atOperator("(") ? arguments() : Expr.Arguments.NONE, line);
    }

    /** The filters of {@code {% filter a|b %}} ({@code first}) or of {@code {% set x | a | b %}}. */
    List<Expr.Filter> filterChain(boolean first) {
        List<Expr.Filter> filters = new ArrayList<>();
        if (first) {
            filters.add(filterName(null, peek().line()));
        }
        while (atOperator("|")) {
            filters.add(filter(null));
        }
        return filters;
    }

    private Expr test(Expr value) {
        int line = next().line(); // 'is'
        boolean negated = takeName("not");
        String name = expect(Token.Kind.NAME, "a test's name").text();
        Expr.Arguments arguments = Expr.Arguments.NONE;
        if (atOperator("(")) {
            arguments = arguments();
        } else if (startsOperand() && !atName("else") && !atName("or") && !atName("and")) {
            if (atName("is")) {
                throw error("a test of a test needs parentheses");
            }
            arguments = new Expr.Arguments(List.of(postfix(primary())), List.of(), List.of(), List.of(), List.of());
        }
        Expr test = new Expr.Test(value, name, arguments, line);
        return negated ? new Expr.Unary("not", test, line) : test;
    }

    private boolean startsOperand() {
        return switch (peek().kind()) {
            case NAME, STRING, INTEGER, FLOAT -> true;
            case OPERATOR -> atOperator("[") || atOperator("{");
            default -> false;
        };
    }

    Expr.Arguments arguments() {
        expectOperator("(");
        List<Expr> positional = new ArrayList<>();
        List<String> names = new ArrayList<>();
        List<Expr> named = new ArrayList<>();
        List<Expr> spread = new ArrayList<>();
        List<Expr> spreadNamed = new ArrayList<>();
        while (!takeOperator(")")) {
            if (takeOperator("**")) {
                spreadNamed.add(expression());
            } else if (takeOperator("*")) {
                spread.add(expression());
            } else if (at(Token.Kind.NAME) && tokens.get(at + 1).is(Token.Kind.OPERATOR, "=")) {
                names.add(next().text());
                next();
                named.add(expression());
            } else {
                positional.add(expression());
            }
            if (!atOperator(")")) {
                expectOperator(",");
            }
        }
        return new Expr.Arguments(positional, names, named, spread, spreadNamed);
    }
}
