package dev.trit.text.internal.jinja;

import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** A function of the template language: a macro, a global, a method bound to its object. */
@FunctionalInterface
interface Callable {
    @Nullable Object call(List<@Nullable Object> arguments, Map<String, @Nullable Object> named);
}
