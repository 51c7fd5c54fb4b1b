package dev.trit.langchain4j;

import dev.langchain4j.model.chat.Capability;
import dev.langchain4j.model.chat.ChatModel;
import dev.langchain4j.model.chat.request.ChatRequest;
import dev.langchain4j.model.chat.request.ChatRequestParameters;
import dev.langchain4j.model.chat.response.ChatResponse;
import dev.trit.model.Sampling;
import dev.trit.model.chat.ChatEngine;
import java.util.Set;

/**
 * A {@link ChatModel} in this process: tools, JSON and JSON schemas included. Any number of threads may ask; their answers
 * are generated together. The same request gives the same answer unless {@code defaults} have another seed.
 *
 * <pre>
 * try (ChatEngine engine = ChatEngine.load(Path.of("model.gguf"))) {
 *     ChatModel model = new TritChatModel(engine);
 *     model.chat("What is the capital of France?");
 * }
 * </pre>
 */
public final class TritChatModel implements ChatModel {
    private final ChatEngine engine;
    private final Sampling defaults;

    /** With {@link Sampling#defaults}. @param engine stays the caller's */
    public TritChatModel(ChatEngine engine) {
        this(engine, Sampling.defaults());
    }

    /** @param defaults for what a request does not say */
    public TritChatModel(ChatEngine engine, Sampling defaults) {
        this.engine = engine;
        this.defaults = defaults;
    }

    @Override
    public ChatResponse doChat(ChatRequest request) {
        return Answers.response(engine, Answers.of(engine, Requests.question(request, defaults), text -> {}));
    }

    @Override
    public ChatRequestParameters defaultRequestParameters() {
        return ChatRequestParameters.builder().modelName(engine.model().name()).build();
    }

    @Override
    public Set<Capability> supportedCapabilities() {
        return Set.of(Capability.RESPONSE_FORMAT_JSON_SCHEMA);
    }
}
