package dev.trit.text.internal.jinja;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Tokens to statements. */
final class Parser extends ExprParser {
    private static final Set<String> CONSTANTS = Set.of("true", "True", "false", "False", "none", "None");

    /** For statements around the current one. */
    private int loops;

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
            case "call" -> new Stmt.CallBlock(macro("caller", "endcall", line), line);
            case "filter" -> new Stmt.FilterBlock(filterChain(true), apart("endfilter"), line);
            case "with" -> with(line);
            case "generation" -> new Stmt.Block(apart("endgeneration"), line);
            case "break" -> simple(inLoop(new Stmt.Break(line)));
            case "continue" -> simple(inLoop(new Stmt.Continue(line)));
            default -> throw error("the statement '" + tag.text() + "' is not part of chat templates");
        };
    }

    private Stmt inLoop(Stmt statement) {
        if (loops == 0) {
            throw error("outside of a loop");
        }
        return statement;
    }

    /** A body that breaks no loop around it. */
    private List<Stmt> apart(String end) {
        int around = loops;
        loops = 0;
        List<Stmt> body = bodyTo(end);
        loops = around;
        return body;
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
        loops++;
        List<Stmt> body = body(Set.of("else", "endfor"));
        loops--;
        List<Stmt> otherwise = List.of();
        if (next().text().equals("else")) {
            endTag();
            otherwise = body(Set.of("endfor"));
            next();
        }
        endTag();
        return new Stmt.For(target, items, filter, recursive, body, otherwise, line);
    }

    /** A name, the attribute of a namespace, or a tuple of targets. */
    private Expr target() {
        int line = peek().line();
        List<Expr> targets = new ArrayList<>();
        targets.add(oneTarget());
        boolean tuple = atOperator(",");
        while (takeOperator(",") && !atOperator(")") && !atName("in") && !atOperator("=")) {
            targets.add(oneTarget());
        }
        return tuple ? new Expr.Sequence(targets, true, line) : targets.getFirst();
    }

    private Expr oneTarget() {
        if (takeOperator("(")) {
            Expr inside = target();
            expectOperator(")");
            return inside;
        }
        Token name = expect(Token.Kind.NAME, "a name");
        if (CONSTANTS.contains(name.text())) {
            throw error("'" + name.text() + "' cannot be set");
        }
        Expr target = new Expr.Name(name.text(), name.line());
        return takeOperator(".")
                ? new Expr.Attribute(target, expect(Token.Kind.NAME, "a name").text(), name.line())
                : target;
    }

    private Stmt set(int line) {
        Expr target = target();
        if (takeOperator("=")) {
            Expr value = tuple(true);
            return simple(new Stmt.Set(target, value, line));
        }
        return new Stmt.SetBlock(target, filterChain(false), apart("endset"), line);
    }

    /** Parameters and body of a macro, or of the block of a call, which has its call in between. */
    private Stmt.Macro macro(String name, String end, int line) {
        List<String> parameters = new ArrayList<>();
        List<@Nullable Expr> defaults = new ArrayList<>();
        parameters(parameters, defaults);
        Expr.Call call = null;
        if (end.equals("endcall")) {
            if (!(expression() instanceof Expr.Call c)) {
                throw error("expected a call");
            }
            call = c;
        }
        Set<String> around = mentioned;
        mentioned = new HashSet<>();
        List<Stmt> body = apart(end);
        Set<String> inside = mentioned;
        mentioned = around;
        mentioned.addAll(inside);
        return new Stmt.Macro(name, parameters, defaults, body, inside, call, line);
    }

    private void parameters(List<String> parameters, List<@Nullable Expr> defaults) {
        if (!takeOperator("(")) {
            return;
        }
        while (!takeOperator(")")) {
            parameters.add(expect(Token.Kind.NAME, "a parameter").text());
            Expr value = takeOperator("=") ? expression() : null;
            if (value == null && !defaults.isEmpty() && defaults.getLast() != null) {
                throw error("a parameter without a default after one with");
            }
            defaults.add(value);
            if (!atOperator(")")) {
                expectOperator(",");
            }
        }
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
