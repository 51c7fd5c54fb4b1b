package dev.trit.model;

import java.util.ArrayList;
import java.util.List;

/**
 * Keys and values of the positions a session has seen, float32. Memory comes in pages of {@value #PAGE} positions as the
 * context grows, and stays when the context is cut back.
 *
 * <p>A page is [kvHeads, PAGE, headDim], so that one head's keys lie one after the other.
 */
final class KvCache {
    /** Positions in a page. */
    static final int PAGE = 64;

    private final Config config;
    private final List<Page> pages = new ArrayList<>();
    private int length;

    /** Keys and values of every layer for the same {@value #PAGE} positions. */
    private record Page(float[][] keys, float[][] values) {}

    KvCache(Config config) {
        this.config = config;
    }

    /** Positions that hold valid keys and values. */
    int length() {
        return length;
    }

    /** Makes room for {@code positions} in all, without changing the length. */
    void reserve(int positions) {
        while (pages.size() * PAGE < positions) {
            int size = config.kvDim() * PAGE;
            pages.add(new Page(new float[config.layers()][size], new float[config.layers()][size]));
        }
    }

    /** Declares that positions up to {@code length} have been written, or forgets those from {@code length} on. */
    void setLength(int length) {
        this.length = length;
    }

    void clear() {
        pages.clear();
        length = 0;
    }

    /** The page of keys in which {@code position} lies. */
    float[] keys(int layer, int position) {
        return pages.get(position / PAGE).keys[layer];
    }

    /** The page of values in which {@code position} lies. */
    float[] values(int layer, int position) {
        return pages.get(position / PAGE).values[layer];
    }

    /** Where in its page the vector of one head begins. */
    int offset(int kvHead, int position) {
        return (kvHead * PAGE + position % PAGE) * config.headDim();
    }

    /** Bytes held. */
    long bytes() {
        return 2L * pages.size() * config.layers() * config.kvDim() * PAGE * Float.BYTES;
    }
}
