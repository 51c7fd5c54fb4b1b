package dev.trit.serve;

import static org.assertj.core.api.Assertions.assertThat;

import dev.trit.model.Generation;
import dev.trit.model.Generator;
import dev.trit.model.Model;
import dev.trit.model.Sampling;
import dev.trit.model.Session;
import dev.trit.text.ChatMessage;
import java.util.List;
import java.util.Objects;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;

@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class ChatApiTest {
    private static final String PATH = "/v1/chat/completions";
    private static final String MESSAGES =
            "'messages':[{'role':'system','content':'Be short.'},{'role':'user','content':'Hi'}]";

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

    private Generation expected(Sampling sampling, ChatMessage... messages) {
        try (Session session = model.session()) {
            return new Generator(session, model.encode(List.of(messages)), sampling).run(piece -> {});
        }
    }

    private static String content(Served.Answer answer) {
        assertThat(answer.status()).as(answer.body()).isEqualTo(200);
        return answer.choice().path("message").path("content").asString();
    }

    @Test
    void answersInTheModelsChatFormat() {
        Generation generation =
                expected(Sampling.greedy().withMaxTokens(12), ChatMessage.system("Be short."), ChatMessage.user("Hi"));
        Served.Answer answer = served.post(PATH, "{" + MESSAGES + ",'temperature':0,'max_completion_tokens':12}");
        assertThat(content(answer)).isEqualTo(generation.text());
        assertThat(answer.choice().path("message").path("role").asString()).isEqualTo("assistant");
        assertThat(answer.json().path("object").asString()).isEqualTo("chat.completion");
        assertThat(answer.json().path("usage").path("prompt_tokens").asInt()).isEqualTo(generation.promptTokens());
    }

    @Test
    void contentMayComeInParts() {
        String parts = "{'messages':[{'role':'developer','content':'Be short.'},{'role':'user','content':"
                + "[{'type':'text','text':'H'},{'type':'text','text':'i'}]}],'temperature':0,'max_tokens':12}";
        assertThat(content(served.post(PATH, parts)))
                .isEqualTo(content(served.post(PATH, "{" + MESSAGES + ",'temperature':0,'max_tokens':12}")));
    }

    @Test
    void streamsRoleThenTextThenReason() {
        String request = "{" + MESSAGES + ",'seed':4,'max_tokens':25%s}";
        String whole = content(served.post(PATH, request.formatted("")));
        List<Served.Sent> events =
                served.stream(PATH, request.formatted(",'stream':true,'stream_options':{'include_usage':true}"));
        assertThat(events.getFirst()
                        .json()
                        .path("choices")
                        .path(0)
                        .path("delta")
                        .path("role")
                        .asString())
                .isEqualTo("assistant");
        String streamed = events.stream()
                .map(e -> e.json()
                        .path("choices")
                        .path(0)
                        .path("delta")
                        .path("content")
                        .asString(""))
                .collect(Collectors.joining());
        assertThat(streamed).isEqualTo(whole);
        assertThat(events.stream().map(e -> e.json().path("id").asString()).distinct())
                .hasSize(1);
        assertThat(events).allMatch(e -> e.json().path("object").asString().equals("chat.completion.chunk"));
        assertThat(events.getLast()
                        .json()
                        .path("usage")
                        .path("completion_tokens")
                        .asInt())
                .isEqualTo(25);
        assertThat(events.get(events.size() - 2)
                        .json()
                        .path("choices")
                        .path(0)
                        .path("finish_reason")
                        .asString())
                .isEqualTo("length");
    }

    @Test
    void streamsSeveralChoicesApart() {
        String request = "{" + MESSAGES + ",'seed':4,'max_tokens':9,'n':3%s}";
        List<String> whole = served.post(PATH, request.formatted(""))
                .json()
                .path("choices")
                .valueStream()
                .map(c -> c.path("message").path("content").asString())
                .toList();
        String[] streamed = {"", "", ""};
        for (Served.Sent event : served.stream(PATH, request.formatted(",'stream':true"))) {
            JsonNode choice = event.json().path("choices").path(0);
            streamed[choice.path("index").asInt()] +=
                    choice.path("delta").path("content").asString("");
        }
        assertThat(streamed).containsExactlyElementsOf(whole);
        assertThat(whole).doesNotHaveDuplicates();
    }

    @Test
    void reportsLogProbabilitiesOfEveryToken() {
        JsonNode logprobs = served.post(
                        PATH, "{" + MESSAGES + ",'temperature':0,'max_tokens':7,'logprobs':true,'top_logprobs':3}")
                .choice()
                .path("logprobs")
                .path("content");
        assertThat(logprobs.size()).isEqualTo(7);
        for (JsonNode token : logprobs) {
            assertThat(token.path("top_logprobs").size()).isEqualTo(3);
            assertThat(token.path("top_logprobs").get(0).path("logprob").asDouble())
                    .as("greedy: the token is the best one")
                    .isEqualTo(token.path("logprob").asDouble());
            assertThat(token.path("bytes").isArray()).isTrue();
        }
    }

    @Test
    void tokenizesAChatAsItAnswersIt() {
        int tokens = served.post("/tokenize", "{" + MESSAGES + "}")
                .json()
                .path("count")
                .asInt();
        int prompt = served.post(PATH, "{" + MESSAGES + ",'max_tokens':1}")
                .json()
                .path("usage")
                .path("prompt_tokens")
                .asInt();
        assertThat(tokens).isEqualTo(prompt);
    }

    /** The tiny model has no template of its own: tools are described in the system message. */
    @Test
    void toolsReachThePrompt() {
        String tools = ",'tools':[{'type':'function','function':{'name':'weather','parameters':{'type':'object'}}}]";
        int plain = served.post("/tokenize", "{" + MESSAGES + "}")
                .json()
                .path("count")
                .asInt();
        Served.Answer with = served.post("/tokenize", "{" + MESSAGES + tools + "}");
        assertThat(with.json().path("count").asInt()).isGreaterThan(plain + 50);
        String text = served.post("/detokenize", "{'tokens':" + with.json().path("tokens") + "}")
                .json()
                .path("content")
                .asString();
        assertThat(text)
                .contains("Be short.")
                .contains("{\"name\":\"weather\",\"parameters\"")
                .contains("<tool_call>");
        assertThat(served.post("/tokenize", "{" + MESSAGES + tools + ",'tool_choice':'none'}")
                        .json()
                        .path("count")
                        .asInt())
                .isEqualTo(plain);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "'response_format':{'type':'json_object'} | \\{.*\\}",
                "'response_format':{'type':'json_schema','json_schema':{'name':'x','schema':{'type':'object','properties':{'n':{'type':'integer'},'ok':{'type':'boolean'}},'required':['n','ok'],'additionalProperties':false}}} | \\{\\s*\"n\"\\s*:\\s*-?\\d+\\s*,\\s*\"ok\"\\s*:\\s*[a-z]{4,5}\\s*\\}",
                "'grammar':'root ::= [a-c]{5} [0-9]+' | [a-c]{5}[0-9]+"
            })
    void theFormAskedForIsKept(String member, String pattern) {
        for (int seed = 0; seed < 5; seed++) {
            String request = "{" + MESSAGES + ",'seed':" + seed + ",'max_tokens':60," + member + "%s}";
            String whole = content(served.post(PATH, request.formatted("")));
            assertThat(whole).matches(Pattern.compile(pattern, Pattern.DOTALL));
            if (whole.startsWith("{")) {
                assertThat(Json.parseOrNull(whole)).as(whole).isNotNull();
            }
            String streamed = served.stream(PATH, request.formatted(",'stream':true")).stream()
                    .map(e -> e.json()
                            .path("choices")
                            .path(0)
                            .path("delta")
                            .path("content")
                            .asString(""))
                    .collect(Collectors.joining());
            assertThat(streamed).isEqualTo(whole);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"'required'", "{'type':'function','function':{'name':'weather'}}"})
    void aToolThatMustBeCalledIsCalled(String choice) {
        String request = "{" + MESSAGES + ",'seed':1,'max_tokens':120,'tool_choice':" + choice
                + ",'tools':[{'type':'function','function':{'name':'weather','parameters':{'type':'object','properties':"
                + "{'city':{'type':'string','maxLength':8},'days':{'enum':[1,3,7]}},'required':['city','days'],"
                + "'additionalProperties':false}}}]%s}";
        Served.Answer answer = served.post(PATH, request.formatted(""));
        assertThat(answer.status()).as(answer.body()).isEqualTo(200);
        assertThat(answer.choice().path("finish_reason").asString()).isEqualTo("tool_calls");
        JsonNode call = answer.choice().path("message").path("tool_calls").path(0);
        assertThat(answer.choice().path("message").path("content").isNull()).isTrue();
        assertThat(call.path("function").path("name").asString()).isEqualTo("weather");
        JsonNode arguments =
                Json.parseOrNull(call.path("function").path("arguments").asString());
        Objects.requireNonNull(arguments);
        assertThat(arguments.path("days").asInt()).isIn(1, 3, 7);
        assertThat(arguments.path("city").isString()).isTrue();

        List<Served.Sent> events = served.stream(PATH, request.formatted(",'stream':true"));
        JsonNode streamed = events.stream()
                .map(e -> e.json().at("/choices/0/delta/tool_calls/0"))
                .filter(JsonNode::isObject)
                .findFirst()
                .orElseThrow();
        assertThat(streamed.path("function")).isEqualTo(call.path("function"));
        assertThat(streamed.path("index").asInt()).isZero();
        assertThat(events.getLast().json().at("/choices/0/finish_reason").asString())
                .isEqualTo("tool_calls");
    }

    @Test
    void earlierCallsAndTheirResultsReachThePrompt() {
        String messages = "{'messages':[{'role':'user','content':'Hi'},{'role':'assistant','content':null,'tool_calls':"
                + "[{'id':'1','type':'function','function':{'name':'f','arguments':'{\\'x\\':1}'}}]},"
                + "{'role':'tool','tool_call_id':'1','content':'42'}]}";
        Served.Answer answer = served.post("/tokenize", messages.replace("\\'", "\\\""));
        assertThat(answer.status()).as(answer.body()).isEqualTo(200);
        String text = served.post("/detokenize", "{'tokens':" + answer.json().path("tokens") + "}")
                .json()
                .path("content")
                .asString();
        assertThat(text).contains("{\"name\":\"f\",\"arguments\":{\"x\":1}}").contains("<tool_response>\n42");
    }
}
