package dev.trit.text.internal.jinja;

import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What the filters map, select, reverse, ... give: items that can be read once. It counts as true even if empty, has no
 * length and no indexes, as Python's generators.
 */
final class Once {
    private final Iterator<@Nullable Object> items;

    Once(List<@Nullable Object> items) {
        this.items = items.iterator();
    }

    boolean hasNext() {
        return items.hasNext();
    }

    @Nullable Object next() {
        return items.next();
    }

    /** The items that nobody has read yet. */
    List<@Nullable Object> rest() {
        List<@Nullable Object> rest = new ArrayList<>();
        items.forEachRemaining(rest::add);
        return rest;
    }
}
