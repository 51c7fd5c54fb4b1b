package dev.trit.langchain4j;

import dev.langchain4j.agent.tool.ToolExecutionRequest;
import dev.langchain4j.data.message.AiMessage;
import dev.langchain4j.exception.InvalidRequestException;
import dev.langchain4j.exception.RateLimitException;
import dev.langchain4j.model.chat.response.ChatResponse;
import dev.langchain4j.model.output.FinishReason;
import dev.langchain4j.model.output.TokenUsage;
import dev.trit.model.BusyException;
import dev.trit.model.ModelException;
import dev.trit.model.chat.Answer;
import dev.trit.model.chat.ChatEngine;
import dev.trit.model.chat.Question;
import dev.trit.model.chat.ToolCall;
import dev.trit.text.TextException;
import java.util.function.Consumer;

/** Trit's answers, and what may go wrong, as LangChain4j's. */
final class Answers {
    private Answers() {}

    /**
     * Answers.
     *
     * @throws InvalidRequestException if the question cannot be answered
     * @throws RateLimitException if too many wait already
     */
    static Answer of(ChatEngine engine, Question question, Consumer<String> onText) {
        try {
            return engine.answer(question, onText);
        } catch (ModelException | TextException e) {
            throw new InvalidRequestException(e);
        } catch (BusyException e) {
            throw new RateLimitException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new dev.langchain4j.exception.TimeoutException(e);
        }
    }

    static ChatResponse response(ChatEngine engine, Answer answer) {
        var generation = answer.generation();
        String text = answer.text();
        return ChatResponse.builder()
                .aiMessage(AiMessage.builder()
                        .text(text.isEmpty() && !answer.calls().isEmpty() ? null : text)
                        .toolExecutionRequests(
                                answer.calls().stream().map(Answers::call).toList())
                        .build())
                .modelName(engine.model().name())
                .tokenUsage(new TokenUsage(generation.promptTokens(), generation.completionTokens()))
                .finishReason(finishReason(answer))
                .build();
    }

    static ToolExecutionRequest call(ToolCall call) {
        return ToolExecutionRequest.builder()
                .id(call.id())
                .name(call.name())
                .arguments(call.arguments())
                .build();
    }

    private static FinishReason finishReason(Answer answer) {
        if (!answer.calls().isEmpty()) {
            return FinishReason.TOOL_EXECUTION;
        }
        return switch (answer.generation().stopReason()) {
            case END, STOP -> FinishReason.STOP;
            case LENGTH -> FinishReason.LENGTH;
            default -> FinishReason.OTHER;
        };
    }
}
