package dev.trit.serve;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.trit.model.Embedder;
import dev.trit.model.Model;
import java.io.ByteArrayInputStream;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpRequest;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.logging.Handler;
import java.util.logging.Level;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.JsonNode;

/** What is the same for all addresses: models, admission, errors, limits, metrics, start and end. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class TritServerTest {
    private static final String CHAT = "/v1/chat/completions";
    private static final String HI = "'messages':[{'role':'user','content':'Hi'}]";
    private static final String LONG =
            "{" + HI + ",'max_tokens':400,'logit_bias':{'256':-100,'257':-100},'stream':true}";

    private Served served;

    @BeforeAll
    void start() {
        served = Served.tiny();
    }

    @AfterAll
    void stop() {
        served.close();
    }

    // ---- addresses

    @Test
    void everyAddressIsDescribed() {
        JsonNode paths = served.get("/openapi.json").json().path("paths");
        TreeMap<String, String> described = new TreeMap<>();
        paths.properties()
                .forEach(p -> described.put(
                        p.getKey(),
                        p.getValue().propertyNames().iterator().next().toUpperCase(Locale.ROOT)));
        TreeMap<String, String> there = new TreeMap<>(served.server.routes());
        there.keySet().removeIf(path -> path.equals("/") || path.matches("/[a-z]+\\.(js|css|svg)"));
        assertThat(described).isEqualTo(there);
    }

    @Test
    void everyReferenceOfTheDescriptionLeadsSomewhere() {
        JsonNode document = served.get("/openapi.json").json();
        List<JsonNode> references = document.findValues("$ref");
        assertThat(references).hasSizeGreaterThan(30);
        for (JsonNode reference : references) {
            assertThat(document.at(reference.asString().substring(1)).isObject())
                    .as(reference.asString())
                    .isTrue();
        }
    }

    @Test
    void modelsAreListedByName() {
        JsonNode list = served.get("/v1/models").json();
        assertThat(list.path("data").get(0).path("id").asString()).isEqualTo("llama-dense-tiny");
        assertThat(served.get("/v1/models/llama-dense-tiny").json())
                .isEqualTo(list.path("data").get(0));
        for (String path : List.of("nope", "..%2f..%2fetc%2fpasswd", "../../etc/passwd")) {
            assertThat(served.get("/v1/models/" + path).status()).isBetween(400, 499);
        }
        Served.Answer unknown = served.post(CHAT, "{'model':'gpt-4'," + HI + "}");
        assertThat(unknown.status()).isEqualTo(404);
        assertThat(unknown.error().path("code").asString()).isEqualTo("model_not_found");
    }

    @Test
    void tokensGoBothWays() {
        JsonNode tokens = served.post("/tokenize", "{'content':'h\u00e9','with_pieces':true}")
                .json();
        assertThat(tokens.path("tokens").toString()).isEqualTo("[104,195,169]");
        assertThat(tokens.path("pieces").get(1).path("piece").asString()).isEqualTo("bytes:\\xc3");
        assertThat(served.post("/detokenize", "{'tokens':[104,195,169]}")
                        .json()
                        .path("content")
                        .asString())
                .isEqualTo("h\u00e9");
    }

    @Test
    void embeddingsAreThoseOfTheModel() {
        float[] expected;
        try (Model model = Model.load(Served.FIXTURES.resolve("llama-dense-tiny"))) {
            expected = new Embedder(model, Embedder.Pooling.LAST)
                    .embed(model.tokenizer().encode("abc", true, false));
        }
        JsonNode answer = served.post("/v1/embeddings", "{'input':['x','abc'],'pooling':'last'}")
                .json();
        JsonNode vector = answer.path("data").get(1).path("embedding");
        for (int i = 0; i < expected.length; i++) {
            assertThat(vector.get(i).asDouble()).isCloseTo(expected[i], within(1e-7));
        }
        assertThat(answer.path("usage").path("prompt_tokens").asInt()).isEqualTo(2 + 4);
        byte[] base64 = Base64.getDecoder()
                .decode(served.post("/v1/embeddings", "{'input':'abc','pooling':'last','encoding_format':'base64'}")
                        .json()
                        .path("data")
                        .get(0)
                        .path("embedding")
                        .asString());
        assertThat(ByteBuffer.wrap(base64).order(ByteOrder.LITTLE_ENDIAN).getFloat())
                .isEqualTo(expected[0]);
    }

    // ---- errors

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "/v1/chat/completions | nonsense | the body is not JSON",
                "/v1/chat/completions | [] | must be a JSON object",
                "/v1/chat/completions | {} | messages is missing",
                "/v1/chat/completions | {'messages':[]} | an empty array",
                "/v1/chat/completions | {'messages':[{'role':'king','content':'x'}]} | needs a role",
                "/v1/chat/completions | {'messages':[{'role':'user'}]} | needs content",
                "/v1/chat/completions | {'messages':[{'role':'user','content':[{'type':'image_url'}]}]} | text only",
                "/v1/chat/completions | {'messages':[{'role':'user','content':'x'}],'temperature':'hot'} | temperature must be",
                "/v1/chat/completions | {'messages':[{'role':'user','content':'x'}],'top_p':0} | top-p must be",
                "/v1/chat/completions | {'messages':[{'role':'user','content':'x'}],'n':0} | n must be",
                "/v1/chat/completions | {'messages':[{'role':'user','content':'x'}],'stop':['']} | empty string",
                "/v1/chat/completions | {'messages':[{'role':'user','content':'x'}],'logit_bias':{'a':1}} | logit_bias must be",
                "/v1/chat/completions | {'messages':[{'role':'user','content':'x'}],'tools':[{'type':'x'}]} | each tool must be",
                "/v1/chat/completions | {'messages':[{'role':'user','content':'x'}],'tools':[{'type':'function','function':{'name':'f'}}],'tool_choice':{'type':'function','function':{'name':'g'}}} | names no function",
                "/v1/chat/completions | {'messages':[{'role':'user','content':'x'}],'response_format':{'type':'xml'}} | response_format.type",
                "/v1/chat/completions | {'messages':[{'role':'user','content':'x'}],'response_format':{'type':'json_schema'}} | schema is missing",
                "/v1/completions | {'prompt':'x','grammar':'root ::= nowhere'} | grammar: ",
                "/v1/completions | {'prompt':[[1,99999]]} | token ids from 0",
                "/v1/completions | {'prompt':{}} | prompt must be",
                "/v1/completions | {'prompt':'x','suffix':'y'} | suffix is not supported",
                "/v1/embeddings | {'input':''} | not empty",
                "/v1/embeddings | {'input':'x','dimensions':3} | dimensions",
                "/tokenize | {} | content is missing",
                "/detokenize | {'tokens':[-1]} | token ids from 0"
            })
    void mistakesAreNamedInOpenAisShape(String path, String body, String words) {
        Served.Answer answer = served.post(path, body);
        assertThat(answer.status()).as(answer.body()).isEqualTo(400);
        assertThat(answer.header("Content-Type")).isEqualTo("application/json");
        assertThat(answer.error().path("message").asString()).contains(words);
        assertThat(answer.error().path("type").asString()).isEqualTo("invalid_request_error");
        assertThat(answer.error().has("param")).isTrue();
        assertThat(answer.error().has("code")).isTrue();
    }

    @Test
    void aPromptThatDoesNotFitSaysSo() {
        String words = "word ".repeat(2000);
        Served.Answer answer = served.post("/v1/completions", "{'prompt':'" + words + "'}");
        assertThat(answer.status()).isEqualTo(400);
        assertThat(answer.error().path("code").asString()).isEqualTo("context_length_exceeded");
    }

    @Test
    void unknownAddressesAndMethodsAreRefused() {
        assertThat(served.get("/v2/none").error().path("code").asString()).isEqualTo("unknown_url");
        assertThat(served.get("/v2/none").status()).isEqualTo(404);
        assertThat(served.get(CHAT).status()).isEqualTo(405);
        assertThat(served.post("/health", "{}").status()).isEqualTo(405);
    }

    @Test
    void largeBodiesAreRefusedWithoutBeingRead() {
        String body = "{'prompt':'" + "x".repeat(5 << 20) + "'}";
        assertThat(served.post("/v1/completions", body).status()).isEqualTo(413);
        HttpRequest chunked = served.request("/v1/completions")
                .POST(HttpRequest.BodyPublishers.ofInputStream(() -> new ByteArrayInputStream(body.getBytes(UTF_8))))
                .build();
        assertThat(served.send(chunked).status()).isEqualTo(413);
    }

    // ---- admission

    @Test
    void keysAreAskedForAndNeverLogged() {
        List<String> log = Collections.synchronizedList(new ArrayList<>());
        Logger logger = Logger.getLogger("");
        Handler handler = new Handler() {
            @Override
            public void publish(LogRecord record) {
                log.add(record.getMessage()
                        + List.of(record.getParameters() == null ? new Object[0] : record.getParameters()));
            }

            @Override
            public void flush() {}

            @Override
            public void close() {}
        };
        Logger serve = Logger.getLogger("dev.trit.serve");
        logger.addHandler(handler);
        serve.setLevel(Level.INFO);
        try (Served locked =
                Served.with(Served.options().withApiKeys(List.of("sk-first", "sk-second")), "llama-dense-tiny")) {
            String body = "{'prompt':'very private','max_tokens':1}".replace('\'', '"');
            for (String header :
                    List.of("Bearer sk-wrong", "Bearer sk-firs", "Bearer ", "sk-first", "Basic sk-first")) {
                Served.Answer refused = locked.send(locked.request("/v1/completions")
                        .header("Authorization", header)
                        .POST(HttpRequest.BodyPublishers.ofString(body))
                        .build());
                assertThat(refused.status()).as(header).isEqualTo(401);
                assertThat(refused.error().path("code").asString()).isEqualTo("invalid_api_key");
                assertThat(refused.body()).doesNotContain("sk-");
            }
            for (String[] header : new String[][] {{"Authorization", "Bearer sk-second"}, {"X-Api-Key", "sk-first"}}) {
                assertThat(locked.send(locked.request("/v1/completions")
                                        .header(header[0], header[1])
                                        .POST(HttpRequest.BodyPublishers.ofString(body))
                                        .build())
                                .status())
                        .isEqualTo(200);
            }
            for (String open : List.of("/health", "/ready", "/openapi.json")) {
                assertThat(locked.get(open).status()).isEqualTo(200);
            }
            for (String closed : List.of("/metrics", "/v1/models")) {
                assertThat(locked.get(closed).status()).isEqualTo(401);
            }
        } finally {
            logger.removeHandler(handler);
            serve.setLevel(Level.WARNING);
        }
        assertThat(log).isNotEmpty().noneMatch(line -> line.contains("sk-") || line.contains("private"));
        assertThat(Served.options().withApiKeys(List.of("sk-first")).toString()).doesNotContain("sk-");
    }

    @Test
    void otherSitesPagesStayOutUnlessLetIn() throws Exception {
        String answer = served.raw(
                "GET /v1/models HTTP/1.1\r\nHost: evil.example\r\nConnection: close\r\n\r\n".getBytes(UTF_8),
                Duration.ofSeconds(5));
        assertThat(answer).as("DNS rebinding").startsWith("HTTP/1.1 403");
        HttpRequest.Builder request = served.request("/v1/models").header("Origin", "https://evil.example");
        assertThat(served.send(request.build()).status()).isEqualTo(403);
        String own = "http://127.0.0.1:" + served.server.port();
        assertThat(served.send(served.request("/v1/models")
                                .header("Origin", own)
                                .build())
                        .status())
                .isEqualTo(200);
        try (Served open =
                Served.with(Served.options().withCorsOrigins(List.of("https://app.example")), "llama-dense-tiny")) {
            Served.Answer preflight = open.send(open.request(CHAT)
                    .header("Origin", "https://app.example")
                    .header("Access-Control-Request-Method", "POST")
                    .method("OPTIONS", HttpRequest.BodyPublishers.noBody())
                    .build());
            assertThat(preflight.status()).isEqualTo(204);
            assertThat(preflight.header("Access-Control-Allow-Origin")).isEqualTo("https://app.example");
            assertThat(preflight.header("Access-Control-Allow-Headers")).contains("Authorization");
        }
    }

    // ---- limits and cancellation

    @Test
    void aFullQueueSaysWhenToComeBack() throws Exception {
        try (Served small = Served.with(Served.options().withQueue(1, 1), "llama-dense-tiny")) {
            List<CompletableFuture<Integer>> running = new ArrayList<>();
            for (int i = 0; i < 2; i++) {
                running.add(CompletableFuture.supplyAsync(
                        () -> small.stream(CHAT, LONG).size()));
            }
            await(() -> small.metric("trit_active") == 1 && small.metric("trit_queue") == 1);
            Served.Answer refused = small.post(CHAT, "{" + HI + "}");
            assertThat(refused.status()).isEqualTo(429);
            assertThat(refused.error().path("type").asString()).isEqualTo("rate_limit_error");
            assertThat(Integer.parseInt(refused.header("Retry-After"))).isBetween(1, 600);
            for (CompletableFuture<Integer> stream : running) {
                assertThat(stream.get())
                        .as("those that were taken are finished")
                        .isGreaterThan(100);
            }
        }
    }

    @Test
    void aClientThatLeavesIsNotGeneratedFor() throws Exception {
        String body = LONG.replace('\'', '"');
        double before = served.metric("trit_tokens_total{kind=\"generated\"}");
        try (Socket socket = new Socket("127.0.0.1", served.server.port())) {
            socket.setSoLinger(true, 0); // leave with a reset, as a killed process does
            socket.getOutputStream()
                    .write(("POST " + CHAT + " HTTP/1.1\r\nHost: localhost\r\nContent-Length: " + body.length()
                                    + "\r\n\r\n" + body)
                            .getBytes(UTF_8));
            byte[] some = new byte[2000];
            assertThat(socket.getInputStream().readNBytes(some, 0, 2000)).isEqualTo(2000);
        }
        await(() -> served.metric("trit_active") == 0);
        await(() -> served.metric("trit_tokens_total{kind=\"generated\"}") > before);
        assertThat(served.metric("trit_tokens_total{kind=\"generated\"}") - before)
                .isLessThan(400);
        assertThat(served.post(CHAT, "{" + HI + ",'max_tokens':2}").status()).isEqualTo(200);
    }

    @Test
    void aTimeLimitEndsAnAnswerWithWhatThereIs() {
        try (Served slow = Served.with(
                Served.options().withTimeLimit(Duration.ofMillis(150)).withContextLength(100_000),
                "llama-dense-tiny")) {
            Served.Answer answer = slow.post(
                    "/v1/completions", "{'prompt':'x','max_tokens':90000,'logit_bias':{'256':-100,'257':-100}}");
            assertThat(answer.status()).as(answer.body()).isEqualTo(200);
            assertThat(answer.choice().path("finish_reason").asString()).isEqualTo("length");
            assertThat(answer.json().path("usage").path("completion_tokens").asInt())
                    .isLessThan(90_000);
        }
    }

    /** Nagle's algorithm and delayed acknowledgements would hold every event back for 40 ms. */
    @Test
    void tokensAreNotHeldBack() {
        served.stream(CHAT, LONG);
        long best = Long.MAX_VALUE;
        int events = 0;
        for (int i = 0; i < 3; i++) { // the fastest of three: the machine may be busy
            List<Served.Sent> sent = served.stream(CHAT, LONG);
            events = sent.size();
            best = Math.min(best, (sent.getLast().nanos() - sent.getFirst().nanos()) / (events - 1));
        }
        assertThat(events).isGreaterThan(100);
        assertThat(Duration.ofNanos(best)).isLessThan(Duration.ofMillis(20));
    }

    // ---- models in memory

    @Test
    void modelsComeAndGoWithTheMemoryBudget() {
        ServeOptions options = Served.options().withMemoryBudgetBytes(500_000); // holds either, not both
        try (Served two = Served.with(options, "llama-dense-tiny", "qwen3-dense-tiny")) {
            assertThat(two.get("/v1/models").json().path("data").size()).isEqualTo(2);
            for (int i = 0; i < 2; i++) {
                for (String model : List.of("qwen3-dense-tiny", "llama-dense-tiny")) {
                    Served.Answer answer =
                            two.post("/v1/completions", "{'model':'" + model + "','prompt':'x','max_tokens':3}");
                    assertThat(answer.status()).as(answer.body()).isEqualTo(200);
                    assertThat(answer.json().path("model").asString()).isEqualTo(model);
                    assertThat(two.metric("trit_models_loaded")).isEqualTo(1);
                }
            }
        }
    }

    @Test
    void aModelInUseIsNotThrownOut() throws Exception {
        ServeOptions options = Served.options().withMemoryBudgetBytes(500_000);
        try (Served two = Served.with(options, "llama-dense-tiny", "qwen3-dense-tiny")) {
            CompletableFuture<Integer> running =
                    CompletableFuture.supplyAsync(() -> two.stream(CHAT, LONG).size());
            await(() -> two.metric("trit_active") == 1);
            Served.Answer refused = two.post(CHAT, "{'model':'qwen3-dense-tiny'," + HI + "}");
            assertThat(running.isDone() || refused.status() == 503)
                    .as(refused.body())
                    .isTrue();
            assertThat(running.get()).isGreaterThan(100);
        }
    }

    @Test
    void whatCannotBeServedIsSaidAtTheStart() {
        assertThatThrownBy(() -> TritServer.start(List.of(), Served.options())).hasMessageContaining("no model");
        Path tiny = Served.FIXTURES.resolve("llama-dense-tiny");
        List<ModelSource> twice = List.of(new ModelSource("a", tiny), new ModelSource("a", tiny));
        assertThatThrownBy(() -> TritServer.start(twice, Served.options())).hasMessageContaining("two models");
        assertThatThrownBy(() -> Served.with(Served.options().withPort(served.server.port()), "llama-dense-tiny"))
                .isInstanceOf(ServeException.class)
                .hasMessageContaining(Integer.toString(served.server.port()));
    }

    @Test
    void stoppingLetsStreamsFinishAndTakesNoMore() throws Exception {
        Served ending = Served.tiny();
        URI ready = ending.uri("/ready");
        CompletableFuture<Integer> running =
                CompletableFuture.supplyAsync(() -> ending.stream(CHAT, LONG).size());
        await(() -> ending.metric("trit_active") == 1);
        CompletableFuture<Void> closing = CompletableFuture.runAsync(ending.server::close);
        int status = 200;
        for (int i = 0; i < 100 && status == 200 && !closing.isDone(); i++) {
            try {
                status = ending.send(HttpRequest.newBuilder(ready).build()).status();
            } catch (IllegalStateException e) {
                status = 0; // it was fast: gone already
            }
        }
        assertThat(status).isIn(503, 0);
        assertThat(running.get()).isGreaterThan(100);
        closing.get();
        ending.client.close();
    }

    @Test
    void metricsAreInPrometheusFormat() {
        served.post(CHAT, "{" + HI + ",'max_tokens':3}");
        Served.Answer answer = served.get("/metrics");
        assertThat(answer.header("Content-Type")).startsWith("text/plain; version=0.0.4");
        assertThat(answer.body().lines().filter(line -> !line.startsWith("#")))
                .allMatch(line -> line.matches("trit_\\w+(\\{[^}]*})? [-+.\\dEeNaInf]+"));
        assertThat(answer.body())
                .contains(
                        "trit_queue ", "trit_batch ", "trit_kv_used_bytes ", "trit_time_to_first_token_seconds_bucket")
                .contains("trit_requests_seconds_count{route=\"/v1/chat/completions\",status=\"200\"}");
    }

    private interface Condition {
        boolean holds();
    }

    private static void await(Condition condition) throws InterruptedException {
        for (int i = 0; i < 1000 && !condition.holds(); i++) {
            Thread.sleep(5);
        }
        assertThat(condition.holds()).isTrue();
    }
}
