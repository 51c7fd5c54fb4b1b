package dev.trit.text;

import java.util.Arrays;

/**
 * Byte-pair encoding of one chunk: merge the pair of lowest rank, leftmost first, until none is left. Short chunks are
 * scanned again after each merge; long ones (a megabyte without a space is one chunk) keep a heap of pairs.
 *
 * <p>Holds scratch space; one per call, not shared.
 */
final class PairMerge {
    // Chunks of prose have 4 to 8 bytes; the scan of 40 costs about what the heap's bookkeeping does.
    private static final int SCANNED = 40;

    private final PairTable pairs;
    private final int[] slots = new int[SCANNED];
    private final int[] ranks = new int[SCANNED];

    PairMerge(PairTable pairs) {
        this.pairs = pairs;
    }

    /**
     * Merges {@code ids[0..n)} in place; a negative id is a symbol that takes part in no merge.
     *
     * @return how many are left
     */
    int merge(int[] ids, int n) {
        return n <= SCANNED ? scan(ids, n) : heap(ids, n);
    }

    private int scan(int[] ids, int n) {
        for (int i = 0; i + 1 < n; i++) {
            rate(ids, i);
        }
        while (true) {
            int best = -1;
            int bestRank = Integer.MAX_VALUE;
            for (int i = 0; i + 1 < n; i++) {
                if (ranks[i] < bestRank) {
                    bestRank = ranks[i];
                    best = i;
                }
            }
            if (best < 0) {
                return n;
            }
            ids[best] = pairs.merged(slots[best]);
            n--;
            for (int i = best + 1; i < n; i++) {
                ids[i] = ids[i + 1];
                slots[i] = slots[i + 1];
                ranks[i] = ranks[i + 1];
            }
            if (best > 0) {
                rate(ids, best - 1);
            }
            if (best + 1 < n) {
                rate(ids, best);
            }
        }
    }

    private void rate(int[] ids, int i) {
        int slot = pairs.slot(ids[i], ids[i + 1]);
        slots[i] = slot;
        ranks[i] = slot == PairTable.NONE ? Integer.MAX_VALUE : pairs.rank(slot);
    }

    /** Symbols in a linked list by position; the heap orders rank << 32 | position, entries gone stale are passed over. */
    private int heap(int[] ids, int n) {
        int[] next = new int[n];
        int[] previous = new int[n];
        int[] rank = new int[n]; // of the pair that begins here, MAX_VALUE if none
        LongHeap heap = new LongHeap(n);
        for (int i = 0; i < n; i++) {
            next[i] = i + 1;
            previous[i] = i - 1;
        }
        for (int i = 0; i < n; i++) {
            push(ids, next, rank, i, n, heap);
        }
        while (heap.size() > 0) {
            long top = heap.poll();
            int at = (int) top;
            if (rank[at] != (int) (top >>> 32)) {
                continue;
            }
            int right = next[at];
            ids[at] = pairs.merged(pairs.slot(ids[at], ids[right]));
            rank[right] = Integer.MAX_VALUE; // gone
            next[at] = next[right];
            if (next[at] < n) {
                previous[next[at]] = at;
            }
            push(ids, next, rank, at, n, heap);
            if (previous[at] >= 0) {
                push(ids, next, rank, previous[at], n, heap);
            }
        }
        int count = 0;
        for (int i = 0; i < n; i = next[i]) {
            ids[count++] = ids[i];
        }
        return count;
    }

    private void push(int[] ids, int[] next, int[] rank, int at, int n, LongHeap heap) {
        int slot = next[at] < n ? pairs.slot(ids[at], ids[next[at]]) : PairTable.NONE;
        rank[at] = slot == PairTable.NONE ? Integer.MAX_VALUE : pairs.rank(slot);
        if (slot != PairTable.NONE) {
            heap.add((long) rank[at] << 32 | at);
        }
    }

    /** A binary min-heap of longs. */
    private static final class LongHeap {
        private long[] items;
        private int size;

        LongHeap(int capacity) {
            items = new long[capacity];
        }

        int size() {
            return size;
        }

        void add(long item) {
            if (size == items.length) {
                items = Arrays.copyOf(items, size * 2);
            }
            int at = size++;
            while (at > 0 && items[at - 1 >> 1] > item) {
                items[at] = items[at - 1 >> 1];
                at = at - 1 >> 1;
            }
            items[at] = item;
        }

        long poll() {
            long top = items[0];
            long last = items[--size];
            int at = 0;
            for (int child = 1; child < size; child = 2 * at + 1) {
                if (child + 1 < size && items[child + 1] < items[child]) {
                    child++;
                }
                if (items[child] >= last) {
                    break;
                }
                items[at] = items[child];
                at = child;
            }
            items[at] = last;
            return top;
        }
    }
}
