package dev.trit.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.trit.text.ChatMessage;
import dev.trit.text.Tokenizer;
import java.io.IOException;
import java.nio.file.Files;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

/** A real pretrained chat model (dense, Q4_1, llama with permuted heads) against transformers in float32. */
class SmolLmTest {
    private static Model model;
    private static JsonNode reference;

    @BeforeAll
    static void load() {
        reference = Fixtures.json(Fixtures.shared("models/smollm2.reference.json"));
        model = Fixtures.load(Fixtures.shared("models/smollm2-135m-instruct.q4_1.gguf"), "vector", 2);
    }

    @AfterAll
    static void close() {
        if (model != null) {
            model.close();
        }
    }

    @Test
    void tokenIdsAreThoseOfTheReference() {
        for (JsonNode text : reference.get("tokenizer")) {
            assertThat(model.tokenizer().encode(text.get("text").asString(), true, true))
                    .isEqualTo(Fixtures.ints(text.get("ids")));
        }
    }

    @Test
    void chatsAreRenderedAsInTheReference() {
        for (JsonNode chat : reference.get("chats")) {
            List<ChatMessage> messages = chat.get("messages")
                    .valueStream()
                    .map(m -> new ChatMessage(
                            m.get("role").asString(), m.get("content").asString()))
                    .toList();
            assertThat(model.chatTemplate().render(messages))
                    .isEqualTo(chat.get("rendered").asString());
        }
    }

    @Test
    void holdsAConversation() {
        try (Chat chat = model.chat()) {
            Generation paris = chat.say("What is the capital of France?", Sampling.greedy(), text -> {});
            assertThat(paris.text()).isEqualTo("The capital of France is Paris.");
            assertThat(paris.stopReason()).isEqualTo(StopReason.END);
            Generation next = chat.say("And of Italy?", Sampling.greedy().withMaxTokens(12), text -> {});
            assertThat(next.cachedTokens()).isGreaterThanOrEqualTo(paris.promptTokens());
            assertThat(next.text()).contains("Italy");
        }
    }

    @Test
    void nextTokenProbabilitiesAreThoseOfTheReference() {
        for (JsonNode greedy : reference.get("greedy")) {
            try (Session session = model.session()) {
                float[] logits = session.append(Fixtures.ints(greedy.get("prompt_ids")));
                double normalizer = Logprob.logSumExp(logits);
                int rank = 0;
                for (JsonNode pair : greedy.get("next_top10")) {
                    int id = pair.get(0).asInt();
                    assertThat(logits[id] - normalizer)
                            .as("log-probability of %d after %s", id, greedy.get("prompt"))
                            .isCloseTo(pair.get(1).asDouble(), within(1e-4));
                    assertThat(Logprob.top(logits, 10).get(rank++).id()).isEqualTo(id);
                }
            }
        }
    }

    @Test
    void greedyContinuationsAreThoseOfTheReference() {
        Tokenizer tokenizer = model.tokenizer();
        for (JsonNode greedy : reference.get("greedy")) {
            int[] expected = Fixtures.ints(greedy.get("greedy_ids"));
            int[] prompt = tokenizer.encode(greedy.get("prompt").asString(), true, true);
            assertThat(prompt).isEqualTo(Fixtures.ints(greedy.get("prompt_ids")));
            Generation g;
            try (Session session = model.session()) {
                g = new Generator(session, prompt, Sampling.greedy().withMaxTokens(expected.length)).run(text -> {});
            }
            int[] got = g.tokens().stream().mapToInt(Token::id).toArray();
            assertThat(got).as("after %s", greedy.get("prompt")).isEqualTo(expected);
            assertThat(tokenizer.decode(got, true))
                    .isEqualTo(greedy.get("greedy_text").asString());
            assertThat(g.stopReason())
                    .isEqualTo(
                            tokenizer.isEndOfGeneration(expected[expected.length - 1])
                                    ? StopReason.END
                                    : StopReason.LENGTH);
        }
    }

    @Test
    void perplexityOfTheFirstChunkIsThatOfTheReference() throws IOException {
        Perplexity p = Perplexity.measure(model, wikitext(), 512, 1, null);
        assertThat(p.tokens()).isEqualTo(255);
        double expected =
                reference.get("perplexity_float32").get("after_chunks").get("1").asDouble();
        assertThat(p.perplexity()).isCloseTo(expected, within(5e-4));
    }

    @Test
    @Tag("slow")
    void perplexityOfTheWholeTextIsThatOfTheReference() throws IOException {
        JsonNode expected = reference.get("perplexity_float32");
        Perplexity p = Perplexity.measure(model, wikitext(), 512, 0, (soFar, all) -> {
            JsonNode after = expected.get("after_chunks").get(String.valueOf(soFar.chunks()));
            if (after != null) {
                assertThat(soFar.perplexity())
                        .as("after %d of %d chunks", soFar.chunks(), all)
                        .isCloseTo(after.asDouble(), within(2e-3));
            }
            return true;
        });
        assertThat(p.tokens()).isEqualTo(expected.get("tokens_scored").asLong());
        assertThat(p.perplexity()).isCloseTo(expected.get("perplexity").asDouble(), within(2e-3));
    }

    private static String wikitext() throws IOException {
        return Files.readString(Fixtures.shared("eval/wikitext-2-raw.test.txt"));
    }

    @Test
    void theWholeTextHasAsManyTokensAsTheReference() throws IOException {
        int[] ids = model.tokenizer().encode(wikitext(), true, false);
        assertThat(ids).hasSize(reference.get("wikitext_tokens").asInt());
        assertThat(Arrays.stream(ids).max().getAsInt())
                .isLessThan(model.config().vocab());
    }
}
