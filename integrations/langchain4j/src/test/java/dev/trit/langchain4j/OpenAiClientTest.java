package dev.trit.langchain4j;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.langchain4j.agent.tool.ToolExecutionRequest;
import dev.langchain4j.agent.tool.ToolSpecification;
import dev.langchain4j.data.embedding.Embedding;
import dev.langchain4j.data.message.AiMessage;
import dev.langchain4j.data.message.ChatMessage;
import dev.langchain4j.data.message.SystemMessage;
import dev.langchain4j.data.message.ToolExecutionResultMessage;
import dev.langchain4j.data.message.UserMessage;
import dev.langchain4j.data.segment.TextSegment;
import dev.langchain4j.exception.InvalidRequestException;
import dev.langchain4j.model.chat.Capability;
import dev.langchain4j.model.chat.request.ChatRequest;
import dev.langchain4j.model.chat.request.ResponseFormat;
import dev.langchain4j.model.chat.request.ResponseFormatType;
import dev.langchain4j.model.chat.request.ToolChoice;
import dev.langchain4j.model.chat.request.json.JsonObjectSchema;
import dev.langchain4j.model.chat.request.json.JsonSchema;
import dev.langchain4j.model.chat.response.ChatResponse;
import dev.langchain4j.model.chat.response.StreamingChatResponseHandler;
import dev.langchain4j.model.openai.OpenAiChatModel;
import dev.langchain4j.model.openai.OpenAiEmbeddingModel;
import dev.langchain4j.model.openai.OpenAiLanguageModel;
import dev.langchain4j.model.openai.OpenAiStreamingChatModel;
import dev.langchain4j.model.output.FinishReason;
import dev.langchain4j.store.embedding.CosineSimilarity;
import dev.trit.serve.ModelSource;
import dev.trit.serve.ServeOptions;
import dev.trit.serve.TritServer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.AfterParameterizedClassInvocation;
import org.junit.jupiter.params.BeforeParameterizedClassInvocation;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.MethodSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** LangChain4j's own OpenAI client against the server: every feature it has, on every model that is here. */
@ParameterizedClass
@MethodSource("dev.trit.langchain4j.Models#here")
class OpenAiClientTest {
    private static final List<ChatMessage> ASK = List.of(UserMessage.from("What is the capital of France?"));
    private static final ToolSpecification WEATHER = ToolSpecification.builder()
            .name("weather")
            .description("The weather of a city")
            .parameters(JsonObjectSchema.builder()
                    .addEnumProperty("city", List.of("Paris", "Oslo"))
                    .required("city")
                    .build())
            .build();

    @SuppressWarnings("NullAway.Init")
    private static TritServer server;

    private final String url = "http://127.0.0.1:" + server.port() + "/v1";
    private final boolean real;

    OpenAiClientTest(Path model) {
        real = model.toString().contains("smollm2");
    }

    @BeforeParameterizedClassInvocation
    static void start(Path model) {
        server = TritServer.start(
                List.of(new ModelSource("m", model)),
                ServeOptions.defaults().withPort(0).withContextLength(2048));
    }

    @AfterParameterizedClassInvocation
    static void stop() {
        server.close();
    }

    private OpenAiChatModel.OpenAiChatModelBuilder chat() {
        return OpenAiChatModel.builder()
                .baseUrl(url)
                .apiKey("any")
                .modelName("m")
                .temperature(0.0)
                .maxTokens(60)
                .maxRetries(0)
                .supportedCapabilities(Capability.RESPONSE_FORMAT_JSON_SCHEMA);
    }

    private ChatResponse stream(ChatRequest request, List<String> pieces) {
        CompletableFuture<ChatResponse> end = new CompletableFuture<>();
        OpenAiStreamingChatModel.builder()
                .baseUrl(url)
                .apiKey("any")
                .modelName("m")
                .temperature(0.0)
                .maxTokens(60)
                .build()
                .chat(request, new StreamingChatResponseHandler() {
                    @Override
                    public void onPartialResponse(String text) {
                        pieces.add(text);
                    }

                    @Override
                    public void onCompleteResponse(ChatResponse response) {
                        end.complete(response);
                    }

                    @Override
                    public void onError(Throwable error) {
                        end.completeExceptionally(error);
                    }
                });
        return end.orTimeout(60, TimeUnit.SECONDS).join();
    }

    @Test
    void chatsAndStreamsTheSame() {
        ChatResponse plain = chat().build().chat(ASK);
        List<String> pieces = new ArrayList<>();
        ChatResponse streamed = stream(ChatRequest.builder().messages(ASK).build(), pieces);
        String text = plain.aiMessage().text();
        assertThat(String.join("", pieces)).isEqualTo(text);
        assertThat(streamed.aiMessage().text()).isEqualTo(text);
        assertThat(pieces).hasSizeGreaterThan(3);
        assertThat(streamed.tokenUsage().totalTokenCount())
                .isEqualTo(plain.tokenUsage().totalTokenCount());
        if (real) {
            assertThat(text).contains("Paris");
        }
    }

