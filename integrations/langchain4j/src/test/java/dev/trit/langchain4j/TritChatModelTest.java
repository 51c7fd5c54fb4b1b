package dev.trit.langchain4j;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.langchain4j.agent.tool.ToolSpecification;
import dev.langchain4j.data.message.AiMessage;
import dev.langchain4j.data.message.ImageContent;
import dev.langchain4j.data.message.SystemMessage;
import dev.langchain4j.data.message.ToolExecutionResultMessage;
import dev.langchain4j.data.message.UserMessage;
import dev.langchain4j.exception.InvalidRequestException;
import dev.langchain4j.exception.UnsupportedFeatureException;
import dev.langchain4j.model.chat.request.ChatRequest;
import dev.langchain4j.model.chat.request.ResponseFormat;
import dev.langchain4j.model.chat.request.ResponseFormatType;
import dev.langchain4j.model.chat.request.ToolChoice;
import dev.langchain4j.model.chat.request.json.JsonObjectSchema;
import dev.langchain4j.model.chat.request.json.JsonSchema;
import dev.langchain4j.model.chat.response.ChatResponse;
import dev.langchain4j.model.chat.response.CompleteToolCall;
import dev.langchain4j.model.chat.response.PartialResponse;
import dev.langchain4j.model.chat.response.PartialResponseContext;
import dev.langchain4j.model.chat.response.StreamingChatResponseHandler;
import dev.langchain4j.model.output.FinishReason;
import dev.trit.model.EngineOptions;
import dev.trit.model.LoadOptions;
import dev.trit.model.Sampling;
import dev.trit.model.chat.ChatEngine;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

class TritChatModelTest {
    private static final Sampling SHORT = Sampling.greedy().withMaxTokens(12);
    private static final ToolSpecification WEATHER = ToolSpecification.builder()
            .name("weather")
            .description("The weather of a city")
            .parameters(JsonObjectSchema.builder()
                    .addEnumProperty("city", List.of("Rome", "Oslo"))
                    .addIntegerProperty("days")
                    .required("city", "days")
                    .build())
            .build();

    @SuppressWarnings("NullAway.Init")
    private static ChatEngine engine;

    @BeforeAll
    static void load() {
        engine = ChatEngine.load(Models.TINY, LoadOptions.defaults().withContextLength(2048), EngineOptions.defaults());
    }

    @AfterAll
    static void close() {
        engine.close();
    }

    /** What a handler hears. */
    private static final class Heard implements StreamingChatResponseHandler {
        final List<String> texts = new ArrayList<>();
        final List<CompleteToolCall> calls = new ArrayList<>();
        final CompletableFuture<ChatResponse> end = new CompletableFuture<>();

        @Override
        public void onPartialResponse(String text) {
            texts.add(text);
        }

        @Override
        public void onCompleteToolCall(CompleteToolCall call) {
            calls.add(call);
        }

        @Override
        public void onCompleteResponse(ChatResponse response) {
            end.complete(response);
        }

        @Override
        public void onError(Throwable error) {
            end.completeExceptionally(error);
        }
    }

    private static Heard stream(ChatRequest request) {
        Heard heard = new Heard();
        new TritStreamingChatModel(engine, SHORT).chat(request, heard);
        heard.end.orTimeout(20, TimeUnit.SECONDS).join();
        return heard;
    }

    @Test
    void aStreamSaysWhatAPlainAnswerSays() {
        ChatRequest request = ChatRequest.builder()
                .messages(SystemMessage.from("Be brief."), UserMessage.from("Hello"))
                .build();
        ChatResponse plain = new TritChatModel(engine, SHORT).chat(request);
        Heard heard = stream(request);
        assertThat(String.join("", heard.texts)).isEqualTo(plain.aiMessage().text());
        assertThat(heard.texts).hasSizeGreaterThan(3);
        assertThat(heard.end.join().tokenUsage()).isEqualTo(plain.tokenUsage());
        assertThat(plain.tokenUsage().outputTokenCount()).isEqualTo(12);
        assertThat(plain.finishReason()).isEqualTo(FinishReason.LENGTH);
    }

    @Test
    void aRequestsOwnParametersGoFirst() {
        TritChatModel model = new TritChatModel(engine, SHORT);
        ChatResponse three = model.chat(ChatRequest.builder()
                .messages(UserMessage.from("Hello"))
                .maxOutputTokens(3)
                .build());
        assertThat(three.tokenUsage().outputTokenCount()).isEqualTo(3);
        String whole = model.chat("Hello");
        String stop = whole.substring(3, 5);
        ChatResponse stopped = model.chat(ChatRequest.builder()
                .messages(UserMessage.from("Hello"))
                .stopSequences(List.of(stop))
                .build());
        assertThat(stopped.aiMessage().text()).isEqualTo(whole.substring(0, whole.indexOf(stop)));
        assertThat(stopped.finishReason()).isEqualTo(FinishReason.STOP);
    }

