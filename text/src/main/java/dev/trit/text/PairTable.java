package dev.trit.text;

import java.util.Arrays;

/**
 * Which two adjacent tokens may become which one, and in what order: (left, right) to (rank, merged), lower ranks first.
 * An open hash table over one long per pair.
 */
final class PairTable {
    static final int NONE = -1;

    private final long[] keys; // left << 32 | right, -1 where empty
    private final int[] ranks;
    private final int[] merged;
    private final int shift;

    PairTable(int expected) {
        int capacity = Integer.highestOneBit(Math.max(8, expected + (expected >> 1))) << 1;
        keys = new long[capacity];
        Arrays.fill(keys, -1);
        ranks = new int[capacity];
        merged = new int[capacity];
        shift = 64 - Integer.numberOfTrailingZeros(capacity);
    }

    /** Adds a pair; the last rank counts where a pair comes twice, as in the reference implementations' hash maps. */
    void put(int left, int right, int rank, int mergedId) {
        long key = key(left, right);
        int slot = spread(key);
        while (keys[slot] != -1 && keys[slot] != key) {
            slot = slot + 1 & keys.length - 1;
        }
        keys[slot] = key;
        ranks[slot] = rank;
        merged[slot] = mergedId;
    }

    /** Where the pair is kept, or {@link #NONE}. */
    int slot(int left, int right) {
        if ((left | right) < 0) {
            return NONE;
        }
        long key = key(left, right);
        for (int slot = spread(key); ; slot = slot + 1 & keys.length - 1) {
            if (keys[slot] == key) {
                return slot;
            }
            if (keys[slot] == -1) {
                return NONE;
            }
        }
    }

    int rank(int slot) {
        return ranks[slot];
    }

    int merged(int slot) {
        return merged[slot];
    }

    private static long key(int left, int right) {
        return (long) left << 32 | right;
    }

    private int spread(long key) {
        return (int) (key * 0x9E3779B97F4A7C15L >>> shift);
    }
}
