package dev.trit.text.internal.jinja;

import java.util.AbstractList;
import org.jspecify.annotations.Nullable;

/** from, from + step, ..., before {@code to}. */
final class Range extends AbstractList<@Nullable Object> {
    private static final int MAX_SIZE = 100_000;

    private final long from;
    private final long to;
    private final long step;
    private final int size;

    Range(long from, long to, long step) {
        if (step == 0) {
            throw new JinjaError("range needs a step other than 0");
        }
        long size = step > 0 ? (to - from + step - 1) / step : (from - to - step - 1) / -step;
        if (size > MAX_SIZE) {
            throw new JinjaError("a range of %d is beyond the limit of %d".formatted(size, MAX_SIZE));
        }
        this.from = from;
        this.to = to;
        this.step = step;
        this.size = (int) Math.max(0, size);
    }

    Range slice(int start, int end, int by) {
        return new Range(from + start * step, from + end * step, step * by);
    }

    @Override
    public Object get(int index) {
        return from + index * step;
    }

    @Override
    public int size() {
        return size;
    }

    @Override
    public String toString() {
        return step == 1 ? "range(%d, %d)".formatted(from, to) : "range(%d, %d, %d)".formatted(from, to, step);
    }
}