    @Test
    void parametersAreFollowed() {
        assertThat(chat().maxTokens(3).build().chat(ASK).tokenUsage().outputTokenCount())
                .isEqualTo(3);
        ChatResponse three = chat().maxTokens(3).build().chat(ASK);
        assertThat(three.finishReason()).isEqualTo(FinishReason.LENGTH);
        String text = chat().build().chat(ASK).aiMessage().text();
        String stop = text.substring(4, 6);
        assertThat(chat().stop(List.of(stop)).build().chat(ASK).aiMessage().text())
                .isEqualTo(text.substring(0, text.indexOf(stop)));
        var drawn = chat().temperature(1.5).topP(0.99).frequencyPenalty(0.5).presencePenalty(0.5);
        String first = drawn.seed(1).build().chat(ASK).aiMessage().text();
        assertThat(drawn.seed(1).build().chat(ASK).aiMessage().text()).isEqualTo(first);
        assertThat(drawn.seed(2).build().chat(ASK).aiMessage().text()).isNotEqualTo(first);
        ChatResponse told =
                chat().build().chat(SystemMessage.from("You speak of nothing but fruit. ".repeat(9)), ASK.getFirst());
        assertThat(told.tokenUsage().inputTokenCount())
                .isGreaterThan(three.tokenUsage().inputTokenCount() + 9);
    }

    @Test
    void toolsAreCalledAndTheirResultsRead() {
        ChatRequest request = ChatRequest.builder()
                .messages(UserMessage.from("How is the weather in Oslo?"))
                .toolSpecifications(WEATHER)
                .toolChoice(ToolChoice.REQUIRED)
                .maxOutputTokens(150) // a call that is cut off is none
                .build();
        ChatResponse plain = chat().build().chat(request);
        ToolExecutionRequest call = plain.aiMessage().toolExecutionRequests().getFirst();
        assertThat(plain.finishReason()).isEqualTo(FinishReason.TOOL_EXECUTION);
        assertThat(call.name()).isEqualTo("weather");
        String city =
                JsonMapper.shared().readTree(call.arguments()).path("city").asString();
        assertThat(city).isIn("Paris", "Oslo");
        List<String> pieces = new ArrayList<>();
        ToolExecutionRequest streamed =
                stream(request, pieces).aiMessage().toolExecutionRequests().getFirst();
        assertThat(streamed.arguments()).isEqualTo(call.arguments());
        assertThat(pieces).isEmpty();
        String then = chat().build()
                .chat(ChatRequest.builder()
                        .messages(
                                UserMessage.from("How is the weather in Oslo?"),
                                AiMessage.from(call),
                                ToolExecutionResultMessage.from(call, "It rains all day."))
                        .toolSpecifications(WEATHER)
                        .toolChoice(ToolChoice.NONE)
                        .build())
                .aiMessage()
                .text();
        assertThat(then).isNotEmpty();
        if (real) {
            assertThat(city).isEqualTo("Oslo");
            assertThat(then.toLowerCase(Locale.ROOT)).contains("rain");
        }
    }

    @Test
    void answersFollowASchema() {
        ResponseFormat format = ResponseFormat.builder()
                .type(ResponseFormatType.JSON)
                .jsonSchema(JsonSchema.builder()
                        .name("city")
                        .rootElement(JsonObjectSchema.builder()
                                .addStringProperty("city")
                                .addBooleanProperty("capital")
                                .required("city", "capital")
                                .build())
                        .build())
                .build();
        ChatRequest request =
                ChatRequest.builder().messages(ASK).responseFormat(format).build();
        String text = chat().maxTokens(150)
                .strictJsonSchema(true)
                .build()
                .chat(request)
                .aiMessage()
                .text();
        JsonNode city = JsonMapper.shared().readTree(text);
        assertThat(city.path("city").isString()).as(text).isTrue();
        assertThat(city.path("capital").isBoolean()).as(text).isTrue();
        JsonNode any = JsonMapper.shared()
                .readTree(chat().maxTokens(150)
                        .responseFormat(ResponseFormat.JSON)
                        .build()
                        .chat(ASK)
                        .aiMessage()
                        .text());
        assertThat(any.isObject()).isTrue();
        if (real) {
            assertThat(city.path("city").asString()).contains("Paris");
        }
    }

    @Test
    void textsAreContinued() {
        OpenAiLanguageModel model = OpenAiLanguageModel.builder()
                .baseUrl(url)
                .apiKey("any")
                .modelName("m")
                .temperature(0.0)
                .maxRetries(0)
                .build();
        String text = model.generate("The capital of France is").content();
        assertThat(text).isNotEmpty();
        if (real) {
            assertThat(text).contains("Paris");
        }
    }

    @Test
    void textsAreEmbedded() {
        OpenAiEmbeddingModel model = OpenAiEmbeddingModel.builder()
                .baseUrl(url)
                .apiKey("any")
                .modelName("m")
                .maxRetries(0)
                .build();
        List<Embedding> vectors = model.embedAll(List.of(
                        TextSegment.from("The king is old."),
                        TextSegment.from("The king is an old man."),
                        TextSegment.from("public static void main")))
                .content();
        double near = CosineSimilarity.between(vectors.get(0), vectors.get(1));
        assertThat(near).isBetween(-1.0001, 1.0001);
        assertThat(CosineSimilarity.between(vectors.get(0), vectors.get(0))).isBetween(0.999, 1.001);
        if (real) {
            assertThat(near).isGreaterThan(CosineSimilarity.between(vectors.get(0), vectors.get(2)));
        }
    }

    @Test
    void errorsAreUnderstood() {
        assertThatThrownBy(() -> chat().temperature(-1.0).build().chat(ASK))
                .isInstanceOf(InvalidRequestException.class)
                .hasMessageContaining("temperature");
        assertThatThrownBy(() -> chat().modelName("nobody").build().chat(ASK))
                .isInstanceOf(dev.langchain4j.exception.ModelNotFoundException.class)
                .hasMessageContaining("nobody");
    }
}
