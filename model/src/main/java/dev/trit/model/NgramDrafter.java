package dev.trit.model;

/**
 * Prompt lookup: what followed the last time the text went like this (Saxena 2023, "Prompt Lookup Decoding"). The
 * longest end of the text that occurred before decides, of equally long ones the latest. No second model: summaries,
 * edits and code repeat themselves.
 */
final class NgramDrafter implements Drafter {
    private int[] text = {};
    private int length;
    private int next; // where the guess begins in the text

    @Override
    public int look(int[] text, int length) {
        this.text = text;
        this.length = length;
        int last = length - 1;
        int longest = 0;
        for (int i = last - 1; i >= longest && longest < SURE; i--) { // no shorter match further on can win
            if (text[i] == text[last]) {
                int n = 1;
                while (n < SURE && n <= i && text[i - n] == text[last - n]) {
                    n++;
                }
                if (n > longest) {
                    longest = n;
                    next = i + 1;
                }
            }
        }
        return longest;
    }

    /** A match that reaches the end of the text goes on in the guess itself: loops are guessed whole. */
    @Override
    public int draft(int[] draft, int count) {
        for (int i = 0; i < count; i++) {
            int from = next + i;
            draft[1 + i] = from < length ? text[from] : draft[1 + from - length];
        }
        return count;
    }

    @Override
    public boolean free() {
        return true;
    }

    @Override
    public void close() {}
}
