package dev.trit.text.internal.jinja;

import org.jspecify.annotations.Nullable;

/**
 * What a missing name or member is: prints as nothing, counts as false and empty, equals another of its kind; anything
 * more is an error that says what was missing.
 */
record Undefined(String what) {
    JinjaError error() {
        return new JinjaError(what + " is undefined");
    }

    static boolean is(@Nullable Object value) {
        return value instanceof Undefined;
    }

    @Override
    public boolean equals(@Nullable Object o) {
        return o instanceof Undefined;
    }

    @Override
    public int hashCode() {
        return 0;
    }
}
