package dev.trit.model;

import dev.trit.format.Checkpoint;
import org.jspecify.annotations.Nullable;

/** Typed, range-checked reading of a checkpoint's metadata: the numbers come from strangers and size our arrays. */
record Metadata(Checkpoint checkpoint) {
    /** Widest vector and most rows accepted; far above any model, far below what overflows. */
    static final int WIDEST = 1 << 24;

    boolean has(String key) {
        return checkpoint.metadata().containsKey(key);
    }

    int integer(String key, int min, int max) {
        Object value = checkpoint.metadata().get(key);
        long n = switch (value) {
            case Integer i -> i;
            case Long l -> l;
            case null, default -> Long.MIN_VALUE;
        };
        if (n < min || n > max) {
            throw wrong(key, "an integer from %d to %d".formatted(min, max), value);
        }
        return (int) n;
    }

    int integer(String key, int min, int max, int byDefault) {
        return has(key) ? integer(key, min, max) : byDefault;
    }

    /** A finite number above 0. */
    float real(String key) {
        Object value = checkpoint.metadata().get(key);
        float x = value instanceof Number n ? n.floatValue() : Float.NaN;
        if (!Float.isFinite(x) || x <= 0) {
            throw wrong(key, "a finite number above 0", value);
        }
        return x;
    }

    float real(String key, float byDefault) {
        return has(key) ? real(key) : byDefault;
    }

    String string(String key, String byDefault) {
        Object value = checkpoint.metadata().getOrDefault(key, byDefault);
        if (value instanceof String s) {
            return s;
        }
        throw wrong(key, "a string", value);
    }

    private ModelException wrong(String key, String expected, @Nullable Object got) {
        String shown = got == null ? "nothing" : String.valueOf(got);
        return new ModelException("%s: %s must be %s, got %s"
                .formatted(
                        checkpoint.path(),
                        key,
                        expected,
                        shown.length() > 80 ? shown.substring(0, 80) + "..." : shown));
    }
}
