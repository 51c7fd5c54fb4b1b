package dev.trit.text;

import dev.trit.text.SplitPattern.Choice;
import dev.trit.text.SplitPattern.Join;
import dev.trit.text.SplitPattern.Look;
import dev.trit.text.SplitPattern.Node;
import dev.trit.text.SplitPattern.Repeat;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Compiles the dialect of {@link SplitPattern}: alternatives, characters and classes with {@code ? * + {n,m}} (also
 * possessive), groups {@code (..)}, {@code (?:..)}, {@code (?i:..)} that occur once or are optional, look-ahead. Everything
 * else is refused by name.
 */
final class SplitPatternParser {
    private static final int MAX_DEPTH = 50;
    private static final int UNBOUNDED = Integer.MAX_VALUE;

    private final String regex;
    private int at;
    private boolean ignoreCase;
    private int depth;

    SplitPatternParser(String regex) {
        this.regex = regex;
    }

    /** The alternatives of the whole pattern, each ending in success. */
    List<Node> parse() {
        List<Node> alternatives = new ArrayList<>();
        do {
            alternatives.add(sequence(null));
        } while (take('|'));
        if (at < regex.length()) {
            throw refuse("an unmatched )");
        }
        return alternatives;
    }

    /** Alternatives up to ')' as one node (or a sequence when there is only one), going on with {@code after}. */
    private Node alternatives(@Nullable Node after) {
        if (++depth > MAX_DEPTH) {
            throw refuse("groups nested deeper than " + MAX_DEPTH);
        }
        List<Node> branches = new ArrayList<>();
        do {
            branches.add(sequence(after));
        } while (take('|'));
        depth--;
        return branches.size() == 1 ? branches.getFirst() : new Choice(branches);
    }

    private Node sequence(@Nullable Node after) {
        Node head = new Join();
        Node tail = head;
        while (at < regex.length() && regex.charAt(at) != '|' && regex.charAt(at) != ')') {
            tail = regex.charAt(at) == '(' ? group(tail) : single(tail);
        }
        tail.next = after;
        Node first = head.next;
        return first == null ? head : first;
    }

    /** One character or class with its quantifier, hung behind {@code tail}. */
    private Node single(Node tail) {
        CharClass chars = atom();
        int[] count = quantifier();
        Node node = new Repeat(chars, count[0], count[1], count[2] != 0);
        tail.next = node;
        return node;
    }

    /** A group or look-ahead, hung behind {@code tail}; gives the node behind which the rest goes. */
    private Node group(Node tail) {
        at++; // (
        boolean outerCase = ignoreCase;
        if (take("?=") || take("?!")) {
            boolean negative = regex.charAt(at - 1) == '!';
            Look look = new Look(alternatives(null), negative);
            close(outerCase);
            tail.next = look;
            return look;
        }
        if (take("?i:")) {
            ignoreCase = true;
        } else if (!take("?:") && at < regex.length() && regex.charAt(at) == '?') {
            throw refuse("the group (" + regex.substring(at, Math.min(at + 3, regex.length())));
        }
        Join join = new Join();
        Node inside = alternatives(join);
        close(outerCase);
        int[] count = quantifier();
        if (count[1] != 1 || count[2] != 0) {
            throw refuse("a repeated or possessive group");
        }
        tail.next = count[0] == 1 ? inside : new Choice(List.of(inside, join));
        return join;
    }

    private void close(boolean outerCase) {
        if (!take(')')) {
            throw refuse("a group without )");
        }
        ignoreCase = outerCase;
    }

    /** Minimum, maximum, and 1 if possessive. */
    private int[] quantifier() {
        int min = 1;
        int max = 1;
        boolean braces = false;
        if (take('?')) {
            min = 0;
        } else if (take('*')) {
            min = 0;
            max = UNBOUNDED;
        } else if (take('+')) {
            max = UNBOUNDED;
        } else if (take('{')) {
            braces = true;
            min = peekDigit() ? number() : 0;
            max = take(',') ? (peekDigit() ? number() : UNBOUNDED) : min;
            if (!take('}') || max < min || max == 0) {
                throw refuse("this {..}");
            }
        } else {
            return new int[] {1, 1, 0};
        }
        if (take('?')) {
            throw refuse("a lazy quantifier");
        }
        // In Oniguruma {n,m}+ is a repeated repetition, not a possessive one.
        boolean possessive = take('+');
        if (possessive && braces) {
            throw refuse("{..}+");
        }
        return new int[] {min, max, possessive ? 1 : 0};
    }

    private CharClass atom() {
        char c = regex.charAt(at);
        return switch (c) {
            case '[' -> bracket();
            case '\\' -> escape();
            case '.' -> {
                at++;
                yield CharClass.range('\n', '\n').negate();
            }
            case '^', '$', '*', '+', '?', '{' -> throw refuse("'" + c + "' here");
            default -> literal(codePoint());
        };
    }

