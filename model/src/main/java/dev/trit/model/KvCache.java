package dev.trit.model;

import dev.trit.tensor.KvRows;
import dev.trit.tensor.KvType;
import java.util.ArrayList;
import java.util.List;

/**
 * Keys and values of the positions a text has seen. Memory comes in pages as the context grows, and stays when
 * the context is cut back. Pages that lie wholly before {@link #length} may be shared with other caches.
 */
final class KvCache {
    /** Positions in a page. */
    static final int PAGE = KvPool.PAGE;

    private final KvPool pool;
    private final List<KvPool.Page> pages = new ArrayList<>();
    private int length;

    /** A cache with a pool of its own, without limit. */
    KvCache(Config config, KvType type) {
        this(new KvPool(config, type, KvPool.UNLIMITED));
    }

    KvCache(KvPool pool) {
        this.pool = pool;
    }

    /** Positions that hold valid keys and values. */
    int length() {
        return length;
    }

    /** Pages that {@link #reserve} would take for {@code positions} in all. */
    int missing(int positions) {
        return Math.max(0, Math.ceilDiv(positions, PAGE) - pages.size());
    }

    /** Makes room for {@code positions} in all, without changing the length. */
    void reserve(int positions) {
        while (pages.size() * PAGE < positions) {
            pages.add(pool.take());
        }
    }

    /** Declares that positions up to {@code length} have been written, or forgets those from {@code length} on. */
    void setLength(int length) {
        this.length = length;
    }

    /** Gives all pages back. */
    void clear() {
        pages.forEach(pool::release);
        pages.clear();
        length = 0;
    }

    KvPool.Page page(int index) {
        return pages.get(index);
    }

    /** Appends a page that another cache has filled, or a copy of its beginning. The length must end a page. */
    void append(KvPool.Page page, int positions) {
        pages.add(positions == PAGE ? pool.share(page) : pool.copy(page, positions));
        length += positions;
    }

    /** Takes another page of the same contents for its own. */
    void replace(int index, KvPool.Page page) {
        pool.release(pages.set(index, pool.share(page)));
    }

    /** The page of keys in which {@code position} lies. */
    KvRows keys(int layer, int position) {
        return pages.get(position / PAGE).keys[layer];
    }

    /** The page of values in which {@code position} lies. */
    KvRows values(int layer, int position) {
        return pages.get(position / PAGE).values[layer];
    }

    /** Which row of its page is that of one head. */
    static int row(int kvHead, int position) {
        return kvHead * PAGE + position % PAGE;
    }

    /** Bytes held, shared ones included. */
    long bytes() {
        return pages.size() * pool.pageBytes();
    }
}
