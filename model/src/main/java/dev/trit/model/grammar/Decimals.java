package dev.trit.model.grammar;

import static dev.trit.model.grammar.Expr.EMPTY;
import static dev.trit.model.grammar.Expr.NEVER;
import static dev.trit.model.grammar.Expr.choice;
import static dev.trit.model.grammar.Expr.literal;
import static dev.trit.model.grammar.Expr.optional;
import static dev.trit.model.grammar.Expr.range;
import static dev.trit.model.grammar.Expr.repeat;
import static dev.trit.model.grammar.Expr.seq;
import static dev.trit.model.grammar.JsonGrammar.DIGIT;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.math.RoundingMode;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Numbers between two bounds, digit by digit; without exponents. */
final class Decimals {
    /** Digits of an integer without bounds: it fits 64 bits. */
    private static final int INTEGER_DIGITS = 18;

    /** Digits of other numbers: a double tells them apart. */
    private static final int DIGITS = 15;

    private Decimals() {}

    /** A bound of real numbers. */
    record Bound(BigDecimal value, boolean inclusive) {}

    /** All integers from {@code min} to {@code max}; null for no bound. */
    static Expr integers(@Nullable BigInteger min, @Nullable BigInteger max) {
        List<Expr> options = new ArrayList<>();
        BigInteger zero = BigInteger.ZERO;
        BigInteger far = BigInteger.TEN.pow(INTEGER_DIGITS).subtract(BigInteger.ONE);
        if (min == null || min.signum() < 0) {
            BigInteger least = max == null || max.signum() >= 0 ? BigInteger.ONE : max.negate();
            BigInteger most = min == null ? far.max(least) : min.negate();
            options.add(seq(literal("-"), whole(least, most)));
        }
        if (max == null || max.signum() >= 0) {
            BigInteger least = min == null || min.signum() < 0 ? zero : min;
            options.add(whole(least, max == null ? far.max(least) : max));
        }
        return new Expr.Choice(options);
    }

    /** All integers from {@code least}, at least 0, to {@code most}, in decimal digits without leading zeros. */
    private static Expr whole(BigInteger least, BigInteger most) {
        List<Expr> options = new ArrayList<>();
        int longest = most.signum() < 0 ? 0 : most.toString().length();
        for (int n = least.toString().length(); n <= longest; n++) {
            BigInteger first = n == 1 ? BigInteger.ZERO : BigInteger.TEN.pow(n - 1);
            BigInteger last = BigInteger.TEN.pow(n).subtract(BigInteger.ONE);
            BigInteger from = least.max(first);
            BigInteger to = most.min(last);
            if (from.compareTo(to) <= 0) {
                options.add(between(from.toString(), to.toString()));
            }
        }
        return new Expr.Choice(options);
    }

    /** Digit strings of one length. */
    private static Expr between(String from, String to) {
        int n = from.length();
        if (n == 0) {
            return EMPTY;
        }
        char a = from.charAt(0);
        char b = to.charAt(0);
        String fromRest = from.substring(1);
        String toRest = to.substring(1);
        if (a == b) {
            return seq(range(a, a), between(fromRest, toRest));
        }
        boolean all = fromRest.equals("0".repeat(n - 1)); // that begin with a
        boolean most = toRest.equals("9".repeat(n - 1)); // that begin with b
        List<Expr> options = new ArrayList<>();
        if (!all) {
            options.add(seq(range(a, a), between(fromRest, "9".repeat(n - 1))));
        }
        char first = (char) (all ? a : a + 1);
        char last = (char) (most ? b : b - 1);
        if (first <= last) {
            options.add(seq(range(first, last), repeat(DIGIT, n - 1, n - 1)));
        }
        if (!most) {
            options.add(seq(range(b, b), between("0".repeat(n - 1), toRest)));
        }
        return new Expr.Choice(options);
    }

    /** All numbers between two bounds; null for none. */
    static Expr reals(@Nullable Bound min, @Nullable Bound max) {
        Bound zero = new Bound(BigDecimal.ZERO, true);
        List<Expr> options = new ArrayList<>();
        if (min == null || min.value.signum() < 0) {
            Bound least = max == null || max.value.signum() > 0 ? zero : negate(max);
            options.add(seq(literal("-"), positive(least, min == null ? null : negate(min))));
        }
        if (max == null || max.value.signum() >= 0) {
            options.add(positive(min == null || min.value.signum() < 0 ? zero : min, max));
        }
        return new Expr.Choice(options);
    }

    private static Bound negate(Bound bound) {
        return new Bound(bound.value.negate(), bound.inclusive);
    }

    private static Expr positive(Bound min, @Nullable Bound max) {
        BigInteger low = min.value.toBigInteger();
        String lowFraction = fraction(min.value);
        int lowDigits = room(low, lowFraction);
        if (max == null) {
            BigInteger next = low.add(BigInteger.ONE);
            BigInteger far = BigInteger.TEN.pow(Math.max(DIGITS, low.toString().length() + 1));
            BigInteger near = BigInteger.TEN.pow(DIGITS / 2).subtract(BigInteger.ONE);
            return choice(
                    seq(exactly(low), atLeast(lowFraction, min.inclusive, lowDigits)),
                    whole(next, far),
                    seq(whole(next, near), anyFraction(DIGITS - DIGITS / 2)));
        }
        BigInteger high = max.value.toBigInteger();
        String highFraction = fraction(max.value);
        int highDigits = room(high, highFraction);
        if (low.equals(high)) {
            return seq(
                    exactly(low), fractionBetween(lowFraction, min.inclusive, highFraction, max.inclusive, lowDigits));
        }
        return choice(
                seq(exactly(low), atLeast(lowFraction, min.inclusive, lowDigits)),
                seq(whole(low.add(BigInteger.ONE), high.subtract(BigInteger.ONE)), anyFraction(highDigits)),
                seq(exactly(high), atMost(highFraction, max.inclusive, highDigits)));
    }

