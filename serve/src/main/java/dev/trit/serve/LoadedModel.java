package dev.trit.serve;

import dev.trit.model.Constraint;
import dev.trit.model.Embedder;
import dev.trit.model.Engine;
import dev.trit.model.EngineOptions;
import dev.trit.model.LoadOptions;
import dev.trit.model.Model;
import dev.trit.model.grammar.Grammar;
import dev.trit.model.grammar.TokenTrie;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** A model in memory with the engine that runs it. */
final class LoadedModel {
    private static final int CONSTRAINTS = 64;

    private final String id;
    private final Model model;
    private final Engine engine;
    private @Nullable TokenTrie trie; // made when first asked for

    /** Constraints of late: clients send the same schema again and again. */
    private final Map<String, Constraint> constraints = new LinkedHashMap<>(16, 0.75f, true) {
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<String, Constraint> eldest) {
            return size() > CONSTRAINTS;
        }
    };

    private LoadedModel(String id, Model model, Engine engine) {
        this.id = id;
        this.model = model;
        this.engine = engine;
    }

    /** @throws RuntimeException of the modules below, if it cannot be loaded */
    static LoadedModel load(ModelSource source, ServeOptions options) {
        var load = new LoadOptions(options.kernels(), options.threads(), options.contextLength());
        Model model = Model.load(source.path(), load);
        try {
            model.tokenizer(); // a model without one is of no use here: say so now
            model.chatTemplate();
            Engine engine = new Engine(
                    model,
                    EngineOptions.defaults()
                            .withParallel(options.parallel())
                            .withContextLength(options.contextLength())
                            .withMaxQueue(options.maxQueue()));
            return new LoadedModel(source.id(), model, engine);
        } catch (RuntimeException | Error e) {
            model.close();
            throw e;
        }
    }

    String id() {
        return id;
    }

    Model model() {
        return model;
    }

    Engine engine() {
        return engine;
    }

    /**
     * What a grammar means for this model's tokens.
     *
     * @param key tells grammars apart
     * @throws dev.trit.model.ModelException if the grammar cannot be followed
     */
    synchronized Constraint constraint(String key, Supplier<Grammar> grammar) {
        Constraint constraint = constraints.get(key);
        if (constraint == null) {
            trie = trie == null ? TokenTrie.of(model) : trie;
            constraint = grammar.get().constrain(trie);
            constraints.put(key, constraint);
        }
        return constraint;
    }

    Embedder embedder(Embedder.Pooling pooling) {
        return new Embedder(model, pooling);
    }

    /** Lets requests finish for {@code grace}, then frees everything. */
    void close(Duration grace) {
        try {
            engine.shutdown(grace);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            engine.close();
        }
        model.close();
    }
}
