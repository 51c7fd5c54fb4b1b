package dev.trit.text.internal.jinja;

import dev.trit.text.TextException;
import java.util.List;

/** Reads the tokens of a template one after another, and counts how deep what it reads is nested. */
class TokenReader {
    /** Nesting that a template can need; a hostile one must not exhaust the stack. */
    private static final int MAX_DEPTH = 200;

    private final List<Token> tokens;
    private int at;
    private int depth;

    TokenReader(List<Token> tokens) {
        this.tokens = tokens;
    }

    Token peek() {
        return tokens.get(at);
    }

    Token next() {
        return tokens.get(at++);
    }

    /** Puts the last token back. */
    void back() {
        at--;
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

    /** Whether such a token comes after the one ahead. */
    boolean followedBy(Token.Kind kind, String text) {
        return tokens.get(at + 1).is(kind, text);
    }

    /** Whether it was there; then it is read. */
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

    void enter() {
        if (++depth > MAX_DEPTH) {
            throw error("nested more than " + MAX_DEPTH + " deep");
        }
    }

    void leave() {
        depth--;
    }
}
