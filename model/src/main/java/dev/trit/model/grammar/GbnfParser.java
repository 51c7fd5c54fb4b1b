package dev.trit.model.grammar;

import dev.trit.model.ModelException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Reads GBNF. A rule ends at the end of its line, unless a bracket is open or the next line does not begin a rule. */
final class GbnfParser {
    private static final int MOST_REPEATS = 100_000;

    private final String text;
    private final Map<String, Expr> rules = new LinkedHashMap<>();
    private final Map<String, Integer> called = new LinkedHashMap<>(); // rule to where
    private int at;

    GbnfParser(String text) {
        this.text = text;
    }

    Grammar parse() {
        skip();
        while (at < text.length()) {
            String name = name();
            skip();
            if (!text.startsWith("::=", at)) {
                throw error("expected ::= after the name of a rule");
            }
            at += 3;
            Expr body = alternatives();
            if (rules.put(name, body) != null) {
                throw error("the rule '" + name + "' is there twice");
            }
            skip();
        }
        called.forEach((name, where) -> {
            if (!rules.containsKey(name)) {
                at = where;
                throw error("there is no rule '" + name + "'");
            }
        });
        if (!rules.containsKey("root")) {
            throw new ModelException("grammar: there is no rule 'root'");
        }
        return new Grammar(rules, "root");
    }

    private Expr alternatives() {
        List<Expr> options = new ArrayList<>();
        options.add(sequence());
        while (peek() == '|') {
            at++;
            options.add(sequence());
        }
        return options.size() == 1 ? options.getFirst() : new Expr.Choice(options);
    }

    private Expr sequence() {
        List<Expr> parts = new ArrayList<>();
        while (true) {
            char c = peek();
            if (c == 0 || c == '|' || c == ')' || beginsRule()) {
                return parts.size() == 1 ? parts.getFirst() : new Expr.Seq(parts);
            }
            Expr part = item();
            for (char q = peekHere(); q == '*' || q == '+' || q == '?' || q == '{'; q = peekHere()) {
                part = repeated(part);
            }
            parts.add(part);
        }
    }

    private Expr item() {
        char c = text.charAt(at);
        switch (c) {
            case '"' -> {
                return literal();
            }
            case '[' -> {
                return set();
            }
            case '.' -> {
                at++;
                return new Expr.Chars(Ranges.ALL);
            }
            case '(' -> {
                at++;
                Expr inner = alternatives();
                if (peek() != ')') {
                    throw error("expected )");
                }
                at++;
                return inner;
            }
            default -> {
                int where = at;
                String name = name();
                called.putIfAbsent(name, where);
                return new Expr.Rule(name);
            }
        }
    }

    private Expr repeated(Expr part) {
        char c = text.charAt(at++);
        return switch (c) {
            case '*' -> Expr.many(part);
            case '+' -> Expr.repeat(part, 1, Expr.UNLIMITED);
            case '?' -> Expr.optional(part);
            default -> {
                int min = number();
                int max = min;
                if (peekHere() == ',') {
                    at++;
                    max = Character.isDigit(peekHere()) ? number() : Expr.UNLIMITED;
                }
                if (peekHere() != '}') {
                    throw error("expected }");
                }
                at++;
                if (max != Expr.UNLIMITED && max < min) {
                    throw error("{%d,%d}: the second must not be smaller".formatted(min, max));
                }
                yield Expr.repeat(part, min, max);
            }
        };
    }

    private int number() {
        int from = at;
        while (Character.isDigit(peekHere())) {
            at++;
        }
        if (from == at || at - from > 6 || Integer.parseInt(text, from, at, 10) > MOST_REPEATS) {
            throw error("expected a number from 0 to " + MOST_REPEATS);
        }
        return Integer.parseInt(text, from, at, 10);
    }

    private Expr literal() {
        at++;
        StringBuilder literal = new StringBuilder();
        while (peekHere() != '"') {
            literal.appendCodePoint(character());
        }
        at++;
        return new Expr.Literal(literal.toString());
    }

    private Expr set() {
        at++;
        boolean negated = peekHere() == '^';
        at += negated ? 1 : 0;
        Ranges ranges = Ranges.NONE;
        while (peekHere() != ']') {
            int first = character();
            int last = first;
            if (peekHere() == '-' && at + 1 < text.length() && text.charAt(at + 1) != ']') {
                at++;
                last = character();
            }
            if (last < first) {
                throw error("a range of characters that ends before it begins");
            }
            ranges = ranges.or(Ranges.of(first, last));
        }
        at++;
        return new Expr.Chars(negated ? ranges.not() : ranges);
    }

    /** One character of a literal or a class, escapes resolved. */
    private int character() {
        if (at >= text.length() || text.charAt(at) == '\n') {
            throw error("a literal or a class of characters is not closed");
        }
        int c = text.codePointAt(at);
        at += Character.charCount(c);
        if (c != '\\') {
            return c;
        }
        char escaped = peekHere();
        at++;
        return switch (escaped) {
            case 'n' -> '\n';
            case 'r' -> '\r';
            case 't' -> '\t';
            case 'x' -> hex(2);
            case 'u' -> hex(4);
            case 'U' -> hex(8);
            case '\\', '"', '[', ']', '-', '^' -> escaped;
            default -> throw error("unknown escape \\" + escaped);
        };
    }

    private int hex(int digits) {
        if (at + digits > text.length()) {
            throw error("expected %d hexadecimal digits".formatted(digits));
        }
        try {
            int c = Integer.parseInt(text, at, at + digits, 16);
            if (!Ranges.ALL.contains(c)) {
                throw error("no character has that number");
            }
            at += digits;
            return c;
        } catch (NumberFormatException e) {
            throw error("expected %d hexadecimal digits".formatted(digits));
        }
    }

    private String name() {
        int from = at;
        while (at < text.length()
                && (Character.isLetterOrDigit(text.charAt(at)) || "-_".indexOf(text.charAt(at)) >= 0)) {
            at++;
        }
        if (from == at) {
            throw error("expected the name of a rule, a literal, a class or a group");
        }
        return text.substring(from, at);
    }

    /** Whether what comes next is {@code name ::=}. */
    private boolean beginsRule() {
        int back = at;
        while (at < text.length()
                && (Character.isLetterOrDigit(text.charAt(at)) || "-_".indexOf(text.charAt(at)) >= 0)) {
            at++;
        }
        boolean named = at > back;
        skip();
        boolean begins = named && text.startsWith("::=", at);
        at = back;
        return begins;
    }

    /** The next character after spaces and comments; 0 at the end. */
    private char peek() {
        skip();
        return peekHere();
    }

    private char peekHere() {
        return at < text.length() ? text.charAt(at) : 0;
    }

    private void skip() {
        while (at < text.length()) {
            char c = text.charAt(at);
            if (c == '#') {
                int end = text.indexOf('\n', at);
                at = end < 0 ? text.length() : end;
            } else if (Character.isWhitespace(c)) {
                at++;
            } else {
                return;
            }
        }
    }

    private ModelException error(String what) {
        int end = Math.min(at, text.length());
        long line = text.substring(0, end).chars().filter(c -> c == '\n').count() + 1;
        int column = end - text.lastIndexOf('\n', end - 1);
        return new ModelException("grammar, line %d, column %d: %s".formatted(line, column, what));
    }
}
