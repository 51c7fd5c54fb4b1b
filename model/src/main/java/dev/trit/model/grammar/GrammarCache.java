package dev.trit.model.grammar;

import dev.trit.model.Constraint;
import dev.trit.model.Model;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** What grammars mean for the tokens of one model. Those of late are kept, since the same come again and again. Thread-safe. */
public final class GrammarCache {
    private static final int KEPT = 64;

    private final Model model;
    private @Nullable TokenTrie trie; // made when first asked for

    private final Map<String, Constraint> constraints = new LinkedHashMap<>(16, 0.75f, true) {
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<String, Constraint> eldest) {
            return size() > KEPT;
        }
    };

    public GrammarCache(Model model) {
        this.model = model;
    }

    /**
     * The constraint a grammar makes.
     *
     * @param key tells grammars apart
     * @param grammar is asked where {@code key} is not known
     * @throws dev.trit.model.ModelException if the grammar cannot be followed
     */
    public synchronized Constraint get(String key, Supplier<Grammar> grammar) {
        Constraint constraint = constraints.get(key);
        if (constraint == null) {
            trie = trie == null ? TokenTrie.of(model) : trie;
            constraint = grammar.get().constrain(trie);
            constraints.put(key, constraint);
        }
        return constraint;
    }
}
