package dev.trit.text.internal.jinja;

import java.util.AbstractList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A list that cannot change and prints with parentheses. */
final class Tuple extends AbstractList<@Nullable Object> {
    private final List<@Nullable Object> items;

    Tuple(List<@Nullable Object> items) {
        this.items = items;
    }

    static Tuple of(@Nullable Object a, @Nullable Object b) {
        return new Tuple(java.util.Arrays.asList(a, b));
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
