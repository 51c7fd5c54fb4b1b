package dev.trit.text.internal.jinja;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/** Tokens to expressions, by recursive descent; the order of the methods is the order of precedence, loosest first. */
class ExprParser extends OperandParser {
    private static final Set<String> COMPARISONS = Set.of("==", "!=", "<", "<=", ">", ">=");

    ExprParser(List<Token> tokens) {
        super(tokens);
    }

    @Override
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

    @Override
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
            } else if (atName("not") && followedBy(Token.Kind.NAME, "in")) {
                next();
                next();
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
}