    @Test
    void aToolThatMustBeCalledIsCalledWithItsArguments() {
        ChatRequest request = ChatRequest.builder()
                .messages(UserMessage.from("How is it in Oslo?"))
                .toolSpecifications(WEATHER)
                .toolChoice(ToolChoice.REQUIRED)
                .maxOutputTokens(200)
                .build();
        ChatResponse response = new TritChatModel(engine, SHORT).chat(request);
        assertThat(response.finishReason()).isEqualTo(FinishReason.TOOL_EXECUTION);
        var call = response.aiMessage().toolExecutionRequests().getFirst();
        assertThat(call.name()).isEqualTo("weather");
        JsonNode arguments = JsonMapper.shared().readTree(call.arguments());
        assertThat(arguments.path("city").asString()).isIn("Rome", "Oslo");
        assertThat(arguments.path("days").isIntegralNumber()).isTrue();
        Heard heard = stream(request);
        assertThat(heard.calls).hasSize(1);
        assertThat(heard.calls.getFirst().toolExecutionRequest().arguments()).isEqualTo(call.arguments());

        ChatResponse then = new TritChatModel(engine, SHORT)
                .chat(ChatRequest.builder()
                        .messages(
                                UserMessage.from("How is it in Oslo?"),
                                AiMessage.from(call),
                                ToolExecutionResultMessage.from(call, "It rains."))
                        .toolSpecifications(WEATHER)
                        .build());
        assertThat(then.aiMessage().text()).isNotEmpty();
    }

    @Test
    void anAnswerFollowsItsSchema() {
        ResponseFormat format = ResponseFormat.builder()
                .type(ResponseFormatType.JSON)
                .jsonSchema(JsonSchema.builder()
                        .name("person")
                        .rootElement(JsonObjectSchema.builder()
                                .addStringProperty("name")
                                .addIntegerProperty("age")
                                .required("name", "age")
                                .build())
                        .build())
                .build();
        String text = new TritChatModel(engine, SHORT.withMaxTokens(60))
                .chat(ChatRequest.builder()
                        .messages(UserMessage.from("Who?"))
                        .responseFormat(format)
                        .build())
                .aiMessage()
                .text();
        JsonNode person = JsonMapper.shared().readTree(text);
        assertThat(person.path("name").isString()).isTrue();
        assertThat(person.path("age").isIntegralNumber()).isTrue();
    }

    @Test
    void whoCallsOffAStreamHearsNoMore() throws Exception {
        List<String> texts = new ArrayList<>();
        CompletableFuture<Object> end = new CompletableFuture<>();
        new TritStreamingChatModel(engine, SHORT.withMaxTokens(60))
                .chat(List.of(UserMessage.from("Hello")), new StreamingChatResponseHandler() {
                    @Override
                    public void onPartialResponse(PartialResponse text, PartialResponseContext context) {
                        texts.add(text.text());
                        context.streamingHandle().cancel();
                    }

                    @Override
                    public void onCompleteResponse(ChatResponse response) {
                        end.complete(response);
                    }

                    @Override
                    public void onError(Throwable error) {
                        end.complete(error);
                    }
                });
        long until = System.nanoTime() + TimeUnit.SECONDS.toNanos(20);
        while ((texts.isEmpty() || engine.engine().stats().active() > 0) && System.nanoTime() < until) {
            Thread.sleep(5);
        }
        assertThat(engine.engine().stats().active()).isZero();
        assertThat(texts).hasSize(1);
        assertThat(end).isNotDone();
    }

    @Test
    void whatCannotBeAnsweredIsSaid() {
        TritChatModel model = new TritChatModel(engine, SHORT);
        assertThatThrownBy(() -> model.chat(UserMessage.from(ImageContent.from("data:,", "image/png"))))
                .isInstanceOf(UnsupportedFeatureException.class)
                .hasMessageContaining("text only");
        assertThatThrownBy(() -> model.chat("word ".repeat(20_000)))
                .isInstanceOf(InvalidRequestException.class)
                .hasMessageContaining("context");
    }

    @Test
    void messagesAddUpToTheConversation() {
        TritTokenCountEstimator count = new TritTokenCountEstimator(engine.model());
        assertThat(count.estimateTokenCountInText("Hello")).isPositive();
        int one = count.estimateTokenCountInMessage(UserMessage.from("Hello"));
        assertThat(one).isGreaterThanOrEqualTo(count.estimateTokenCountInText("Hello"));
        assertThat(count.estimateTokenCountInMessages(List.of(UserMessage.from("Hello"))))
                .isGreaterThanOrEqualTo(one);
        assertThat(count.estimateTokenCountInMessages(List.of())).isZero();
    }

    @ParameterizedTest
    @MethodSource("dev.trit.langchain4j.Models#here")
    void theExampleRuns(Path model) {
        assertThat(run(model)).contains("chat: ", "streaming: ", "tokens)", "assistant: ", "similar: ");
    }

    @Test
    void theExampleMakesSenseOnARealModel() {
        assertThat(run(Models.real())).containsPattern("chat: .*Paris").containsPattern("assistant: .*Shakespeare");
    }

    private static String run(Path model) {
        PrintStream before = System.out;
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        System.setOut(new PrintStream(out, true, StandardCharsets.UTF_8));
        try {
            Example.main(model.toString());
        } finally {
            System.setOut(before);
        }
        return out.toString(StandardCharsets.UTF_8);
    }
}
