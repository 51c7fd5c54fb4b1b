package dev.trit.text;

/**
 * From token text to id: an open hash table keyed by {@link String#hashCode}, so that parts of strings and buffers are
 * looked up without making a string of them.
 */
final class TokenIndex {
    private final String[] texts;
    private final int[] slots; // id + 1, 0 where empty
    private final int mask;
    private final int longest;

    TokenIndex(String[] texts) {
        this.texts = texts;
        int capacity = Integer.highestOneBit(Math.max(8, texts.length * 2 - 1)) << 1;
        slots = new int[capacity];
        mask = capacity - 1;
        int max = 0;
        for (int id = 0; id < texts.length; id++) {
            String text = texts[id];
            max = Math.max(max, text.length());
            int slot = spread(text.hashCode());
            while (slots[slot] != 0 && !texts[slots[slot] - 1].equals(text)) {
                slot = slot + 1 & mask;
            }
            slots[slot] = id + 1;
        }
        longest = max;
    }

    /** Length in chars of the longest token. */
    int longest() {
        return longest;
    }

    /** The hash of one char more: start with 0. */
    static int hash(int hash, char next) {
        return 31 * hash + next;
    }

    int find(String text) {
        return find(text, 0, text.length(), text.hashCode());
    }

    /** The id of the token with the text of {@code s} from {@code from} to {@code to}, whose hash is given; or -1. */
    int find(String s, int from, int to, int hash) {
        for (int slot = spread(hash); slots[slot] != 0; slot = slot + 1 & mask) {
            String token = texts[slots[slot] - 1];
            if (token.hashCode() == hash && token.length() == to - from && s.startsWith(token, from)) {
                return slots[slot] - 1;
            }
        }
        return -1;
    }

    /** The same for the chars of a buffer. */
    int find(char[] s, int from, int to, int hash) {
        for (int slot = spread(hash); slots[slot] != 0; slot = slot + 1 & mask) {
            String token = texts[slots[slot] - 1];
            if (token.hashCode() == hash && token.length() == to - from && equal(token, s, from)) {
                return slots[slot] - 1;
            }
        }
        return -1;
    }

    private static boolean equal(String token, char[] s, int from) {
        for (int i = 0; i < token.length(); i++) {
            if (token.charAt(i) != s[from + i]) {
                return false;
            }
        }
        return true;
    }

    private int spread(int hash) {
        return hash * 0x9E3779B9 >>> 7 & mask;
    }
}
