package dev.trit.model.grammar;

import static dev.trit.model.grammar.Expr.literal;
import static dev.trit.model.grammar.Expr.optional;
import static dev.trit.model.grammar.Expr.range;
import static dev.trit.model.grammar.Expr.repeat;
import static dev.trit.model.grammar.Expr.seq;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** Numbers that a schema wants to be multiples of another: listed where they are few, else read by their remainders. */
final class Multiples {
    static final int MOST_LISTED = 1000;
    static final int LARGEST_STEP = 100;

    private static final int DIGITS = 15; // of a number, so that it fits 64 bits and a double

    private Multiples() {}

    /** Those from {@code least} to {@code most}, in order; one more than {@link #MOST_LISTED} where they are more. */
    static List<Expr> between(BigInteger least, BigInteger most, BigInteger step) {
        List<Expr> all = new ArrayList<>();
        BigInteger[] over = least.divideAndRemainder(step);
        BigInteger first = over[0].add(over[1].signum() > 0 ? BigInteger.ONE : BigInteger.ZERO)
                .multiply(step);
        for (BigInteger n = first; n.compareTo(most) <= 0 && all.size() <= MOST_LISTED; n = n.add(step)) {
            all.add(literal(n.toString()));
        }
        return all;
    }

    /**
     * All multiples of an integer.
     *
     * @param rules gets one for each remainder and number of digits that may follow
     * @param place what their names begin with
     * @param step 1 to {@link #LARGEST_STEP}
     * @param negative whether they may be below 0
     */
    static Expr integers(Map<String, Expr> rules, String place, int step, boolean negative) {
        List<Expr> starts = new ArrayList<>();
        for (int digit = 1; digit <= 9; digit++) {
            starts.add(seq(range('0' + digit, '0' + digit), rest(rules, place, step, digit % step, DIGITS - 1)));
        }
        Expr positive = new Expr.Choice(starts);
        return Expr.choice(literal("0"), negative ? seq(optional(literal("-")), positive) : positive);
    }

    /** What may follow digits that leave a remainder. */
    private static Expr.Rule rest(Map<String, Expr> rules, String place, int step, int remainder, int digits) {
        String name = "%s rest %d of %d, %d more".formatted(place, remainder, step, digits);
        if (!rules.containsKey(name)) {
            List<Expr> options = new ArrayList<>();
            if (remainder == 0) {
                options.add(Expr.EMPTY);
            }
            for (int digit = 0; digits > 0 && digit <= 9; digit++) {
                int then = (10 * remainder + digit) % step;
                options.add(seq(range('0' + digit, '0' + digit), rest(rules, place, step, then, digits - 1)));
            }
            rules.put(name, new Expr.Choice(options));
        }
        return new Expr.Rule(name);
    }

    /** All numbers with at most that many decimals: the multiples of 0.1, 0.01, ... */
    static Expr decimals(int decimals) {
        return seq(
                optional(literal("-")),
                Expr.choice(literal("0"), seq(range('1', '9'), repeat(JsonGrammar.DIGIT, 0, DIGITS - decimals - 1))),
                optional(seq(literal("."), repeat(JsonGrammar.DIGIT, 1, decimals))));
    }

    /** k where {@code step} is 10 to the power of -k, from 1 to 9; 0 where it is not. */
    static int decimalsOf(BigDecimal step) {
        BigDecimal plain = step.stripTrailingZeros();
        return plain.unscaledValue().equals(BigInteger.ONE) && plain.scale() >= 1 && plain.scale() <= 9
                ? plain.scale()
                : 0;
    }
}
