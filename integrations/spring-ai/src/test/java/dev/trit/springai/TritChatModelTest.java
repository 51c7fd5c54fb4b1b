package dev.trit.springai;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.trit.model.EngineOptions;
import dev.trit.model.LoadOptions;
import dev.trit.model.ModelException;
import dev.trit.model.Sampling;
import dev.trit.model.chat.ChatEngine;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.springframework.ai.chat.messages.AssistantMessage;
import org.springframework.ai.chat.messages.SystemMessage;
import org.springframework.ai.chat.messages.ToolResponseMessage;
import org.springframework.ai.chat.messages.UserMessage;
import org.springframework.ai.chat.model.ChatResponse;
import org.springframework.ai.chat.model.Generation;
import org.springframework.ai.chat.prompt.ChatOptions;
import org.springframework.ai.chat.prompt.Prompt;
import org.springframework.ai.embedding.EmbeddingResponse;
import org.springframework.ai.model.tool.StructuredOutputChatOptions;
import org.springframework.ai.model.tool.ToolCallingChatOptions;
import org.springframework.ai.tool.function.FunctionToolCallback;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

class TritChatModelTest {
    private static final Sampling SHORT = Sampling.greedy().withMaxTokens(12);

    private record City(String name) {}

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

    private static Generation result(ChatResponse response) {
        return Objects.requireNonNull(response.getResult());
    }

    @Test
    void aStreamSaysWhatAPlainAnswerSays() {
        TritChatModel model = new TritChatModel(engine, SHORT);
        Prompt prompt = new Prompt(List.of(new SystemMessage("Be brief."), new UserMessage("Hello")));
        ChatResponse plain = model.call(prompt);
        List<ChatResponse> pieces =
                Objects.requireNonNull(model.stream(prompt).collectList().block(Duration.ofSeconds(20)));
        StringBuilder text = new StringBuilder();
        pieces.forEach(piece -> text.append(result(piece).getOutput().getText()));
        assertThat(text.toString()).isEqualTo(result(plain).getOutput().getText());
        assertThat(pieces).hasSizeGreaterThan(3);
        ChatResponse last = pieces.getLast();
        assertThat(last.getMetadata().getUsage().getCompletionTokens()).isEqualTo(12);
        assertThat(result(last).getMetadata().getFinishReason()).isEqualTo("LENGTH");
        assertThat(plain.getMetadata().getUsage().getPromptTokens())
                .isEqualTo(last.getMetadata().getUsage().getPromptTokens());
    }

    @Test
    void aPromptsOptionsGoFirst() {
        ChatOptions options = ChatOptions.builder().maxTokens(3).build();
        ChatResponse three = new TritChatModel(engine, SHORT).call(new Prompt("Hello", options));
        assertThat(three.getMetadata().getUsage().getCompletionTokens()).isEqualTo(3);
    }

    @Test
    void anAnswerFollowsItsSchema() {
        var options = StructuredOutputChatOptions.builder()
                .outputSchema("{\"type\": \"object\", \"properties\": {\"age\": {\"type\": \"integer\"}},"
                        + " \"required\": [\"age\"]}")
                .maxTokens(60)
                .build();
        String text = String.valueOf(result(new TritChatModel(engine, SHORT).call(new Prompt("How old?", options)))
                .getOutput()
                .getText());
        JsonNode json = JsonMapper.shared().readTree(text);
        assertThat(json.path("age").isIntegralNumber()).as(text).isTrue();
    }

    @Test
    void toolsAndTheirResultsReachTheModel() {
        var weather = FunctionToolCallback.builder("weather", (City city) -> "rain in " + city.name())
                .description("The weather of a city")
                .inputType(City.class)
                .build();
        var options = ToolCallingChatOptions.builder().toolCallbacks(weather).build();
        TritChatModel model = new TritChatModel(engine, SHORT);
        ChatResponse without = model.call(new Prompt("How is it in Oslo?"));
        ChatResponse with = model.call(new Prompt("How is it in Oslo?", options));
        assertThat(with.getMetadata().getUsage().getPromptTokens())
                .as("the tools are described in the prompt")
                .isGreaterThan(without.getMetadata().getUsage().getPromptTokens() + 20);
        var call = new AssistantMessage.ToolCall("1", "function", "weather", "{\"name\": \"Oslo\"}");
        ChatResponse then = model.call(new Prompt(
                List.of(
                        new UserMessage("How is it in Oslo?"),
                        AssistantMessage.builder().toolCalls(List.of(call)).build(),
                        ToolResponseMessage.builder()
                                .responses(List.of(new ToolResponseMessage.ToolResponse("1", "weather", "rain")))
                                .build()),
                options));
        assertThat(then.getMetadata().getUsage().getPromptTokens())
                .isGreaterThan(with.getMetadata().getUsage().getPromptTokens());
    }

    @Test
    void whoLeavesAStreamIsNotGeneratedFor() throws Exception {
        new TritChatModel(engine, SHORT.withMaxTokens(2000))
                .stream(new Prompt("Hello")).blockFirst(Duration.ofSeconds(20));
        long until = System.nanoTime() + TimeUnit.SECONDS.toNanos(20);
        while (engine.engine().stats().active() > 0 && System.nanoTime() < until) {
            Thread.sleep(5);
        }
        assertThat(engine.engine().stats().active()).isZero();
    }

    @Test
    void whatCannotBeAnsweredIsSaid() {
        TritChatModel model = new TritChatModel(engine, SHORT);
        Prompt endless = new Prompt("word ".repeat(20_000));
        assertThatThrownBy(() -> model.call(endless))
                .isInstanceOf(ModelException.class)
                .hasMessageContaining("context");
        assertThatThrownBy(() -> model.stream(endless).blockLast(Duration.ofSeconds(20)))
                .isInstanceOf(ModelException.class);
    }

    @Test
    void embeddingsHaveLengthOne() {
        TritEmbeddingModel model = new TritEmbeddingModel(engine.model());
        EmbeddingResponse response = model.embedForResponse(List.of("one", "two words"));
        assertThat(response.getResults()).hasSize(2);
        float[] vector = response.getResults().get(1).getOutput();
        assertThat(vector).hasSize(model.dimensions());
        double squares = 0;
        for (float x : vector) {
            squares += x * x;
        }
        assertThat(squares).isBetween(0.999, 1.001);
        assertThat(response.getMetadata().getUsage().getPromptTokens()).isPositive();
        assertThat(model.embed("two words")).isEqualTo(vector);
    }

    @ParameterizedTest
    @MethodSource("dev.trit.springai.Models#here")
    void theExampleRuns(Path model) {
        assertThat(run(model)).contains("chat: ", "stream: ", "pieces)", "embedding: ");
    }

    @Test
    void theExampleMakesSenseOnARealModel() {
        assertThat(run(Models.real())).containsPattern("chat: .*Paris").containsPattern("stream: .*Shakespeare");
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
