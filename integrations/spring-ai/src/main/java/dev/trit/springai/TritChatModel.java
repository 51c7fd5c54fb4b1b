package dev.trit.springai;

import dev.trit.model.Sampling;
import dev.trit.model.chat.Answer;
import dev.trit.model.chat.ChatEngine;
import dev.trit.model.chat.Question;
import java.util.List;
import java.util.Locale;
import org.springframework.ai.chat.messages.AssistantMessage;
import org.springframework.ai.chat.metadata.ChatGenerationMetadata;
import org.springframework.ai.chat.metadata.ChatResponseMetadata;
import org.springframework.ai.chat.metadata.DefaultUsage;
import org.springframework.ai.chat.model.ChatModel;
import org.springframework.ai.chat.model.ChatResponse;
import org.springframework.ai.chat.model.Generation;
import org.springframework.ai.chat.prompt.ChatOptions;
import org.springframework.ai.chat.prompt.Prompt;
import org.springframework.ai.model.tool.ToolCallingChatOptions;
import reactor.core.publisher.Flux;
import reactor.core.publisher.FluxSink;

/**
 * A {@link ChatModel} in this process. Tools and output schemas are those of the prompt's options; calls come back with the
 * answer, to be made by the caller or by a {@code ChatClient}. Any number of threads may ask; their answers are generated
 * together. The same prompt gives the same answer unless {@code defaults} have another seed.
 *
 * <pre>
 * &#64;Bean(destroyMethod = "close") ChatEngine engine() { return ChatEngine.load(Path.of("model.gguf")); }
 * &#64;Bean ChatModel chatModel(ChatEngine engine) { return new TritChatModel(engine); }
 * </pre>
 *
 * <p>What cannot be answered throws {@link dev.trit.model.ModelException} or {@link dev.trit.text.TextException}, a full
 * queue {@link dev.trit.model.BusyException}; streams fail with the same.
 */
public final class TritChatModel implements ChatModel {
    private final ChatEngine engine;
    private final Sampling defaults;

    /** With {@link Sampling#defaults}. @param engine stays the caller's */
    public TritChatModel(ChatEngine engine) {
        this(engine, Sampling.defaults());
    }

    /** @param defaults for what a prompt's options do not say */
    public TritChatModel(ChatEngine engine, Sampling defaults) {
        this.engine = engine;
        this.defaults = defaults;
    }

    @Override
    public ChatResponse call(Prompt prompt) {
        try {
            Answer answer = engine.answer(Prompts.question(prompt, defaults), text -> {});
            return response(answer.text(), answer);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted while the model was answering", e);
        }
    }

    /** Texts as they become certain; the last response has the calls, the reason of the end and the usage. */
    @Override
    public Flux<ChatResponse> stream(Prompt prompt) {
        return Flux.create(sink -> {
            Question question = Prompts.question(prompt, defaults);
            Thread thread = Thread.ofVirtual().name("trit-chat").unstarted(() -> tell(question, sink));
            sink.onDispose(thread::interrupt); // whoever leaves early is not generated for
            thread.start();
        });
    }

    private void tell(Question question, FluxSink<ChatResponse> sink) {
        try {
            Answer answer = engine.answer(question, text -> sink.next(response(text)));
            sink.next(response("", answer));
            sink.complete();
        } catch (InterruptedException | RuntimeException | Error e) {
            sink.error(e); // nobody hears it where the subscriber has left
        }
    }

    @Override
    public ChatOptions getOptions() {
        return ToolCallingChatOptions.builder().model(engine.model().name()).build();
    }

    /** A piece. */
    private ChatResponse response(String text) {
        return new ChatResponse(
                List.of(new Generation(new AssistantMessage(text))),
                ChatResponseMetadata.builder().model(engine.model().name()).build());
    }

    /** The end, with {@code text} for its own. */
    private ChatResponse response(String text, Answer answer) {
        var generation = answer.generation();
        var message = AssistantMessage.builder()
                .content(text)
                .toolCalls(answer.calls().stream()
                        .map(call ->
                                new AssistantMessage.ToolCall(call.id(), "function", call.name(), call.arguments()))
                        .toList())
                .build();
        String reason = answer.calls().isEmpty()
                ? switch (generation.stopReason()) {
                    case END, STOP -> "STOP";
                    case LENGTH -> "LENGTH";
                    default -> generation.stopReason().name().toUpperCase(Locale.ROOT);
                }
                : "TOOL_CALLS";
        return new ChatResponse(
                List.of(new Generation(
                        message,
                        ChatGenerationMetadata.builder().finishReason(reason).build())),
                ChatResponseMetadata.builder()
                        .model(engine.model().name())
                        .usage(new DefaultUsage(generation.promptTokens(), generation.completionTokens()))
                        .build());
    }
}
