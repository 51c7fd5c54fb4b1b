package dev.trit.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.trit.text.ChatMessage;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

class ChatTest {
    private static final Sampling SAMPLING = Sampling.defaults().withSeed(1).withMaxTokens(10);

    private static Model model;

    @BeforeAll
    static void load() {
        model = Fixtures.load(Fixtures.own("qwen3-dense-tiny"), "vector", 2);
    }

    @AfterAll
    static void close() {
        model.close();
    }

    @Test
    void rendersWithTheTemplateOfTheModelAndOneBeginToken() {
        int[] ids = model.encode(List.of(ChatMessage.user("Hi")));
        assertThat(ids[0]).isEqualTo(256);
        assertThat(ids[1]).isEqualTo('u');
        assertThat(model.tokenizer().decode(ids)).isEqualTo("user: Hi\nassistant: ");
    }

    @Test
    void aTurnCostsOnlyWhatIsNewAndAnswersAsIfAllWereNew() {
        try (Chat chat = model.chat("Be brief.");
                Session fresh = model.session()) {
            Generation first = chat.say("Hello", SAMPLING, text -> {});
            assertThat(first.cachedTokens()).isZero();
            List<ChatMessage> sofar = chat.messages();
            Generation second = chat.say("And now?", SAMPLING, text -> {});
            assertThat(second.cachedTokens()).isGreaterThanOrEqualTo(first.promptTokens());

            List<ChatMessage> all = new ArrayList<>(sofar);
            all.add(ChatMessage.user("And now?"));
            Generation again = new Generator(fresh, model.encode(all), SAMPLING).run(text -> {});
            assertThat(again.cachedTokens()).isZero();
            assertThat(second.text()).isEqualTo(again.text());
            assertThat(chat.messages())
                    .extracting(ChatMessage::role)
                    .containsExactly("system", "user", "assistant", "user", "assistant");
        }
    }

    @Test
    void aConversationThatDoesNotFitIsLeftAsItWas() {
        try (Chat chat = new Chat(model.session(60))) {
            chat.say("Hello", SAMPLING, text -> {});
            List<ChatMessage> before = chat.messages();
            assertThatThrownBy(() -> chat.say("x".repeat(60), SAMPLING, text -> {}))
                    .isInstanceOf(ModelException.class)
                    .hasMessageContaining("the context holds 60");
            assertThat(chat.messages()).isEqualTo(before);
            chat.reset();
            assertThat(chat.messages()).isEmpty();
            chat.say("Hello", SAMPLING, text -> {});
        }
    }

    @Test
    void anAnswerCanBeCutShortAndStays() {
        try (Chat chat = model.chat()) {
            StringBuilder shown = new StringBuilder();
            Sampling endless = SAMPLING.withMaxTokens(0).withLogitBias(Map.of(257, Float.NEGATIVE_INFINITY));
            Generation g = chat.say("Hello", endless, text -> {
                shown.append(text);
                if (shown.length() >= 5) {
                    chat.cancel();
                }
            });
            assertThat(g.stopReason()).isEqualTo(StopReason.CANCELLED);
            assertThat(chat.messages().getLast()).isEqualTo(ChatMessage.assistant(shown.toString()));
            chat.cancel();
            assertThat(chat.say("Go on", SAMPLING, text -> {}).cachedTokens()).isPositive();
        }
    }

    @Test
    void theSystemMessageCanBeReplaced() {
        try (Chat chat = model.chat("One.")) {
            chat.setSystem("Two.");
            assertThat(chat.messages()).containsExactly(ChatMessage.system("Two."));
            chat.setSystem("");
            assertThat(chat.messages()).isEmpty();
        }
    }
}
