package dev.trit.model.grammar;

import dev.trit.model.ModelException;
import java.util.ArrayList;
import java.util.List;

/**
 * Reads the regular expressions of JSON Schema (ECMA-262) as far as they are regular: no look-around, references back,
 * word boundaries or character properties; anchors only at the ends of the whole pattern. What it gives is the inside of
 * a JSON string, escaped where JSON needs it.
 */
final class PatternParser {
    private static final Ranges DIGITS = Ranges.of('0', '9');
    private static final Ranges WORD =
            DIGITS.or(Ranges.of('A', 'Z')).or(Ranges.of('a', 'z')).or(Ranges.of('_', '_'));
    private static final Ranges ASCII_SPACE = Ranges.anyOf(" \t\n\r\f\u000B");
    private static final Ranges SPACE = ASCII_SPACE
            .or(Ranges.anyOf("\u00A0\u1680\u202F\u205F\u3000\uFEFF\u2028\u2029"))
            .or(Ranges.of(0x2000, 0x200A));
    private static final Ranges LINE_ENDS = Ranges.anyOf("\n\r\u0085\u2028\u2029");
    private static final int MOST_REPEATS = 100_000;

    private final String pattern;
    private final String where;
    private int at;

    /** @param where for messages */
    PatternParser(String pattern, String where) {
        this.pattern = pattern;
        this.where = where;
    }

    /** All strings in which the pattern is found. */
    Expr parse() {
        List<Expr> options = new ArrayList<>();
        do {
            boolean begin = take('^');
            Expr body = sequence(true);
            boolean end = take('$');
            if (at < pattern.length() && peek() != '|') {
                throw error(peek() == ')' ? "a ) without a (" : "the anchor $ is supported at the end only");
            }
            Expr any = Expr.many(JsonGrammar.CHARACTER);
            options.add(Expr.seq(begin ? Expr.EMPTY : any, body, end ? Expr.EMPTY : any));
        } while (take('|'));
        return new Expr.Choice(options);
    }

    private Expr alternatives() {
        List<Expr> options = new ArrayList<>();
        do {
            options.add(sequence(false));
        } while (take('|'));
        return new Expr.Choice(options);
    }

    private Expr sequence(boolean outermost) {
        List<Expr> parts = new ArrayList<>();
        while (at < pattern.length() && peek() != '|' && peek() != ')') {
            if (peek() == '$' && outermost) {
                break;
            }
            parts.add(quantified(atom()));
        }
        return new Expr.Seq(parts);
    }

    private Expr atom() {
        int c = pattern.codePointAt(at);
        at += Character.charCount(c);
        return switch (c) {
            case '.' -> characters(LINE_ENDS.not());
            case '[' -> characters(set());
            case '(' -> group();
            case '\\' -> characters(escape(false));
            case '^', '$' -> throw error("anchors are supported at the ends of the pattern only");
            case '*', '+', '?', '{' -> throw error("nothing to repeat before " + Character.toString(c));
            default -> characters(Ranges.of(c, c));
        };
    }

    private Expr group() {
        if (take('?') && !take(':')) {
            throw error("of groups with a ? only (?:...) is supported");
        }
        Expr inner = alternatives();
        if (!take(')')) {
            throw error("a ( without a )");
        }
        return inner;
    }

    private Expr quantified(Expr atom) {
        if (at >= pattern.length()) {
            return atom;
        }
        Expr repeated = atom;
        if (take('*')) {
            repeated = Expr.many(atom);
        } else if (take('+')) {
            repeated = Expr.repeat(atom, 1, Expr.UNLIMITED);
        } else if (take('?')) {
            repeated = Expr.optional(atom);
        } else if (take('{')) {
            int min = number();
            int max = min;
            if (take(',')) {
                max = at < pattern.length() && peek() == '}' ? Expr.UNLIMITED : number();
            }
            if (!take('}') || (max != Expr.UNLIMITED && max < min)) {
                throw error("expected {n}, {n,} or {n,m}");
            }
            repeated = Expr.repeat(atom, min, max);
        } else {
            return atom;
        }
        take('?'); // a lazy quantifier finds the same strings
        return repeated;
    }

