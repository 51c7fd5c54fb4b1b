package dev.trit.text.internal.jinja;

import java.util.AbstractList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A list that cannot change and prints with parentheses; its items may have names. */
final class Tuple extends AbstractList<@Nullable Object> {
    private final List<@Nullable Object> items;
    private final List<String> names;

    Tuple(List<@Nullable Object> items) {
        this(items, List.of());
    }

    Tuple(List<@Nullable Object> items, List<String> names) {
        this.items = items;
        this.names = names;
    }

    static Tuple of(@Nullable Object a, @Nullable Object b) {
        return new Tuple(Arrays.asList(a, b));
    }

    /** Where the item of that name is, or -1. */
    int position(String name) {
        return names.indexOf(name);
    }

    @Override
    public @Nullable Object get(int index) {
        return items.get(index);
    }

    @Override
    public int size() {
        return items.size();
    }
}