    private CharClass bracket() {
        at++; // [
        boolean negated = take('^');
        List<CharClass> parts = new ArrayList<>();
        while (!take(']')) {
            if (at >= regex.length()) {
                throw refuse("a [ without ]");
            }
            if (regex.charAt(at) == '[' || regex.startsWith("&&", at)) {
                throw refuse("a class inside a class");
            }
            int from = regex.charAt(at) == '\\' ? escapedCharacter() : codePoint();
            if (from < 0) {
                parts.add(escape());
            } else if (at + 1 < regex.length() && regex.charAt(at) == '-' && regex.charAt(at + 1) != ']') {
                at++;
                int to = regex.charAt(at) == '\\' ? escapedCharacter() : codePoint();
                if (to < from) {
                    throw refuse("this range");
                }
                parts.add(CharClass.range(from, to));
                for (int cp = from; ignoreCase && cp <= to; cp++) {
                    if (cp > 0xFF) {
                        throw refuse("a range beyond U+00FF where case is ignored");
                    }
                    parts.add(literal(cp));
                }
            } else {
                parts.add(literal(from));
            }
        }
        CharClass union = CharClass.union(parts);
        return negated ? union.negate() : union;
    }

    /** A class escape: \s \S \d \D \w \W \p{..} \P{..}; or an escaped character as a class. */
    private CharClass escape() {
        int character = escapedCharacter();
        if (character >= 0) {
            return literal(character);
        }
        at++; // the backslash
        char c = at < regex.length() ? regex.charAt(at++) : '\\';
        switch (c) {
            case 's', 'S':
                return c == 's' ? CharClass.space() : CharClass.space().negate();
            case 'd', 'D':
                return c == 'd' ? CharClass.digit() : CharClass.digit().negate();
            case 'w', 'W':
                return c == 'w' ? CharClass.word() : CharClass.word().negate();
            case 'p', 'P':
                String name = null;
                int close = regex.indexOf('}', at);
                if (take('{') && close > 0) {
                    name = regex.substring(at, close);
                    at = close + 1;
                } else if (at < regex.length()) {
                    name = regex.substring(at, ++at);
                }
                boolean negated = c == 'P';
                if (name != null && name.startsWith("^")) {
                    negated = !negated;
                    name = name.substring(1);
                }
                CharClass category = name == null ? null : CharClass.category(name);
                if (category == null) {
                    throw refuse("the property \\" + c + "{" + name + "}");
                }
                return negated ? category.negate() : category;
            default:
                throw refuse("the escape \\" + c);
        }
    }

    /** The character of an escape that means one character, and goes past it; -1 (and stays) if it means a class. */
    private int escapedCharacter() {
        if (at + 1 >= regex.length()) {
            return -1;
        }
        char c = regex.charAt(at + 1);
        int simple = switch (c) {
            case 'n' -> '\n';
            case 'r' -> '\r';
            case 't' -> '\t';
            case 'f' -> '\f';
            case 'v' -> 0x0B;
            default -> Character.isLetterOrDigit(c) ? -1 : c;
        };
        if (simple >= 0) {
            at += 2;
            return simple;
        }
        if (c == 'u' || c == 'x') {
            boolean braced = regex.startsWith("{", at + 2);
            int from = at + (braced ? 3 : 2);
            int to = braced ? regex.indexOf('}', from) : from + (c == 'u' ? 4 : 2);
            if (to > from && to - from <= 6 && to <= regex.length()) {
                String hex = regex.substring(from, to);
                if (hex.chars().allMatch(h -> Character.digit(h, 16) >= 0)) {
                    at = braced ? to + 1 : to;
                    return Integer.parseInt(hex, 16);
                }
            }
            throw refuse("this \\" + c);
        }
        return -1;
    }

    /** One character; where case is ignored, all with the same simple case folding (s also stands for U+017F). */
    private CharClass literal(int cp) {
        if (!ignoreCase) {
            return CharClass.range(cp, cp);
        }
        int folded = fold(cp);
        List<CharClass> same = new ArrayList<>(List.of(CharClass.range(cp, cp)));
        for (int other : new int[] {folded, Character.toUpperCase(folded), Character.toTitleCase(folded)}) {
            same.add(CharClass.range(other, other));
        }
        if (folded == 's') {
            same.add(CharClass.range(0x17F, 0x17F)); // long s
        } else if (folded == 'k') {
            same.add(CharClass.range(0x212A, 0x212A)); // Kelvin sign
        } else if (folded > 0x7F) {
            throw refuse("a letter beyond ASCII where case is ignored");
        }
        return CharClass.union(same);
    }

    private static int fold(int cp) {
        return Character.toLowerCase(Character.toUpperCase(cp));
    }

    private int codePoint() {
        int cp = regex.codePointAt(at);
        at += Character.charCount(cp);
        return cp;
    }

    private boolean peekDigit() {
        return at < regex.length() && regex.charAt(at) >= '0' && regex.charAt(at) <= '9';
    }

    private int number() {
        int value = 0;
        while (peekDigit() && value < 100_000) {
            value = value * 10 + (regex.charAt(at++) - '0');
        }
        return value;
    }

    private boolean take(char c) {
        return take(String.valueOf(c));
    }

    private boolean take(String s) {
        if (!regex.startsWith(s, at)) {
            return false;
        }
        at += s.length();
        return true;
    }

    private TextException refuse(String what) {
        return new TextException("the split pattern \"" + regex + "\" uses " + what + " at " + at
                + ", which is not supported; report the tokenizer, it would be split wrongly without");
    }
}
