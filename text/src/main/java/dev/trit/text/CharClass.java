package dev.trit.text;

import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A set of code points as regular expressions write them: {@code \p{L}}, {@code \s}, {@code [^\r\n]}. White space is
 * Unicode's White_Space and numbers are Nd, Nl and No, as in Oniguruma and Rust.
 *
 * <p>Kept as a bit per code point below 256 and a bit per general category above, because nothing in a splitter's
 * patterns distinguishes more; classes with ranges further up are asked member by member.
 */
final class CharClass {
    /** Whether a code point of that general category belongs to the set. */
    private interface Members {
        boolean contain(int codePoint, int category);
    }

    private static final Map<String, Integer> CATEGORIES = Map.ofEntries(
            Map.entry("Lu", bits(Character.UPPERCASE_LETTER)),
            Map.entry("Ll", bits(Character.LOWERCASE_LETTER)),
            Map.entry("Lt", bits(Character.TITLECASE_LETTER)),
            Map.entry("Lm", bits(Character.MODIFIER_LETTER)),
            Map.entry("Lo", bits(Character.OTHER_LETTER)),
            Map.entry("L", bits(1, 2, 3, 4, 5)),
            Map.entry("Mn", bits(Character.NON_SPACING_MARK)),
            Map.entry("Me", bits(Character.ENCLOSING_MARK)),
            Map.entry("Mc", bits(Character.COMBINING_SPACING_MARK)),
            Map.entry("M", bits(6, 7, 8)),
            Map.entry("Nd", bits(Character.DECIMAL_DIGIT_NUMBER)),
            Map.entry("Nl", bits(Character.LETTER_NUMBER)),
            Map.entry("No", bits(Character.OTHER_NUMBER)),
            Map.entry("N", bits(9, 10, 11)),
            Map.entry("Pc", bits(Character.CONNECTOR_PUNCTUATION)),
            Map.entry("Pd", bits(Character.DASH_PUNCTUATION)),
            Map.entry("Ps", bits(Character.START_PUNCTUATION)),
            Map.entry("Pe", bits(Character.END_PUNCTUATION)),
            Map.entry("Pi", bits(Character.INITIAL_QUOTE_PUNCTUATION)),
            Map.entry("Pf", bits(Character.FINAL_QUOTE_PUNCTUATION)),
            Map.entry("Po", bits(Character.OTHER_PUNCTUATION)),
            Map.entry("P", bits(20, 21, 22, 23, 24, 29, 30)),
            Map.entry("Sm", bits(Character.MATH_SYMBOL)),
            Map.entry("Sc", bits(Character.CURRENCY_SYMBOL)),
            Map.entry("Sk", bits(Character.MODIFIER_SYMBOL)),
            Map.entry("So", bits(Character.OTHER_SYMBOL)),
            Map.entry("S", bits(25, 26, 27, 28)),
            Map.entry("Zs", bits(Character.SPACE_SEPARATOR)),
            Map.entry("Zl", bits(Character.LINE_SEPARATOR)),
            Map.entry("Zp", bits(Character.PARAGRAPH_SEPARATOR)),
            Map.entry("Z", bits(12, 13, 14)));

    private final Members members;
    private final boolean reachesHigh; // some range goes beyond U+00FF
    private final long[] low = new long[4];
    private final int high;

    private CharClass(Members members, boolean reachesHigh) {
        this.members = members;
        this.reachesHigh = reachesHigh;
        for (int cp = 0; cp < 256; cp++) {
            if (members.contain(cp, Character.getType(cp))) {
                low[cp >> 6] |= 1L << cp;
            }
        }
        int mask = 0;
        for (int category = 0; category <= 30; category++) {
            if (members.contain(Integer.MAX_VALUE, category)) {
                mask |= 1 << category;
            }
        }
        high = mask;
    }

    boolean contains(int cp) {
        if (cp < 256) {
            return (low[cp >> 6] >>> cp & 1) != 0;
        }
        int category = Character.getType(cp);
        return reachesHigh ? members.contain(cp, category) : (high >>> category & 1) != 0;
    }

    static CharClass range(int from, int to) {
        return new CharClass((cp, category) -> cp >= from && cp <= to, to > 0xFF);
    }

    /** The code points of a category such as L, Lu or Nd; null if the name is not known. */
    static @Nullable CharClass category(String name) {
        Integer mask = CATEGORIES.get(name);
        return mask == null ? null : categories(mask);
    }

    /** White_Space: the separators and the controls U+0009 to U+000D and U+0085. */
    static CharClass space() {
        return union(List.of(categories(bits(12, 13, 14)), range(9, 13), range(0x85, 0x85)));
    }

    static CharClass digit() {
        return categories(bits(Character.DECIMAL_DIGIT_NUMBER));
    }

    /** Letters, marks, decimal digits and connectors. */
    static CharClass word() {
        return categories(
                bits(1, 2, 3, 4, 5, 6, 7, 8, Character.DECIMAL_DIGIT_NUMBER, Character.CONNECTOR_PUNCTUATION));
    }

    static CharClass union(List<CharClass> parts) {
        return new CharClass(
                (cp, category) -> parts.stream().anyMatch(p -> p.members.contain(cp, category)),
                parts.stream().anyMatch(p -> p.reachesHigh));
    }

    CharClass negate() {
        return new CharClass((cp, category) -> !members.contain(cp, category), reachesHigh);
    }

    private static CharClass categories(int mask) {
        return new CharClass((cp, category) -> (mask >>> category & 1) != 0, false);
    }

    private static int bits(int... categories) {
        int mask = 0;
        for (int c : categories) {
            mask |= 1 << c;
        }
        return mask;
    }
}
