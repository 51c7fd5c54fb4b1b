package dev.trit.model;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/** What waits, by client: clients take turns, and each client's own come in order. Not thread-safe. */
final class FairQueue<T> {
    private final Map<String, ArrayDeque<T>> clients = new LinkedHashMap<>(); // whose turn it is stands first
    private int size;

    int size() {
        return size;
    }

    void add(String client, T item) {
        clients.computeIfAbsent(client, c -> new ArrayDeque<>()).add(item);
        size++;
    }

    /** The one whose turn it is, or null; it stays. */
    @Nullable T peek() {
        return size == 0 ? null : clients.values().iterator().next().element();
    }

    /** Takes the one whose turn it is; its client goes to the end of the row. */
    T take() {
        Map.Entry<String, ArrayDeque<T>> first = clients.entrySet().iterator().next();
        T item = first.getValue().remove();
        clients.remove(first.getKey());
        if (!first.getValue().isEmpty()) {
            clients.put(first.getKey(), first.getValue());
        }
        size--;
        return item;
    }

    /** Takes all that fulfil it. */
    List<T> takeIf(Predicate<T> condition) {
        List<T> taken = new ArrayList<>();
        for (ArrayDeque<T> items : clients.values()) {
            items.removeIf(item -> condition.test(item) && taken.add(item));
        }
        clients.values().removeIf(ArrayDeque::isEmpty);
        size -= taken.size();
        return taken;
    }
}
