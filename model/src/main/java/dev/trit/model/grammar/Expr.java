package dev.trit.model.grammar;

import java.util.List;

/** What a rule of a {@link Grammar} says. */
sealed interface Expr {
    /** Nothing at all. */
    Expr EMPTY = new Seq(List.of());

    /** What no text is. */
    Expr NEVER = new Choice(List.of());

    /** One character of a set. */
    record Chars(Ranges ranges) implements Expr {}

    /** Exactly this. */
    record Literal(String text) implements Expr {}

    /** One after the other. */
    record Seq(List<Expr> parts) implements Expr {
        public Seq {
            parts = List.copyOf(parts);
        }
    }

    /** One of them. */
    record Choice(List<Expr> options) implements Expr {
        public Choice {
            options = List.copyOf(options);
        }
    }

    /**
     * Several times the same.
     *
     * @param max {@link #UNLIMITED} for any number
     */
    record Repeat(Expr part, int min, int max) implements Expr {}

    /** What the rule of that name says. */
    record Rule(String name) implements Expr {}

    /** No upper limit of a {@link Repeat}. */
    int UNLIMITED = -1;

    static Expr literal(String text) {
        return new Literal(text);
    }

    static Expr range(int first, int last) {
        return new Chars(Ranges.of(first, last));
    }

    static Expr seq(Expr... parts) {
        return new Seq(List.of(parts));
    }

    static Expr choice(Expr... options) {
        return new Choice(List.of(options));
    }

    static Expr optional(Expr part) {
        return new Repeat(part, 0, 1);
    }

    static Expr many(Expr part) {
        return new Repeat(part, 0, UNLIMITED);
    }

    static Expr repeat(Expr part, int min, int max) {
        return new Repeat(part, min, max);
    }
}
