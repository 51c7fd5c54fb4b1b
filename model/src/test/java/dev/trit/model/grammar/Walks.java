package dev.trit.model.grammar;

import dev.trit.model.Constraint;
import dev.trit.text.PreTokenizer;
import dev.trit.text.Tokenizer;
import dev.trit.text.Vocabulary;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;

/** A vocabulary full of awkward tokens, and the worst of all models: one that takes any allowed token. */
final class Walks {
    /** Every byte, then pieces that begin, end and cross the parts of JSON and of characters. */
    static final Tokenizer TOKENIZER = tokenizer();

    static final TokenTrie TRIE = TokenTrie.of(TOKENIZER);

    private Walks() {}

    private static Tokenizer tokenizer() {
        Set<String> pieces = new LinkedHashSet<>(); // Latin-1: one char is one byte
        for (String piece : List.of(
                "{\"",
                "\":",
                "\": ",
                "\",",
                "\", \"",
                "\"}",
                "\"}}",
                "}}",
                "]}",
                "],",
                "[[",
                "[{\"",
                "{}",
                "[]",
                "\\\"",
                "\\u",
                "\\u00",
                "u00e9",
                "\\\\\"",
                "true",
                "tru",
                "false",
                "null",
                ",\"",
                ", ",
                "12",
                "007",
                "-1",
                "0.",
                ".5",
                "e1",
                "E+",
                "1e",
                "\n  ",
                "\n",
                "  ",
                "na",
                "name",
                "\"name\":",
                "a\"",
                "abc",
                "\"a",
                "\"b\":",
                "b\",",
                "\u00C3",
                "\u00A9",
                "\u00C3\u00A9",
                "\u00A9\"",
                "a\u00C3",
                "\u00E2\u0082",
                "\u00AC\",",
                "\u0082\u00AC",
                "\u00F0\u009F",
                "\u0098\u0080",
                "\u009F\u0098\u0080\"",
                "]]]",
                ":{\"",
                "1,",
                "2]",
                "\"1",
                "\"}]",
                " \"")) {
            pieces.add(piece);
        }
        Random random = new Random(77);
        String letters = "{}[]\",:\\abctrue 0123456789.-\u00C3\u00A9\u00E2\u0082\u00AC";
        while (pieces.size() < 900) {
            StringBuilder piece = new StringBuilder();
            for (int n = 2 + random.nextInt(4); n > 0; n--) {
                piece.append(letters.charAt(random.nextInt(letters.length())));
            }
            pieces.add(piece.toString());
        }
        List<String> all = new ArrayList<>();
        for (int b = 0; b < 256; b++) {
            all.add(String.valueOf((char) b));
        }
        all.addAll(pieces);
        StringBuilder ranks = new StringBuilder();
        for (int i = 0; i < all.size(); i++) {
            byte[] bytes = all.get(i).getBytes(StandardCharsets.ISO_8859_1);
            ranks.append(Base64.getEncoder().encodeToString(bytes))
                    .append(' ')
                    .append(i)
                    .append('\n');
        }
        return Tokenizer.of(Vocabulary.fromTiktoken(
                ranks.toString().getBytes(StandardCharsets.US_ASCII),
                PreTokenizer.none(),
                List.of("<|begin_of_text|>", "<|end_of_text|>", "<|eot_id|>")));
    }

    /** Bytes as text in which each char is one byte. */
    static String latin(byte[] bytes) {
        return new String(bytes, StandardCharsets.ISO_8859_1);
    }

    static boolean allows(long[] mask, int id) {
        return id >> 6 < mask.length && (mask[id >> 6] >>> id & 1) != 0;
    }

    /** What comes of taking allowed tokens at random, at most {@code limit} of them. */
    static byte[] random(Constraint constraint, TokenTrie trie, Random random, int limit) {
        Constraint.Guide guide = constraint.begin();
        ByteArrayOutputStream text = new ByteArrayOutputStream();
        for (int left = limit; left > 0 && !guide.finished(); left--) {
            int id = guide.within(pick(guide.allowed(), random), left);
            if (!allows(guide.allowed(), id)) {
                throw new AssertionError("took a token that is not allowed");
            }
            guide.accept(id);
            text.writeBytes(trie.text(id));
        }
        return text.toByteArray();
    }

    private static int pick(long[] mask, Random random) {
        int count = 0;
        for (long word : mask) {
            count += Long.bitCount(word);
        }
        if (count == 0) {
            throw new AssertionError("no token is allowed");
        }
        int n = random.nextInt(count);
        for (int w = 0; ; w++) {
            if (n < Long.bitCount(mask[w])) {
                long word = mask[w];
                for (; n > 0; n--) {
                    word &= word - 1;
                }
                return w * 64 + Long.numberOfTrailingZeros(word);
            }
            n -= Long.bitCount(mask[w]);
        }
    }
}
