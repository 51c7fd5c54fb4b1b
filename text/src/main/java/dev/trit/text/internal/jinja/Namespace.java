package dev.trit.text.internal.jinja;

import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Members that statements can set and expressions read: {@code namespace(...)}. */
record Namespace(Map<String, @Nullable Object> members) {
    Namespace() {
        this(new LinkedHashMap<>());
    }
}
