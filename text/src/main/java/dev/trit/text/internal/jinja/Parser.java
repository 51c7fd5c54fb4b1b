package dev.trit.text.internal.jinja;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Tokens to statements. */
final class Parser extends ExprParser {
    private Parser(List<Token> tokens) {
        super(tokens);
    }

    static List<Stmt> parse(String template) {
        Parser parser = new Parser(Lexer.tokens(template));
        List<Stmt> body = parser.body(Set.of());
        parser.expect(Token.Kind.END, "the end of the template");
        return body;
    }

    /** Statements up to a tag whose name is in {@code ends}, which is left for the caller after its name. */
    private List<Stmt> body(Set<String> ends) {
        enter();
        List<Stmt> body = new ArrayList<>();
        while (true) {
            Token token = peek();
            switch (token.kind()) {
                case DATA -> body.add(new Stmt.Text(next().text(), token.line()));
                case VARIABLE_BEGIN -> {
                    next();
                    body.add(new Stmt.Output(tuple(true), token.line()));
                    expect(Token.Kind.VARIABLE_END, "'}}'");
                }
                case BLOCK_BEGIN -> {
                    next();
                    if (at(Token.Kind.NAME) && ends.contains(peek().text())) {
                        leave();
                        return body;
                    }
                    body.add(statement());
                }
                default -> {
                    if (!ends.isEmpty()) {
                        throw error("expected one of " + ends.stream().sorted().toList() + ", got " + token);
                    }
                    leave();
                    return body;
                }
            }
        }
    }

    private void endTag() {
        expect(Token.Kind.BLOCK_END, "'%}'");
    }

    /** A body and its end tag, whose name is the only one expected. */
    private List<Stmt> bodyTo(String end) {
        endTag();
        List<Stmt> body = body(Set.of(end));
        next();
        endTag();
        return body;
    }

    private Stmt statement() {
        Token tag = expect(Token.Kind.NAME, "a statement");
        int line = tag.line();
        return switch (tag.text()) {
            case "if" -> ifStatement(line);
            case "for" -> forStatement(line);
            case "set" -> set(line);
            case "macro" -> {
                String name = expect(Token.Kind.NAME, "the macro's name").text();
                yield macro(name, "endmacro", line);
            }
            case "call" -> call(line);
            case "filter" -> new Stmt.FilterBlock(filterChain(true), bodyTo("endfilter"), line);
            case "with" -> with(line);
            case "generation" -> new Stmt.Block(bodyTo("endgeneration"), line);
            case "break" -> simple(new Stmt.Break(line));
            case "continue" -> simple(new Stmt.Continue(line));
            case "do" -> simple(new Stmt.Do(tuple(true), line));
            default -> throw error("the statement '" + tag.text() + "' is not part of chat templates");
        };
    }

    private Stmt simple(Stmt statement) {
        endTag();
        return statement;
    }

    private Stmt ifStatement(int line) {
        List<Expr> conditions = new ArrayList<>();
        List<List<Stmt>> bodies = new ArrayList<>();
        List<Stmt> otherwise = null;
        conditions.add(tuple(true));
        endTag();
        while (true) {
            bodies.add(body(Set.of("elif", "else", "endif")));
            String end = next().text();
            if (end.equals("elif")) {
                conditions.add(tuple(true));
                endTag();
                continue;
            }
            endTag();
            if (end.equals("else")) {
                otherwise = body(Set.of("endif"));
                next();
                endTag();
            }
            return new Stmt.If(conditions, bodies, otherwise, line);
        }
    }

    private Stmt forStatement(int line) {
        Expr target = target();
        if (!takeName("in")) {
            throw error("expected 'in', got " + peek());
        }
        Expr items = tuple(false);
        Expr filter = takeName("if") ? expression() : null;
        boolean recursive = takeName("recursive");
        endTag();
        List<Stmt> body = body(Set.of("else", "endfor"));
        List<Stmt> otherwise = List.of();
        if (next().text().equals("else")) {
            endTag();
            otherwise = body(Set.of("endfor"));
            next();
        }
        endTag();
        return new Stmt.For(target, items, filter, recursive, body, otherwise, line);
    }

    /** A name, a tuple of names, or the attribute of a namespace. */
    private Expr target() {
        int line = peek().line();
        List<Expr> names = new ArrayList<>();
        boolean tuple = takeOperator("(");
        boolean parenthesis = tuple;
        do {
            if (parenthesis && atOperator(")")) {
                break;
            }
            Token name = expect(Token.Kind.NAME, "a name");
            Expr target = new Expr.Name(name.text(), name.line());
            if (takeOperator(".")) {
                target = new Expr.Attribute(
                        target, expect(Token.Kind.NAME, "a name").text(), name.line());
            }
            names.add(target);
            tuple |= atOperator(",");
        } while (takeOperator(","));
        if (parenthesis) {
            expectOperator(")");
        }
        return tuple ? new Expr.Sequence(names, true, line) : names.getFirst();
    }

    private Stmt set(int line) {
        Expr target = target();
        if (takeOperator("=")) {
            Expr value = tuple(true);
            return simple(new Stmt.Set(target, value, line));
        }
        return new Stmt.SetBlock(target, filterChain(false), bodyTo("endset"), line);
    }

    private Stmt.Macro macro(String name, String end, int line) {
        List<String> parameters = new ArrayList<>();
        List<@Nullable Expr> defaults = new ArrayList<>();
        if (takeOperator("(")) {
            while (!takeOperator(")")) {
                parameters.add(expect(Token.Kind.NAME, "a parameter").text());
                defaults.add(takeOperator("=") ? expression() : null);
                if (!atOperator(")")) {
                    expectOperator(",");
                }
            }
        }
        if (end.isEmpty()) {
            return new Stmt.Macro(name, parameters, defaults, List.of(), line);
        }
        return new Stmt.Macro(name, parameters, defaults, bodyTo(end), line);
    }

    private Stmt call(int line) {
        Stmt.Macro head = macro("caller", "", line);
        if (!(expression() instanceof Expr.Call call)) {
            throw error("expected a call");
        }
        Stmt.Macro caller = new Stmt.Macro("caller", head.parameters(), head.defaults(), bodyTo("endcall"), line);
        return new Stmt.CallBlock(caller, call, line);
    }

    private Stmt with(int line) {
        List<Expr> targets = new ArrayList<>();
        List<Expr> values = new ArrayList<>();
        while (!at(Token.Kind.BLOCK_END)) {
            targets.add(target());
            expectOperator("=");
            values.add(expression());
            takeOperator(",");
        }
        return new Stmt.With(targets, values, bodyTo("endwith"), line);
    }
}
