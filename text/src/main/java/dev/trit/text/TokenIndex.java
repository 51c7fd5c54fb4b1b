package dev.trit.text;

/**
 * From token text to id: an open hash table keyed by {@link String#hashCode}, so that parts of strings and buffers are
 * looked up without making a string of them.
 *
 * <p>The characters of all tokens lie in one array and the hash beside the id: reading LLaMA-3's 280,000 merges means
 * 840,000 look-ups, and what they cost is cache misses.
 */
final class TokenIndex {
    private final char[] chars; // all texts, one after the other
    private final int[] starts; // [size + 1] where each begins
    private final long[] slots; // hash << 32 | id + 1, 0 where empty
    private final int shift;
    private final int longest;
    private final boolean unique;

    TokenIndex(String[] texts) {
        starts = new int[texts.length + 1];
        long total = 0;
        int max = 0;
        for (int id = 0; id < texts.length; id++) {
            int length = texts[id].length();
            max = Math.max(max, length);
            total += length;
            if (total > Integer.MAX_VALUE - 8) {
                throw new TextException("the texts of the tokens are longer than 2^31 characters together");
            }
            starts[id + 1] = (int) total;
        }
        longest = max;
        chars = new char[(int) total];
        int capacity = Integer.highestOneBit(Math.max(8, texts.length * 2 - 1)) << 1;
        slots = new long[capacity];
        shift = 32 - Integer.numberOfTrailingZeros(capacity);
        boolean repeated = false;
        for (int id = 0; id < texts.length; id++) {
            String text = texts[id];
            text.getChars(0, text.length(), chars, starts[id]);
            int hash = text.hashCode();
            int slot = spread(hash);
            while (slots[slot] != 0 && !is((int) slots[slot] - 1, chars, starts[id], starts[id + 1])) {
                slot = slot + 1 & slots.length - 1;
            }
            repeated |= slots[slot] != 0;
            slots[slot] = (long) hash << 32 | id + 1;
        }
        unique = !repeated;
    }

    /** Whether no two tokens have the same text; of those that do, the last one is found. */
    boolean isUnique() {
        return unique;
    }

    int size() {
        return starts.length - 1;
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
        char[] s = text.toCharArray();
        return find(s, 0, s.length, text.hashCode());
    }

    /** The id of the token with the chars of {@code s} from {@code from} to {@code to}, whose hash is given; or -1. */
    int find(char[] s, int from, int to, int hash) {
        for (int slot = spread(hash); slots[slot] != 0; slot = slot + 1 & slots.length - 1) {
            long entry = slots[slot];
            if ((int) (entry >>> 32) == hash && is((int) entry - 1, s, from, to)) {
                return (int) entry - 1;
            }
        }
        return -1;
    }

    /** Whether token {@code id} has the chars of {@code s} from {@code from} to {@code to}. */
    boolean is(int id, char[] s, int from, int to) {
        int start = starts[id];
        if (starts[id + 1] - start != to - from) {
            return false;
        }
        for (int i = from; i < to; i++) {
            if (chars[start + i - from] != s[i]) {
                return false;
            }
        }
        return true;
    }

    private int spread(int hash) {
        return hash * 0x9E3779B9 >>> shift;
    }
}
