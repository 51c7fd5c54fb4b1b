package dev.trit.text;

import java.util.Arrays;

/** A growing list of token ids. */
final class Ids {
    private int[] items = new int[64];
    private int size;

    void add(int id) {
        if (size == items.length) {
            items = Arrays.copyOf(items, size * 2);
        }
        items[size++] = id;
    }

    void add(int[] ids, int count) {
        if (size + count > items.length) {
            items = Arrays.copyOf(items, Math.max(size * 2, size + count));
        }
        System.arraycopy(ids, 0, items, size, count);
        size += count;
    }

    int size() {
        return size;
    }

    int last() {
        return size == 0 ? -1 : items[size - 1];
    }

    int[] toArray() {
        return Arrays.copyOf(items, size);
    }
}
