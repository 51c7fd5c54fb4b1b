package dev.trit.model;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Keys and values of texts that have been computed, for texts that begin alike: a tree with a page of tokens at each
 * node. Whole pages are shared, the beginning of a page is copied. What nobody uses goes, least recently used first,
 * when memory is wanted. Not thread-safe.
 */
final class PrefixCache {
    private final KvPool pool;
    private final Node root = new Node(null, new int[0], null);
    private long clock;

    /** Tokens that follow the parent's; only whole pages have children. */
    private static final class Node {
        final @Nullable Node parent;
        final List<Node> children = new ArrayList<>();
        int[] tokens;
        KvPool.@Nullable Page page; // null at the root
        long used;

        Node(@Nullable Node parent, int[] tokens, KvPool.@Nullable Page page) {
            this.parent = parent;
            this.tokens = tokens;
            this.page = page;
        }
    }

    PrefixCache(KvPool pool) {
        this.pool = pool;
    }

    /**
     * Fills an empty cache with the longest beginning of {@code tokens[0 ... limit-1]} that is known, as far as memory
     * allows. Returns its length.
     */
    int attach(KvCache cache, int[] tokens, int limit) {
        Node node = root;
        int at = 0;
        while (at < limit) {
            Node best = null;
            int longest = 0;
            for (Node child : node.children) {
                int same = same(child.tokens, tokens, at, limit);
                if (same > longest) {
                    longest = same;
                    best = child;
                }
            }
            if (best == null || best.page == null || (longest < KvPool.PAGE && !room(best))) {
                break;
            }
            best.used = ++clock;
            cache.append(best.page, longest);
            at += longest;
            if (longest < KvPool.PAGE) {
                break;
            }
            node = best;
        }
        return at;
    }

    /** How many whole pages of {@code tokens[0 ... limit-1]} running texts hold: {@link #attach} takes no memory for them. */
    int inUse(int[] tokens, int limit) {
        Node node = root;
        int pages = 0;
        for (int at = 0; at + KvPool.PAGE <= limit; at += KvPool.PAGE) {
            Node next = null;
            for (Node child : node.children) {
                if (child.page != null && child.page.shared() && same(child.tokens, tokens, at, limit) == KvPool.PAGE) {
                    next = child;
                }
            }
            if (next == null) {
                break;
            }
            node = next;
            pages++;
        }
        return pages;
    }

    /** Whether there is a page for a copy of the beginning of that node's, which must not be evicted to get it. */
    private boolean room(Node source) {
        source.used = ++clock;
        return pool.available() > 0 || (evict() && source.page != null);
    }

    /** Remembers the text of a cache, which goes on using its pages. */
    void publish(KvCache cache, int[] tokens, int length) {
        Node node = root;
        for (int at = 0; at < length; at += KvPool.PAGE) {
            int n = Math.min(KvPool.PAGE, length - at);
            int index = at / KvPool.PAGE;
            Node next = null; // knows these tokens, or as many of them as any
            int known = 0;
            for (Node child : node.children) {
                int same = same(child.tokens, tokens, at, at + n);
                if ((same == n || same == child.tokens.length) && same > known) {
                    next = child;
                    known = same;
                }
            }
            if (next == null) {
                next = new Node(node, Arrays.copyOfRange(tokens, at, at + n), pool.share(cache.page(index)));
                node.children.add(next);
            } else if (next.tokens.length < n) {
                next.tokens = Arrays.copyOfRange(tokens, at, at + n);
                hold(next, cache.page(index));
            } else if (n == KvPool.PAGE && next.page != null && next.page != cache.page(index)) {
                cache.replace(index, next.page); // two texts have computed the same: one copy will do
            }
            next.used = ++clock;
            node = next;
        }
    }

    private void hold(Node node, KvPool.Page page) {
        KvPool.Page old = node.page;
        node.page = pool.share(page);
        if (old != null) {
            pool.release(old);
        }
    }

    /** Gives the least recently used page back that nobody uses; false if there is none. */
    boolean evict() {
        Node oldest = oldest(root, null);
        if (oldest == null || oldest.page == null || oldest.parent == null) {
            return false;
        }
        oldest.parent.children.remove(oldest);
        pool.release(oldest.page);
        oldest.page = null;
        return true;
    }

    private static @Nullable Node oldest(Node node, @Nullable Node oldest) {
        if (node.children.isEmpty()) {
            boolean idle = node.page != null && !node.page.shared();
            return idle && (oldest == null || node.used < oldest.used) ? node : oldest;
        }
        for (Node child : node.children) {
            oldest = oldest(child, oldest);
        }
        return oldest;
    }

    /** Pages that nobody uses: what {@link #evict} could give back, one after the other. */
    int idle() {
        return idle(root);
    }

    private static int idle(Node node) {
        int idle = node.page != null && !node.page.shared() ? 1 : 0;
        for (Node child : node.children) {
            idle += idle(child);
        }
        return idle;
    }

    /** Length of the common beginning of {@code a} and {@code b[from ... to-1]}. */
    private static int same(int[] a, int[] b, int from, int to) {
        int n = Math.min(a.length, to - from);
        int mismatch = Arrays.mismatch(a, 0, n, b, from, from + n);
        return mismatch < 0 ? n : mismatch;
    }
}