    private static Expr exactly(BigInteger value) {
        return literal(value.toString());
    }

    /** Digits after the point, without zeros at the end. */
    private static String fraction(BigDecimal value) {
        BigDecimal fraction =
                value.subtract(value.setScale(0, RoundingMode.DOWN)).stripTrailingZeros();
        return fraction.signum() == 0 ? "" : fraction.toPlainString().substring(2);
    }

    /** Digits after the point that a double can still tell apart, and enough to get past a bound. */
    private static int room(BigInteger whole, String fraction) {
        return Math.max(DIGITS - whole.toString().length(), fraction.length() + 1);
    }

    private static Expr anyFraction(int digits) {
        return optional(seq(literal("."), repeat(DIGIT, 1, Math.max(1, digits))));
    }

    /** What may follow the whole part for a fraction of at least this. */
    private static Expr atLeast(String bound, boolean inclusive, int room) {
        if (bound.isEmpty() && inclusive) {
            return anyFraction(room);
        }
        return seq(literal("."), above(bound, inclusive, room));
    }

    /** Digits of a fraction of at least this; not none. */
    private static Expr above(String bound, boolean inclusive, int room) {
        if (bound.isEmpty()) {
            return inclusive
                    ? repeat(DIGIT, 0, room)
                    : seq(repeat(literal("0"), 0, room - 1), range('1', '9'), repeat(DIGIT, 0, room - 1));
        }
        char d = bound.charAt(0);
        Expr same = seq(range(d, d), above(bound.substring(1), inclusive, room - 1));
        return d == '9' ? same : choice(same, seq(range(d + 1, '9'), repeat(DIGIT, 0, room - 1)));
    }

    /** What may follow the whole part for a fraction of at most this. */
    private static Expr atMost(String bound, boolean inclusive, int room) {
        if (bound.isEmpty()) {
            return inclusive ? optional(seq(literal("."), repeat(literal("0"), 1, room))) : NEVER;
        }
        return optional(seq(literal("."), below(bound, inclusive, room)));
    }

    /** Digits of a fraction of at most this, which does not end in 0; not none. */
    private static Expr below(String bound, boolean inclusive, int room) {
        char d = bound.charAt(0);
        String rest = bound.substring(1);
        List<Expr> options = new ArrayList<>();
        if (d > '0') {
            options.add(seq(range('0', d - 1), repeat(DIGIT, 0, room - 1)));
        }
        if (!rest.isEmpty()) {
            options.add(seq(range(d, d), optional(below(rest, inclusive, room - 1))));
        } else if (inclusive) {
            options.add(seq(range(d, d), repeat(literal("0"), 0, room - 1)));
        }
        return new Expr.Choice(options);
    }

    /** What may follow the whole part for a fraction between two, of which the first is not larger. */
    private static Expr fractionBetween(String min, boolean minInclusive, String max, boolean maxInclusive, int room) {
        int n = Math.max(min.length(), max.length());
        int digits = Math.max(room, n + 1);
        String low = min + "0".repeat(n - min.length());
        String high = max + "0".repeat(n - max.length());
        Expr inside = inside(low, minInclusive, high, maxInclusive, digits);
        boolean noneWillDo = min.isEmpty() && minInclusive && (!max.isEmpty() || maxInclusive);
        Expr pointed = seq(literal("."), inside);
        return noneWillDo ? choice(EMPTY, pointed) : pointed;
    }

    /** Digits between two strings of equal length; all of the common beginning is written out. */
    private static Expr inside(String low, boolean lowInclusive, String high, boolean highInclusive, int room) {
        if (low.isEmpty()) {
            return lowInclusive && highInclusive ? repeat(literal("0"), 0, room) : NEVER;
        }
        char a = low.charAt(0);
        char b = high.charAt(0);
        String lowRest = withoutZeros(low.substring(1));
        String rest = withoutZeros(high.substring(1));
        if (a == b) {
            Expr more = inside(low.substring(1), lowInclusive, high.substring(1), highInclusive, room - 1);
            boolean mayEnd = lowRest.isEmpty() && lowInclusive && (!rest.isEmpty() || highInclusive);
            return seq(range(a, a), mayEnd ? optional(more) : more);
        }
        List<Expr> options = new ArrayList<>();
        options.add(seq(range(a, a), above(lowRest, lowInclusive, room - 1)));
        if (b - a > 1) {
            options.add(seq(range(a + 1, b - 1), repeat(DIGIT, 0, room - 1)));
        }
        if (!rest.isEmpty()) {
            options.add(seq(range(b, b), optional(below(rest, highInclusive, room - 1))));
        } else if (highInclusive) {
            options.add(seq(range(b, b), repeat(literal("0"), 0, room - 1)));
        }
        return new Expr.Choice(options);
    }

    private static String withoutZeros(String fraction) {
        return fraction.replaceAll("0+$", "");
    }
}
