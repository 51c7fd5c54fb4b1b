package dev.trit.text.internal.jinja;

import dev.trit.text.TextException;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Tokens to operands: a literal, a name or brackets, with the calls, filters and tests that follow. */
abstract class OperandParser extends TokenReader {
    /** Names read since a macro began: whether it takes more arguments depends on them. */
    Set<String> mentioned = new HashSet<>();

    OperandParser(List<Token> tokens) {
        super(tokens);
    }

    /** Any expression: brackets and arguments hold them. */
    abstract Expr expression();

    /** Expressions with commas between them are a tuple; one alone is itself. */
    abstract Expr tuple(boolean conditional);

    /** An operand without what follows it. */
    Expr primary() {
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
                back();
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
                back();
                throw error("expected an expression, got " + peek());
            }
        }
    }

    /** Members, items and calls, as often as they follow. */
    Expr postfix(Expr value) {
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
    Expr filters(Expr value) {
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
            } else if (at(Token.Kind.NAME) && followedBy(Token.Kind.OPERATOR, "=")) {
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
