package dev.trit.text;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Finds added tokens in a text: leftmost first, the longest of those that begin at the same place. */
final class AddedTokenMatcher {
    /** A token found at code points {@code from} to {@code to}, exclusive. */
    record Found(AddedToken token, int from, int to) {}

    private static final class Trie {
        final Map<Integer, Trie> next = new HashMap<>();

        @Nullable AddedToken token;
    }

    private static final CharClass WORD = CharClass.word();
    private static final CharClass SPACE = CharClass.space();

    private final Trie root = new Trie();
    // Whether any token begins with a code point of these low 12 bits: most text is passed over by this alone.
    private final boolean[] begins = new boolean[4096];

    AddedTokenMatcher(List<AddedToken> tokens) {
        for (AddedToken token : tokens) {
            Trie node = root;
            for (int cp : token.text().codePoints().toArray()) {
                node = node.next.computeIfAbsent(cp, c -> new Trie());
            }
            node.token = token;
            begins[token.text().codePointAt(0) & 4095] = true;
        }
    }

    /** All tokens in the text in order, not overlapping. */
    List<Found> find(CodePoints text) {
        if (root.next.isEmpty()) {
            return List.of();
        }
        List<Found> found = new ArrayList<>();
        int[] cps = text.at();
        int after = 0; // end of the last one found, with the white space it took
        for (int at = 0; at < text.length(); ) {
            Found longest = begins[cps[at] & 4095] ? longest(text, at) : null;
            if (longest == null) {
                at++;
                continue;
            }
            at = longest.to();
            if (longest.token().singleWord() && insideWord(text, longest)) {
                continue;
            }
            int from = longest.from();
            int to = longest.to();
            while (longest.token().lstrip() && from > after && SPACE.contains(cps[from - 1])) {
                from--;
            }
            while (longest.token().rstrip() && to < text.length() && SPACE.contains(cps[to])) {
                to++;
            }
            at = Math.max(at, to);
            after = to;
            found.add(new Found(longest.token(), from, to));
        }
        return found;
    }

    private @Nullable Found longest(CodePoints text, int from) {
        Found best = null;
        Trie node = root;
        for (int at = from; at < text.length(); at++) {
            node = node.next.get(text.at()[at]);
            if (node == null) {
                break;
            }
            if (node.token != null) {
                best = new Found(node.token, from, at + 1);
            }
        }
        return best;
    }

    private static boolean insideWord(CodePoints text, Found found) {
        return found.from() > 0 && WORD.contains(text.at()[found.from() - 1])
                || found.to() < text.length() && WORD.contains(text.at()[found.to()]);
    }
}
