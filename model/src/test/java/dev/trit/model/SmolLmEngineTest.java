package dev.trit.model;

import static org.assertj.core.api.Assertions.assertThat;

import dev.trit.model.grammar.Grammar;
import dev.trit.model.grammar.TokenTrie;
import dev.trit.text.ChatMessage;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** The engine with a real chat model: several conversations at once, and answers in a prescribed form. */
class SmolLmEngineTest {
    private static final String SCHEMA = """
            {"type": "object", "required": ["city", "country", "large"], "additionalProperties": false,
             "properties": {"city": {"type": "string", "maxLength": 30}, "country": {"enum": ["France", "Italy", "Japan"]},
               "large": {"type": "boolean"}}}""";

    private static Model model;
    private static Engine engine;

    @BeforeAll
    static void load() {
        model = Fixtures.load(Fixtures.shared("models/smollm2-135m-instruct.q4_1.gguf"), "vector", 2);
        engine = new Engine(model, EngineOptions.defaults().withContextLength(1024));
    }

    @AfterAll
    static void close() {
        if (model != null) {
            engine.close();
            model.close();
        }
    }

    private static int[] question(String text) {
        return model.encode(List.of(ChatMessage.user(text)));
    }

    @Test
    void answersSeveralQuestionsAtOnce() throws InterruptedException {
        List<Completion> answers = new ArrayList<>();
        Sampling sampling = Sampling.greedy().withMaxTokens(20);
        for (String country : List.of("France", "Italy", "Japan")) {
            int[] prompt = question("What is the capital of " + country + "?");
            answers.add(engine.submit(Request.of(prompt, sampling)));
        }
        assertThat(answers.getFirst().await().getFirst().text()).isEqualTo("The capital of France is Paris.");
        for (Completion answer : answers.subList(1, 3)) {
            Generation together = answer.await().getFirst();
            try (Session session = model.session()) {
                Generation alone = new Generator(session, answer.request().prompt(), sampling).run(text -> {});
                assertThat(together.tokens()).isEqualTo(alone.tokens());
                assertThat(together.text()).isEqualTo(alone.text());
                assertThat(together.stopReason()).isEqualTo(alone.stopReason());
            }
        }
    }

    @Test
    void answersInThePrescribedForm() throws InterruptedException {
        Constraint form = Grammar.jsonSchema(SCHEMA).constrain(TokenTrie.of(model));
        int[] prompt = question("Name the capital of Japan. Answer as JSON with the keys city, country and large.");
        Request request =
                Request.of(prompt, Sampling.greedy().withMaxTokens(60)).withConstraint(form);
        Generation greedy = engine.submit(request).await().getFirst();
        assertThat(greedy.stopReason()).isEqualTo(StopReason.END);
        JsonNode answer = JsonMapper.shared().readTree(greedy.text());
        assertThat(answer.propertyNames()).containsExactly("city", "country", "large");
        assertThat(answer.get("country").asString()).isEqualTo("Japan");

        Sampling wild =
                Sampling.defaults().withTemperature(3).withTopK(0).withTopP(1).withMinP(0);
        Request several =
                Request.of(prompt, wild.withMaxTokens(50)).withConstraint(form).withChoices(3);
        for (Generation g : engine.submit(several).await()) {
            JsonNode value = JsonMapper.shared().readTree(g.text());
            assertThat(value.propertyNames()).containsExactly("city", "country", "large");
            assertThat(value.get("country").asString()).isIn("France", "Italy", "Japan");
            assertThat(value.get("large").isBoolean()).isTrue();
        }
    }

    @Test
    void embeddingsKnowWhatBelongsTogether() {
        for (Embedder.Pooling pooling : Embedder.Pooling.values()) {
            Embedder embedder = new Embedder(model, pooling);
            float[] cat = embed(embedder, "The cat sleeps on the sofa.");
            float[] kitten = embed(embedder, "A kitten is sleeping on the couch.");
            float[] tax = embed(embedder, "Corporate tax law was amended in 1986.");
            assertThat(dot(cat, kitten))
                    .as(pooling.name())
                    .isGreaterThan(dot(cat, tax))
                    .isGreaterThan(dot(kitten, tax));
        }
    }

    private static float[] embed(Embedder embedder, String text) {
        return embedder.embed(model.tokenizer().encode(text, true, false));
    }

    private static double dot(float[] a, float[] b) {
        double sum = 0;
        for (int i = 0; i < a.length; i++) {
            sum += (double) a[i] * b[i];
        }
        return sum;
    }
}
