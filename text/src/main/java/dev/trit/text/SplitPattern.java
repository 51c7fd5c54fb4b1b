package dev.trit.text;

import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * The regular expressions of pre-tokenizers, matched as Oniguruma does (first alternative that fits, greedy, backtracking).
 *
 * <p>Not java.util.regex: that differs in what is white space and a case-insensitive letter, and its repeated groups
 * recurse once per character. Here repetition is of single characters only, so the depth of the stack is the length of
 * the pattern, never of the text; a pattern that needs more is refused when it is compiled ({@link SplitPatternParser}).
 */
final class SplitPattern {
    /** One step of a pattern; {@code match} gives the end of the match of this step and all after it, or -1. */
    abstract static class Node {
        /** What comes after; the end of the whole pattern when null. */
        @Nullable Node next;

        abstract int match(int[] text, int at, int end);

        final int rest(int[] text, int at, int end) {
            return next == null ? at : next.match(text, at, end);
        }

        /** Whether a match may begin with the ASCII character {@code c}; true if in doubt. */
        abstract boolean mayBegin(int c);

        final boolean restMayBegin(int c) {
            return next == null || next.mayBegin(c);
        }
    }

    /** {@code [..]{min,max}}: as many as there are, then fewer until the rest fits. Possessive: never fewer. */
    static final class Repeat extends Node {
        private final CharClass chars;
        private final int min;
        private final int max;
        private final boolean possessive;

        Repeat(CharClass chars, int min, int max, boolean possessive) {
            this.chars = chars;
            this.min = min;
            this.max = max;
            this.possessive = possessive;
        }

        @Override
        int match(int[] text, int at, int end) {
            int limit = (int) Math.min(end, (long) at + max);
            int to = at;
            while (to < limit && chars.contains(text[to])) {
                to++;
            }
            if (next == null || possessive) {
                return to - at < min ? -1 : rest(text, to, end);
            }
            for (; to - at >= min; to--) {
                int matched = next.match(text, to, end);
                if (matched >= 0) {
                    return matched;
                }
            }
            return -1;
        }

        @Override
        boolean mayBegin(int c) {
            return chars.contains(c) || min == 0 && restMayBegin(c);
        }
    }

    /** {@code a|b|c}; every branch goes on with what follows the group. */
    static final class Choice extends Node {
        private final List<Node> branches;

        Choice(List<Node> branches) {
            this.branches = branches;
        }

        @Override
        int match(int[] text, int at, int end) {
            for (Node branch : branches) {
                int matched = branch.match(text, at, end);
                if (matched >= 0) {
                    return matched;
                }
            }
            return -1;
        }

        @Override
        boolean mayBegin(int c) {
            return branches.stream().anyMatch(b -> b.mayBegin(c));
        }
    }

    /** {@code (?=..)} and {@code (?!..)}. */
    static final class Look extends Node {
        private final Node inside;
        private final boolean negative;

        Look(Node inside, boolean negative) {
            this.inside = inside;
            this.negative = negative;
        }

        @Override
        int match(int[] text, int at, int end) {
            return inside.match(text, at, end) >= 0 == negative ? -1 : rest(text, at, end);
        }

        @Override
        boolean mayBegin(int c) {
            return restMayBegin(c);
        }
    }

    /** Nothing: an empty alternative, or the place where the branches of a group meet again. */
    static final class Join extends Node {
        @Override
        int match(int[] text, int at, int end) {
            return rest(text, at, end);
        }

        @Override
        boolean mayBegin(int c) {
            return restMayBegin(c);
        }
    }

    private static final Map<String, SplitPattern> COMPILED = new ConcurrentHashMap<>();
    private static final int CACHED = 64;

    private final Node[] alternatives;
    // alternatives worth trying for each ASCII first character, so that most text meets one or two
    private final Node[][] byFirst = new Node[128][];

    private SplitPattern(List<Node> alternatives) {
        this.alternatives = alternatives.toArray(new Node[0]);
        for (int c = 0; c < 128; c++) {
            int first = c;
            byFirst[c] = alternatives.stream().filter(a -> a.mayBegin(first)).toArray(Node[]::new);
        }
    }

    /** @throws TextException if {@code regex} uses something that is not understood */
    static SplitPattern of(String regex) {
        SplitPattern known = COMPILED.get(regex);
        if (known == null) {
            known = new SplitPattern(new SplitPatternParser(regex).parse());
            if (COMPILED.size() < CACHED) {
                COMPILED.put(regex, known);
            }
        }
        return known;
    }

    /** The end of the match that begins exactly at {@code at}, or -1; {@code end} is where the text ends. */
    int match(int[] text, int at, int end) {
        int c = text[at];
        for (Node alternative : c < 128 ? byFirst[c] : alternatives) {
            int matched = alternative.match(text, at, end);
            if (matched >= 0) {
                return matched;
            }
        }
        return -1;
    }
}
