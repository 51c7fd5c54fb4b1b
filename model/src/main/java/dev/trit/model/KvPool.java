package dev.trit.model;

import dev.trit.tensor.KvRows;
import dev.trit.tensor.KvType;
import java.util.ArrayDeque;

/**
 * The memory of keys and values, in pages of {@value #PAGE} positions. A page may be held by several caches whose texts
 * begin alike; it comes back when the last lets go, and
 * under a limit is kept for the next. Not thread-safe.
 */
final class KvPool {
    /** Positions in a page. */
    static final int PAGE = 64;

    /** A limit that is none: pages that come back are left to the garbage collector. */
    static final int UNLIMITED = Integer.MAX_VALUE;

    /** Keys and values of every layer for the same {@value #PAGE} positions, [layers][kvHeads, PAGE][headDim] each. */
    static final class Page {
        final KvRows[] keys;
        final KvRows[] values;
        private int holders;

        private Page(Config config, KvType type) {
            keys = new KvRows[config.layers()];
            values = new KvRows[config.layers()];
            for (int layer = 0; layer < keys.length; layer++) {
                keys[layer] = new KvRows(type, config.kvHeads() * PAGE, config.headDim());
                values[layer] = new KvRows(type, config.kvHeads() * PAGE, config.headDim());
            }
        }

        boolean shared() {
            return holders > 1;
        }
    }

    private final Config config;
    private final KvType type;
    private final int limit;
    private final ArrayDeque<Page> free = new ArrayDeque<>();
    private int held;

    /** @param limit pages at most, or {@link #UNLIMITED} */
    KvPool(Config config, KvType type, int limit) {
        this.config = config;
        this.type = type;
        this.limit = limit;
    }

    /** Bytes of a page. */
    static long pageBytes(Config config, KvType type) {
        return 2L * config.layers() * config.kvHeads() * PAGE * type.rowBytes(config.headDim());
    }

    long pageBytes() {
        return pageBytes(config, type);
    }

    Config config() {
        return config;
    }

    int limit() {
        return limit;
    }

    /** Pages in use. */
    int held() {
        return held;
    }

    /** Pages that can still be taken. */
    int available() {
        return limit - held;
    }

    /** A page for the caller alone; what is in it does not matter. */
    Page take() {
        if (held == limit) {
            throw new IllegalStateException("all " + limit + " pages are in use");
        }
        Page page = free.poll();
        if (page == null) {
            page = new Page(config, type);
        }
        page.holders = 1;
        held++;
        return page;
    }

    /** One holder more. */
    Page share(Page page) {
        page.holders++;
        return page;
    }

    /** One holder less. */
    void release(Page page) {
        if (--page.holders == 0) {
            held--;
            if (limit < UNLIMITED) {
                free.add(page);
            }
        }
    }

    /** A page for the caller alone that begins with the first {@code positions} of another. */
    Page copy(Page page, int positions) {
        Page copy = take();
        for (int layer = 0; layer < config.layers(); layer++) {
            for (int head = 0; head < config.kvHeads(); head++) {
                copy.keys[layer].copy(page.keys[layer], head * PAGE, positions);
                copy.values[layer].copy(page.values[layer], head * PAGE, positions);
            }
        }
        return copy;
    }
}
