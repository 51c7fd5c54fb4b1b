package dev.trit.langchain4j;

import dev.langchain4j.data.message.AiMessage;
import dev.langchain4j.data.message.Content;
import dev.langchain4j.data.message.SystemMessage;
import dev.langchain4j.data.message.TextContent;
import dev.langchain4j.data.message.ToolExecutionResultMessage;
import dev.langchain4j.data.message.UserMessage;
import dev.langchain4j.exception.UnsupportedFeatureException;
import dev.langchain4j.internal.JsonSchemaElementUtils;
import dev.langchain4j.model.chat.request.ChatRequest;
import dev.langchain4j.model.chat.request.ResponseFormat;
import dev.langchain4j.model.chat.request.ResponseFormatType;
import dev.langchain4j.model.chat.request.ToolChoice;
import dev.langchain4j.model.chat.request.json.JsonRawSchema;
import dev.langchain4j.model.chat.request.json.JsonSchema;
import dev.langchain4j.model.chat.request.json.JsonSchemaElement;
import dev.trit.model.Sampling;
import dev.trit.model.chat.Question;
import dev.trit.model.chat.ToolCall;
import dev.trit.model.chat.Tools;
import dev.trit.text.ChatMessage;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.json.JsonMapper;

/** LangChain4j's requests as Trit's questions. */
final class Requests {
    private static final String ANY_OBJECT = "{\"type\": \"object\"}";

    private Requests() {}

    /** @param defaults where the request does not say */
    static Question question(ChatRequest request, Sampling defaults) {
        return new Question(
                messages(request.messages()),
                sampling(request, defaults),
                tools(request),
                schema(request.responseFormat()));
    }

    static List<ChatMessage> messages(List<dev.langchain4j.data.message.ChatMessage> messages) {
        return messages.stream().map(Requests::message).toList();
    }

    static ChatMessage message(dev.langchain4j.data.message.ChatMessage message) {
        return switch (message) {
            case SystemMessage system -> ChatMessage.system(system.text());
            case UserMessage user -> new ChatMessage("user", text(user.contents()), named("name", user.name()));
            case AiMessage ai ->
                ToolCall.message(
                        ai.text(),
                        ai.toolExecutionRequests().stream()
                                .map(r -> new ToolCall(String.valueOf(r.id()), r.name(), r.arguments()))
                                .toList());
            case ToolExecutionResultMessage result -> {
                Map<String, String> fields = named("tool_call_id", result.id());
                fields.putAll(named("name", result.toolName()));
                yield new ChatMessage("tool", result.text(), fields);
            }
            default ->
                throw new UnsupportedFeatureException("messages of type " + message.type() + " are not understood");
        };
    }

    private static Map<String, String> named(String name, @Nullable String value) {
        Map<String, String> fields = new LinkedHashMap<>();
        if (value != null) {
            fields.put(name, value);
        }
        return fields;
    }

    private static String text(List<Content> contents) {
        List<String> texts = new ArrayList<>();
        for (Content content : contents) {
            if (!(content instanceof TextContent text)) {
                throw new UnsupportedFeatureException(
                        "the models here read text only, got content of type " + content.type());
            }
            texts.add(text.text());
        }
        return String.join("\n", texts);
    }

    private static Sampling sampling(ChatRequest request, Sampling defaults) {
        Sampling s = defaults;
        if (request.temperature() != null) {
            s = s.withTemperature(request.temperature().floatValue());
        }
        if (request.topP() != null) {
            s = s.withTopP(request.topP().floatValue());
        }
        if (request.topK() != null) {
            s = s.withTopK(request.topK());
        }
        if (request.frequencyPenalty() != null) {
            s = s.withFrequencyPenalty(request.frequencyPenalty().floatValue());
        }
        if (request.presencePenalty() != null) {
            s = s.withPresencePenalty(request.presencePenalty().floatValue());
        }
        if (request.maxOutputTokens() != null) {
            s = s.withMaxTokens(request.maxOutputTokens());
        }
        return request.stopSequences() == null || request.stopSequences().isEmpty()
                ? s
                : s.withStop(request.stopSequences());
    }

    private static Tools tools(ChatRequest request) {
        Tools tools = Tools.none();
        if (request.toolSpecifications() == null || request.toolChoice() == ToolChoice.NONE) {
            return tools;
        }
        for (var tool : request.toolSpecifications()) {
            tools = tools.with(
                    tool.name(), tool.description(), tool.parameters() == null ? null : json(tool.parameters()));
        }
        return tools.withForced(request.toolChoice() == ToolChoice.REQUIRED);
    }

    private static @Nullable String schema(@Nullable ResponseFormat format) {
        if (format == null || format.type() == ResponseFormatType.TEXT) {
            return null;
        }
        JsonSchema schema = format.jsonSchema();
        return schema == null ? ANY_OBJECT : json(schema.rootElement());
    }

    private static String json(JsonSchemaElement schema) {
        return schema instanceof JsonRawSchema raw
                ? raw.schema()
                : JsonMapper.shared().writeValueAsString(JsonSchemaElementUtils.toMap(schema));
    }
}
