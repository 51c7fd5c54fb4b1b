package dev.trit.model.chat;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.trit.model.BusyException;
import dev.trit.model.Engine;
import dev.trit.model.EngineOptions;
import dev.trit.model.LoadOptions;
import dev.trit.model.Model;
import dev.trit.model.ModelException;
import dev.trit.model.Sampling;
import dev.trit.text.ChatMessage;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.json.JsonMapper;

class ChatEngineTest {
    private static final Path TINY = Path.of("src/test/resources/fixtures/llama-dense-tiny");
    private static final Question HELLO =
            Question.of("Hello").withSampling(Sampling.greedy().withMaxTokens(10));

    @Test
    void tellsTheTextAsItComes() throws InterruptedException {
        try (ChatEngine chat = ChatEngine.load(TINY)) {
            StringBuilder heard = new StringBuilder();
            Answer answer = chat.answer(HELLO, heard::append);
            assertThat(answer.text()).isNotEmpty().isEqualTo(heard.toString());
            assertThat(answer.calls()).isEmpty();
            assertThat(answer.generation().completionTokens()).isEqualTo(10);
            int[] prompt = chat.model().encode(List.of(ChatMessage.user("Hello")));
            assertThat(answer.generation().promptTokens()).isEqualTo(prompt.length);
        }
    }

    @Test
    void aListenerThatThrowsCallsTheRestOff() throws InterruptedException {
        try (ChatEngine chat = ChatEngine.load(TINY)) {
            Question endless = HELLO.withSampling(Sampling.greedy().withMaxTokens(200));
            assertThatThrownBy(() -> chat.answer(endless, text -> {
                        throw new IllegalStateException("enough");
                    }))
                    .hasMessage("enough");
            assertThat(chat.answer(HELLO, text -> {}).text()).isNotEmpty();
            assertThat(chat.engine().stats().active()).isZero();
        }
    }

    @Test
    void aCallThatMustBeMadeIsNotText() throws InterruptedException {
        Tools tools = Tools.none()
                .with(
                        "pick",
                        null,
                        "{\"type\":\"object\",\"properties\":{\"n\":{\"enum\":[1,2]}},\"required\":[\"n\"]}");
        try (ChatEngine chat =
                ChatEngine.load(TINY, LoadOptions.defaults().withContextLength(2048), EngineOptions.defaults())) {
            Question question = HELLO.withTools(tools.withForced(true))
                    .withSampling(Sampling.greedy().withMaxTokens(120));
            Answer answer = chat.answer(question, text -> assertThat(text).isBlank());
            assertThat(answer.calls()).hasSize(1);
            assertThat(answer.calls().getFirst().name()).isEqualTo("pick");
            assertThat(JsonMapper.shared()
                            .readTree(answer.calls().getFirst().arguments())
                            .path("n")
                            .asInt())
                    .isIn(1, 2);
        }
        assertThatThrownBy(() -> tools.with("bad", null, "[1]"))
                .isInstanceOf(ModelException.class)
                .hasMessageContaining("parameters of function bad");
    }

    @Test
    void anEngineOfSomebodyElseStaysOpen() throws InterruptedException {
        try (Model model = Model.load(TINY)) {
            Engine engine = new Engine(model, EngineOptions.defaults());
            ChatEngine chat = new ChatEngine(engine);
            chat.close();
            assertThat(chat.answer(HELLO, text -> {}).text()).isNotEmpty();
            engine.close();
            assertThatThrownBy(() -> chat.answer(HELLO, text -> {})).isInstanceOf(BusyException.class);
        }
    }
}
