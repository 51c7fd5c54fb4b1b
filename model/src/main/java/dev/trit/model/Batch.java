package dev.trit.model;

import java.util.Arrays;

/**
 * The tokens that run through the blocks at once: each has a position in a cache, and tokens of several caches may be
 * mixed. Tokens of one cache come in the order of their positions, without gaps, and begin where the cache ends.
 */
final class Batch {
    private int[] ids = new int[1];
    private int[] positions = new int[1];
    private KvCache[] caches = new KvCache[1];
    private int size;

    int size() {
        return size;
    }

    void clear() {
        Arrays.fill(caches, 0, size, null);
        size = 0;
    }

    /** Appends {@code ids[from ... to-1]} at {@code position} and what follows it. */
    void add(KvCache cache, int position, int[] ids, int from, int to) {
        int end = size + to - from;
        if (end > this.ids.length) {
            int capacity = Math.max(end, 2 * this.ids.length);
            this.ids = Arrays.copyOf(this.ids, capacity);
            positions = Arrays.copyOf(positions, capacity);
            caches = Arrays.copyOf(caches, capacity);
        }
        System.arraycopy(ids, from, this.ids, size, to - from);
        for (int i = from; i < to; i++) {
            positions[size] = position + i - from;
            caches[size++] = cache;
        }
    }

    int id(int t) {
        return ids[t];
    }

    int position(int t) {
        return positions[t];
    }

    KvCache cache(int t) {
        return caches[t];
    }

    /** Makes room in all caches. Returns how many positions the longest has then. */
    int reserve() {
        int longest = 0;
        for (int t = 0; t < size; t++) {
            caches[t].reserve(positions[t] + 1);
            longest = Math.max(longest, positions[t] + 1);
        }
        return longest;
    }

    /** All tokens have been computed: the caches grow by them. */
    void commit() {
        for (int t = 0; t < size; t++) {
            caches[t].setLength(positions[t] + 1);
        }
    }
}