    private int number() {
        int from = at;
        while (at < pattern.length() && Character.isDigit(peek())) {
            at++;
        }
        if (from == at || at - from > 6 || Integer.parseInt(pattern, from, at, 10) > MOST_REPEATS) {
            throw error("expected a number from 0 to " + MOST_REPEATS);
        }
        return Integer.parseInt(pattern, from, at, 10);
    }

    private Ranges set() {
        boolean negated = take('^');
        Ranges set = Ranges.NONE;
        while (!take(']')) {
            Ranges first = setCharacter();
            if (at + 1 < pattern.length() && peek() == '-' && pattern.charAt(at + 1) != ']') {
                at++;
                Ranges last = setCharacter();
                if (!single(first) || !single(last) || first.bounds()[0] > last.bounds()[0]) {
                    throw error("a range of characters that is none");
                }
                first = Ranges.of(first.bounds()[0], last.bounds()[0]);
            }
            set = set.or(first);
        }
        return negated ? set.not() : set;
    }

    private static boolean single(Ranges ranges) {
        return ranges.bounds().length == 2 && ranges.bounds()[0] == ranges.bounds()[1];
    }

    private Ranges setCharacter() {
        if (at >= pattern.length()) {
            throw error("a [ without a ]");
        }
        int c = pattern.codePointAt(at);
        at += Character.charCount(c);
        return c == '\\' ? escape(true) : Ranges.of(c, c);
    }

    private Ranges escape(boolean inSet) {
        if (at >= pattern.length()) {
            throw error("the pattern ends with a \\");
        }
        char c = pattern.charAt(at++);
        return switch (c) {
            case 'd' -> DIGITS;
            case 'D' -> DIGITS.not();
            case 'w' -> WORD;
            case 'W' -> WORD.not();
            case 's' -> ASCII_SPACE;
            case 'S' -> SPACE.not();
            case 'n' -> Ranges.anyOf("\n");
            case 'r' -> Ranges.anyOf("\r");
            case 't' -> Ranges.anyOf("\t");
            case 'f' -> Ranges.anyOf("\f");
            case 'v' -> Ranges.of(0x0B, 0x0B);
            case '0' -> Ranges.of(0, 0);
            case 'x' -> hex(2);
            case 'u' -> hex(4);
            default -> {
                if (c == 'b' && inSet) {
                    yield Ranges.of('\b', '\b');
                }
                if (Character.isLetterOrDigit(c)) {
                    throw error("\\" + c + " is not supported");
                }
                yield Ranges.of(c, c);
            }
        };
    }

    private Ranges hex(int digits) {
        try {
            int c = Integer.parseInt(pattern, at, at + digits, 16);
            at += digits;
            return Ranges.of(c, c);
        } catch (NumberFormatException | IndexOutOfBoundsException e) {
            throw error("expected %d hexadecimal digits".formatted(digits));
        }
    }

    /** One character of a set, as JSON writes it inside a string. */
    private static Expr characters(Ranges set) {
        List<Expr> options = new ArrayList<>();
        Ranges plain = set.and(JsonGrammar.PLAIN);
        if (!plain.isEmpty()) {
            options.add(new Expr.Chars(plain));
        }
        for (int c = 0; c <= '\\'; c++) {
            if (set.contains(c) && !JsonGrammar.PLAIN.contains(c)) {
                options.add(Expr.literal(escaped(c)));
            }
        }
        return options.size() == 1 ? options.getFirst() : new Expr.Choice(options);
    }

    private static String escaped(int c) {
        return switch (c) {
            case '"' -> "\\\"";
            case '\\' -> "\\\\";
            case '\n' -> "\\n";
            case '\r' -> "\\r";
            case '\t' -> "\\t";
            case '\f' -> "\\f";
            case '\b' -> "\\b";
            default -> "\\u%04x".formatted(c);
        };
    }

    private char peek() {
        return pattern.charAt(at);
    }

    private boolean take(char c) {
        boolean there = at < pattern.length() && pattern.charAt(at) == c;
        at += there ? 1 : 0;
        return there;
    }

    private ModelException error(String what) {
        return new ModelException("%s: pattern %s, at %d: %s".formatted(where, pattern, at, what));
    }
}
