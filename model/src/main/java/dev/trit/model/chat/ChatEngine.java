package dev.trit.model.chat;

import dev.trit.model.Completion;
import dev.trit.model.Constraint;
import dev.trit.model.Engine;
import dev.trit.model.EngineOptions;
import dev.trit.model.Event;
import dev.trit.model.Generation;
import dev.trit.model.LoadOptions;
import dev.trit.model.Model;
import dev.trit.model.ModelException;
import dev.trit.model.Request;
import dev.trit.model.StopReason;
import dev.trit.model.grammar.Grammar;
import dev.trit.model.grammar.GrammarCache;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Answers conversations with an engine, many at once, from any threads.
 *
 * <pre>
 * try (ChatEngine chat = ChatEngine.load(Path.of("model.gguf"))) {
 *     chat.answer(Question.of("What is the capital of France?"), System.out::print);
 * }
 * </pre>
 */
public final class ChatEngine implements AutoCloseable {
    private final Engine engine;
    private final GrammarCache grammars;
    private final boolean owned; // model and engine are closed with it

    private ChatEngine(Engine engine, boolean owned) {
        this.engine = engine;
        this.owned = owned;
        this.grammars = new GrammarCache(engine.model());
    }

    /** Over an engine that stays the caller's. */
    public ChatEngine(Engine engine) {
        this(engine, false);
    }

    /** Loads a model with the defaults of everything. @throws RuntimeException as {@link Model#load} */
    public static ChatEngine load(Path model) {
        return load(model, LoadOptions.defaults(), EngineOptions.defaults());
    }

    /** Loads a model. @throws RuntimeException as {@link Model#load(Path, LoadOptions)} */
    public static ChatEngine load(Path path, LoadOptions load, EngineOptions options) {
        Model model = Model.load(path, load);
        try {
            model.chatTemplate(); // a model that cannot chat: say so now
            return new ChatEngine(new Engine(model, options), true);
        } catch (RuntimeException | Error e) {
            model.close();
            throw e;
        }
    }

    public Model model() {
        return engine.model();
    }

    public Engine engine() {
        return engine;
    }

    /**
     * Answers, and returns when all has been said.
     *
     * @param onText receives text as it becomes certain, in whole characters, and without calls; what it throws calls
     *     the rest off and comes out here
     * @throws ModelException if the question cannot be answered: too long, a schema that cannot be followed
     * @throws dev.trit.text.TextException if the chat template refuses the conversation
     * @throws dev.trit.model.BusyException if the queue is full or the engine is being closed
     * @throws InterruptedException after calling it off
     */
    public Answer answer(Question question, Consumer<String> onText) throws InterruptedException {
        Tools tools = question.tools();
        Request request = Request.of(tools.encode(model(), question.messages(), Map.of()), question.sampling())
                .withConstraint(constraint(question));
        ToolCallStream stream = new ToolCallStream(tools);
        StringBuilder text = new StringBuilder();
        Consumer<String> said = piece -> {
            if (!piece.isEmpty()) {
                text.append(piece);
                onText.accept(piece);
            }
        };
        try (Completion completion = engine.submit(request)) {
            Event.Ended end = null;
            for (Event event = completion.next(); event != null; event = completion.next()) {
                if (event instanceof Event.TokenChosen(int choice, var token)) {
                    said.accept(tools.isEmpty() ? token.text() : stream.append(token.text()));
                } else if (event instanceof Event.Ended ended) {
                    end = ended;
                }
            }
            said.accept(stream.finish());
            return new Answer(text.toString(), List.copyOf(stream.calls()), generation(end));
        }
    }

    private static Generation generation(Event.@Nullable Ended end) {
        if (end == null || end.generation().stopReason() == StopReason.CANCELLED) {
            throw new ModelException("the engine was closed before it had answered");
        }
        if (end.failure() != null) {
            throw end.failure();
        }
        return end.generation();
    }

    private @Nullable Constraint constraint(Question question) {
        if (question.tools().forced() && !question.tools().isEmpty()) {
            return question.tools().call(model(), grammars);
        }
        String schema = question.schema();
        return schema == null ? null : grammars.get("schema " + schema, () -> Grammar.jsonSchema(schema));
    }

    /** Closes engine and model, if this loaded them. */
    @Override
    public void close() {
        if (owned) {
            engine.close();
            engine.model().close();
        }
    }
}
