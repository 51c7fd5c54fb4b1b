package dev.trit.text.internal.jinja;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What a mapping's keys(), values() and items() give: to loop over and to count, but no list.
 *
 * @param type {@code dict_keys}, {@code dict_values} or {@code dict_items}
 */
record View(String type, List<@Nullable Object> items) {}
