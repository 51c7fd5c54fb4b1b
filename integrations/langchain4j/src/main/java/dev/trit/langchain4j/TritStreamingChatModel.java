package dev.trit.langchain4j;

import dev.langchain4j.model.chat.Capability;
import dev.langchain4j.model.chat.StreamingChatModel;
import dev.langchain4j.model.chat.request.ChatRequest;
import dev.langchain4j.model.chat.request.ChatRequestParameters;
import dev.langchain4j.model.chat.response.CompleteToolCall;
import dev.langchain4j.model.chat.response.PartialResponse;
import dev.langchain4j.model.chat.response.PartialResponseContext;
import dev.langchain4j.model.chat.response.StreamingChatResponseHandler;
import dev.langchain4j.model.chat.response.StreamingHandle;
import dev.trit.model.Sampling;
import dev.trit.model.chat.Answer;
import dev.trit.model.chat.ChatEngine;
import dev.trit.model.chat.Question;
import java.util.Set;

/**
 * The same as {@link TritChatModel}, told as it is generated, from a virtual thread for each answer. A handler may call the
 * rest off; then it hears no more.
 */
public final class TritStreamingChatModel implements StreamingChatModel {
    private final ChatEngine engine;
    private final Sampling defaults;

    /** With {@link Sampling#defaults}. @param engine stays the caller's */
    public TritStreamingChatModel(ChatEngine engine) {
        this(engine, Sampling.defaults());
    }

    /** @param defaults for what a request does not say */
    public TritStreamingChatModel(ChatEngine engine, Sampling defaults) {
        this.engine = engine;
        this.defaults = defaults;
    }

    @Override
    public void doChat(ChatRequest request, StreamingChatResponseHandler handler) {
        Question question = Requests.question(request, defaults); // what is wrong with it is thrown here
        Thread.ofVirtual().name("trit-chat").start(() -> tell(question, handler));
    }

    private void tell(Question question, StreamingChatResponseHandler handler) {
        Handle handle = new Handle();
        try {
            var context = new PartialResponseContext(handle);
            Answer answer = Answers.of(engine, question, text -> {
                handler.onPartialResponse(new PartialResponse(text), context);
                if (handle.cancelled) {
                    throw new CalledOff();
                }
            });
            for (int i = 0; i < answer.calls().size(); i++) {
                handler.onCompleteToolCall(
                        new CompleteToolCall(i, Answers.call(answer.calls().get(i))));
            }
            handler.onCompleteResponse(Answers.response(engine, answer));
        } catch (CalledOff e) {
            return; // whoever called it off knows
        } catch (RuntimeException | Error e) {
            handler.onError(e);
        }
    }

    private static final class CalledOff extends RuntimeException {
        private static final long serialVersionUID = 1L;
    }

    private static final class Handle implements StreamingHandle {
        private volatile boolean cancelled;

        @Override
        public void cancel() {
            cancelled = true;
        }

        @Override
        public boolean isCancelled() {
            return cancelled;
        }
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
