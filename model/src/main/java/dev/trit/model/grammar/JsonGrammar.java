package dev.trit.model.grammar;

import static dev.trit.model.grammar.Expr.choice;
import static dev.trit.model.grammar.Expr.literal;
import static dev.trit.model.grammar.Expr.many;
import static dev.trit.model.grammar.Expr.optional;
import static dev.trit.model.grammar.Expr.range;
import static dev.trit.model.grammar.Expr.repeat;
import static dev.trit.model.grammar.Expr.seq;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/**
 * The rules of JSON (RFC 8259), a little narrower where a model could lose itself: no endless spaces, numbers that fit 64
 * bits, no lone surrogates. Names of rules that schemas bring begin with {@code #}, those here do not.
 */
final class JsonGrammar {
    /** Spaces after brackets and commas: none, one, or a line's indentation. */
    static final Expr SPACE =
            optional(choice(literal(" "), seq(literal("\n"), repeat(new Expr.Chars(Ranges.anyOf(" \t")), 0, 20))));

    static final Expr DIGIT = range('0', '9');

    /** Characters that stand for themselves in a string. */
    static final Ranges PLAIN = Ranges.ALL.without(Ranges.of(0, 0x1F)).without(Ranges.anyOf("\"\\"));

    static final Expr.Rule VALUE = new Expr.Rule("value");
    static final Expr.Rule OBJECT = new Expr.Rule("object");
    static final Expr.Rule ARRAY = new Expr.Rule("array");
    static final Expr.Rule STRING = new Expr.Rule("string");
    static final Expr.Rule NUMBER = new Expr.Rule("number");
    static final Expr.Rule INTEGER = new Expr.Rule("integer");

    /** One character of a string, as it is or escaped. */
    static final Expr.Rule CHARACTER = new Expr.Rule("character");

    private final Map<String, Expr> rules = new LinkedHashMap<>();

    JsonGrammar() {
        Expr hex = new Expr.Chars(Ranges.anyOf("0123456789abcdefABCDEF"));
        Expr unit = choice(
                seq(new Expr.Chars(Ranges.anyOf("0123456789abcefABCEF")), repeat(hex, 3, 3)),
                seq(new Expr.Chars(Ranges.anyOf("dD")), range('0', '7'), repeat(hex, 2, 2)));
        Expr high = seq(new Expr.Chars(Ranges.anyOf("dD")), new Expr.Chars(Ranges.anyOf("89abAB")), repeat(hex, 2, 2));
        Expr low = seq(new Expr.Chars(Ranges.anyOf("dD")), new Expr.Chars(Ranges.anyOf("cdefCDEF")), repeat(hex, 2, 2));
        Expr escape = choice(
                new Expr.Chars(Ranges.anyOf("\"\\/bfnrt")),
                seq(literal("u"), choice(unit, seq(high, literal("\\u"), low))));
        rule(CHARACTER, choice(new Expr.Chars(PLAIN), seq(literal("\\"), escape)));
        // Spelled out, not by calls of CHARACTER, so that the inside of a string is one place and not many.
        rule(
                STRING,
                seq(literal("\""), many(choice(new Expr.Chars(PLAIN), seq(literal("\\"), escape))), literal("\"")));
        Expr whole = choice(literal("0"), seq(range('1', '9'), repeat(DIGIT, 0, 14)));
        rule(INTEGER, choice(literal("0"), seq(optional(literal("-")), range('1', '9'), repeat(DIGIT, 0, 17))));
        rule(
                NUMBER,
                seq(
                        optional(literal("-")),
                        whole,
                        optional(seq(literal("."), repeat(DIGIT, 1, 14))),
                        optional(seq(
                                new Expr.Chars(Ranges.anyOf("eE")),
                                optional(new Expr.Chars(Ranges.anyOf("+-"))),
                                repeat(DIGIT, 1, 2)))));
        rule(OBJECT, object(STRING, VALUE, 0, Expr.UNLIMITED));
        rule(ARRAY, array(VALUE, 0, Expr.UNLIMITED));
        rule(VALUE, choice(OBJECT, ARRAY, STRING, NUMBER, literal("true"), literal("false"), literal("null")));
    }

    private void rule(Expr.Rule rule, Expr body) {
        rules.put(rule.name(), body);
    }

    Grammar object() {
        return new Grammar(rules, OBJECT.name());
    }

    /** All rules; more may be added. */
    Map<String, Expr> rules() {
        return rules;
    }

    /** An object of {@code min} to {@code max} properties, all alike. */
    static Expr object(Expr key, Expr value, int min, int max) {
        return list("{", property(key, value), min, max, "}");
    }

    static Expr array(Expr item, int min, int max) {
        return list("[", item, min, max, "]");
    }

    private static Expr list(String open, Expr item, int min, int max, String close) {
        Expr none = literal(open + close);
        if (max == 0) {
            return none;
        }
        Expr more = seq(literal(","), SPACE, item);
        Expr some = seq(
                literal(open),
                SPACE,
                item,
                repeat(more, Math.max(0, min - 1), max == Expr.UNLIMITED ? max : max - 1),
                SPACE,
                literal(close));
        return min > 0 ? some : choice(none, some);
    }

    static Expr property(Expr key, Expr value) {
        return seq(key, literal(":"), SPACE, value);
    }

    /** A string that is none of {@code names}; written without escapes, which could spell them. */
    static Expr keyOtherThan(Set<String> names) {
        Names root = new Names();
        for (String name : names) {
            Names at = root;
            for (int c : name.codePoints().toArray()) {
                at = at.next.computeIfAbsent(c, key -> new Names());
            }
            at.end = true;
        }
        return seq(literal("\""), root.others());
    }

    /** A tree of names, by character. */
    private static final class Names {
        private final TreeMap<Integer, Names> next = new TreeMap<>();
        private boolean end;

        /** Everything but the names, from here to the closing quote. */
        Expr others() {
            Ranges different = PLAIN;
            List<Expr> options = new ArrayList<>();
            for (Map.Entry<Integer, Names> entry : next.entrySet()) {
                int c = entry.getKey();
                different = different.without(Ranges.of(c, c));
                if (PLAIN.contains(c)) {
                    options.add(seq(range(c, c), entry.getValue().others()));
                }
            }
            options.add(seq(new Expr.Chars(different), many(new Expr.Chars(PLAIN)), literal("\"")));
            if (!end) {
                options.add(literal("\""));
            }
            return new Expr.Choice(options);
        }
    }
}
