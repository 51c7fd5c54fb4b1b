package dev.trit.springai;

import dev.trit.model.Sampling;
import dev.trit.model.chat.Question;
import dev.trit.model.chat.ToolCall;
import dev.trit.model.chat.Tools;
import dev.trit.text.ChatMessage;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.springframework.ai.chat.messages.AssistantMessage;
import org.springframework.ai.chat.messages.Message;
import org.springframework.ai.chat.messages.ToolResponseMessage;
import org.springframework.ai.chat.messages.UserMessage;
import org.springframework.ai.chat.prompt.ChatOptions;
import org.springframework.ai.chat.prompt.Prompt;
import org.springframework.ai.model.tool.StructuredOutputChatOptions;
import org.springframework.ai.model.tool.ToolCallingChatOptions;
import org.springframework.ai.tool.ToolCallback;

/** Spring AI's prompts as Trit's questions. */
final class Prompts {
    private Prompts() {}

    /**
     * The question.
     *
     * @param defaults where the prompt's options do not say
     * @throws IllegalArgumentException if a message has images or sounds
     */
    static Question question(Prompt prompt, Sampling defaults) {
        List<ChatMessage> messages = new ArrayList<>();
        prompt.getInstructions().forEach(message -> add(messages, message));
        ChatOptions options = prompt.getOptions();
        return new Question(messages, sampling(options, defaults), tools(options), schema(options));
    }

    private static void add(List<ChatMessage> messages, Message message) {
        String text = message.getText() == null ? "" : message.getText();
        switch (message) {
            case ToolResponseMessage results ->
                results.getResponses()
                        .forEach(result -> messages.add(new ChatMessage(
                                "tool",
                                result.responseData(),
                                Map.of("tool_call_id", result.id(), "name", result.name()))));
            case AssistantMessage assistant ->
                messages.add(ToolCall.message(
                        text,
                        assistant.getToolCalls().stream()
                                .map(call -> new ToolCall(call.id(), call.name(), call.arguments()))
                                .toList()));
            case UserMessage user
            when !user.getMedia().isEmpty() ->
                throw new IllegalArgumentException(
                        "the models here read text only, got " + user.getMedia().size() + " media");
            default -> messages.add(new ChatMessage(message.getMessageType().getValue(), text));
        }
    }

    private static Sampling sampling(@Nullable ChatOptions options, Sampling defaults) {
        Sampling s = defaults;
        if (options == null) {
            return s;
        }
        if (options.getTemperature() != null) {
            s = s.withTemperature(options.getTemperature().floatValue());
        }
        if (options.getTopP() != null) {
            s = s.withTopP(options.getTopP().floatValue());
        }
        if (options.getTopK() != null) {
            s = s.withTopK(options.getTopK());
        }
        if (options.getFrequencyPenalty() != null) {
            s = s.withFrequencyPenalty(options.getFrequencyPenalty().floatValue());
        }
        if (options.getPresencePenalty() != null) {
            s = s.withPresencePenalty(options.getPresencePenalty().floatValue());
        }
        if (options.getMaxTokens() != null) {
            s = s.withMaxTokens(options.getMaxTokens());
        }
        List<String> stop = options.getStopSequences();
        return stop == null || stop.isEmpty() ? s : s.withStop(stop);
    }

    private static Tools tools(@Nullable ChatOptions options) {
        Tools tools = Tools.none();
        if (options instanceof ToolCallingChatOptions calling && calling.getToolCallbacks() != null) {
            for (ToolCallback callback : calling.getToolCallbacks()) {
                var tool = callback.getToolDefinition();
                tools = tools.with(tool.name(), tool.description(), tool.inputSchema());
            }
        }
        return tools;
    }

    private static @Nullable String schema(@Nullable ChatOptions options) {
        return options instanceof StructuredOutputChatOptions structured ? structured.getOutputSchema() : null;
    }
}
