package dev.trit.serve;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.trit.model.Logprob;
import dev.trit.model.Model;
import dev.trit.model.Sampling;
import dev.trit.model.Session;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import tools.jackson.databind.JsonNode;

@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class CompletionApiTest {
    private static final String PATH = "/v1/completions";

    private Served served;
    private Model model;

    @BeforeAll
    void start() {
        served = Served.tiny();
        model = Model.load(Served.FIXTURES.resolve("llama-dense-tiny"));
    }

    @AfterAll
    void stop() {
        served.close();
        model.close();
    }

    private static String text(Served.Answer answer) {
        assertThat(answer.status()).as(answer.body()).isEqualTo(200);
        return answer.choice().path("text").asString();
    }

    private String ids(String text) {
        return IntStream.of(model.tokenizer().encode(text, true, true))
                .mapToObj(Integer::toString)
                .collect(Collectors.joining(",", "[", "]"));
    }

    @Test
    void givesTheTextThatTheModelGives() {
        String expected = model.generate("hello", Sampling.greedy().withMaxTokens(20), piece -> {})
                .text();
        Served.Answer answer = served.post(PATH, "{'prompt':'hello','max_tokens':20,'temperature':0}");
        assertThat(text(answer)).isEqualTo(expected);
        assertThat(answer.json().path("object").asString()).isEqualTo("text_completion");
        assertThat(answer.json().path("model").asString()).isEqualTo("llama-dense-tiny");
        assertThat(answer.choice().path("finish_reason").asString()).isEqualTo("length");
        JsonNode usage = answer.json().path("usage");
        assertThat(usage.path("prompt_tokens").asInt()).isEqualTo(6);
        assertThat(usage.path("completion_tokens").asInt()).isEqualTo(20);
        assertThat(usage.path("total_tokens").asInt()).isEqualTo(26);
    }

    @Test
    void takesPromptsInEveryForm() {
        String one = text(served.post(PATH, "{'prompt':'hello','temperature':0}"));
        String two = text(served.post(PATH, "{'prompt':'other','temperature':0}"));
        assertThat(text(served.post(PATH, "{'prompt':" + ids("hello") + ",'temperature':0}")))
                .isEqualTo(one);
        for (String prompts : List.of("['hello','other']", "[" + ids("hello") + "," + ids("other") + "]")) {
            JsonNode choices = served.post(PATH, "{'prompt':" + prompts + ",'temperature':0,'n':2}")
                    .json()
                    .path("choices");
            assertThat(choices.valueStream().map(c -> c.path("index").asInt())).containsExactly(0, 1, 2, 3);
            assertThat(choices.valueStream().map(c -> c.path("text").asString()))
                    .containsExactly(one, one, two, two);
        }
        assertThat(served.post(PATH, "{'prompt':'','max_tokens':3}").status()).isEqualTo(200);
    }

    @Test
    void aLongListOfPromptsFitsAShortQueue() {
        try (Served small = Served.with(Served.options().withQueue(2, 0), "llama-dense-tiny")) {
            String prompts =
                    IntStream.range(0, 40).mapToObj(i -> "'p" + i + "'").collect(Collectors.joining(",", "[", "]"));
            Served.Answer answer = small.post(PATH, "{'prompt':" + prompts + ",'max_tokens':2}");
            assertThat(answer.status()).as(answer.body()).isEqualTo(200);
            assertThat(answer.json().path("choices").size()).isEqualTo(40);
        }
    }

    @Test
    void streamsTheSameText() {
        String whole = text(served.post(PATH, "{'prompt':'hello','max_tokens':30,'seed':5}"));
        List<Served.Sent> events = served.stream(
                PATH,
                "{'prompt':'hello','max_tokens':30,'seed':5,'stream':true,'stream_options':{'include_usage':true}}");
        String streamed = events.stream()
                .map(e -> e.json().path("choices").path(0).path("text").asString(""))
                .collect(Collectors.joining());
        assertThat(streamed).isEqualTo(whole);
        assertThat(events.getLast().json().path("choices").isEmpty()).isTrue();
        assertThat(events.getLast()
                        .json()
                        .path("usage")
                        .path("completion_tokens")
                        .asInt())
                .isEqualTo(30);
        assertThat(events.get(events.size() - 2)
                        .json()
                        .path("choices")
                        .path(0)
                        .path("finish_reason")
                        .asString())
                .isEqualTo("length");
    }

    @Test
    void seedsStopsAndBiasesWork() {
        String request = "{'prompt':'hello','max_tokens':40,'seed':%d%s}";
        String whole = text(served.post(PATH, request.formatted(1, "")));
        assertThat(text(served.post(PATH, request.formatted(1, "")))).isEqualTo(whole);
        assertThat(text(served.post(PATH, request.formatted(2, "")))).isNotEqualTo(whole);
        String stop = whole.substring(4, 6).replace("\\", "\\\\").replace("\"", "\\\"");
        Served.Answer cut = served.post(PATH, request.formatted(1, ",'stop':['nowhere','" + stop + "']"));
        assertThat(text(cut)).isEqualTo(whole.substring(0, whole.indexOf(whole.substring(4, 6))));
        assertThat(cut.choice().path("finish_reason").asString()).isEqualTo("stop");
        assertThat(text(served.post(PATH, "{'prompt':'x','max_tokens':5,'logit_bias':{'65':100},'temperature':0}")))
                .isEqualTo("AAAAA");
    }

    @Test
    void choicesDifferAndComeInOrder() {
        JsonNode choices = served.post(PATH, "{'prompt':'hello','max_tokens':20,'seed':3,'n':3}")
                .json()
                .path("choices");
        assertThat(choices.valueStream().map(c -> c.path("text").asString()).distinct())
                .hasSize(3);
        assertThat(choices.valueStream().map(c -> c.path("index").asInt())).containsExactly(0, 1, 2);
    }

    /** What lm-eval's local-completions asks for: the log-probabilities of the prompt, and whether each was the best. */
    @Test
    void scoresThePromptWhenItIsEchoed() {
        String request =
                "{'prompt':[%s],'echo':true,'logprobs':1,'max_tokens':1,'temperature':0}".formatted(ids("hello"));
        Served.Answer answer = served.post(PATH, request);
        JsonNode logprobs = answer.choice().path("logprobs");
        int[] prompt = model.tokenizer().encode("hello", true, true);
        assertThat(text(answer)).startsWith("hello");
        assertThat(logprobs.path("tokens").size()).isEqualTo(prompt.length + 1);
        assertThat(logprobs.path("token_logprobs").get(0).isNull()).isTrue();
        assertThat(logprobs.path("top_logprobs").get(0).isNull()).isTrue();
        try (Session session = model.session()) {
            session.append(prompt, 0, (i, logits) -> {
                int next = i + 1;
                if (next < prompt.length) {
                    double expected = logits[prompt[next]] - Logprob.logSumExp(logits);
                    assertThat(logprobs.path("token_logprobs").get(next).asDouble())
                            .isCloseTo(expected, within(1e-9));
                }
                double best = logprobs.path("top_logprobs")
                        .get(next)
                        .valueStream()
                        .mapToDouble(JsonNode::asDouble)
                        .max()
                        .orElseThrow();
                assertThat(best).isCloseTo(Logprob.top(logits, 1).getFirst().value(), within(1e-9));
            });
        }
        assertThat(logprobs.path("text_offset").valueStream().map(JsonNode::asInt))
                .startsWith(0, 0, 1, 2, 3, 4, 5);
    }

    @Test
    void scoresWithoutGenerating() {
        Served.Answer answer = served.post(PATH, "{'prompt':'hello','echo':true,'logprobs':0,'max_tokens':0}");
        assertThat(text(answer)).isEqualTo("hello");
        assertThat(answer.choice().path("logprobs").path("tokens").size()).isEqualTo(6);
        assertThat(answer.json().path("usage").path("completion_tokens").asInt())
                .isZero();
        String again = text(served.post(PATH, "{'prompt':'hello','max_tokens':0}"));
        assertThat(again).isEmpty();
    }

    @Test
    void partsOfCharactersAreNamedByTheirBytes() {
        Served.Answer answer = served.post(PATH, "{'prompt':'\u20ac','echo':true,'logprobs':2,'max_tokens':0}");
        assertThat(answer.choice().path("logprobs").path("tokens").valueStream().map(JsonNode::asString))
                .endsWith("bytes:\\xe2", "bytes:\\x82", "bytes:\\xac");
        assertThat(answer.choice().path("text").asString()).isEqualTo("\u20ac");
    }
}
