package dev.trit.serve;

import dev.trit.model.Embedder;
import dev.trit.model.Engine;
import dev.trit.model.EngineOptions;
import dev.trit.model.LoadOptions;
import dev.trit.model.Model;
import dev.trit.model.grammar.GrammarCache;
import java.time.Duration;

/** A model in memory with the engine that runs it. */
final class LoadedModel {
    private final String id;
    private final Model model;
    private final Engine engine;
    private final GrammarCache grammars;

    private LoadedModel(String id, Model model, Engine engine) {
        this.id = id;
        this.model = model;
        this.engine = engine;
        this.grammars = new GrammarCache(model);
    }

    /** @throws RuntimeException of the modules below, if it cannot be loaded */
    static LoadedModel load(ModelSource source, ServeOptions options) {
        var load = new LoadOptions(
                options.kernels(), options.threads(), options.contextLength(), options.head(), options.kv());
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

    GrammarCache grammars() {
        return grammars;
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
