package dev.trit.cli;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Path;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.json.JsonMapper;

class ServeTest {
    private static final String MODEL = Fixtures.path("llama-dense-tiny");
    private static final Pattern ADDRESS = Pattern.compile("http://127\\.0\\.0\\.1:\\d+");

    @TempDir
    private Path folder;

    @Test
    void answersUntilItIsToldToStopAndFinishesWhatRuns() throws Exception {
        Map<String, String> key = Map.of("TRIT_API_KEY", "sk-secret");
        Child server = Child.start(folder, key, "serve", "-m", "tiny=" + MODEL, "--port", "0", "--parallel", "2");
        try (HttpClient client = HttpClient.newHttpClient()) {
            Matcher address = ADDRESS.matcher(server.awaitTalk("serving tiny at"));
            assertThat(address.find()).isTrue();
            HttpRequest.Builder request = HttpRequest.newBuilder(URI.create(address.group() + "/v1/completions"))
                    .header("Authorization", "Bearer sk-secret");

            String same = "{\"prompt\":\"hello\",\"max_tokens\":9,\"temperature\":0}";
            HttpResponse<String> answer =
                    client.send(request.POST(BodyPublishers.ofString(same)).build(), BodyHandlers.ofString());
            String expected = Captured.trit("run", "hello", "-m", MODEL, "-n", "9", "--temp", "0")
                    .out();
            assertThat(JsonMapper.shared()
                                    .readTree(answer.body())
                                    .at("/choices/0/text")
                                    .asString() + "\n")
                    .isEqualTo(expected);

            String many =
                    "{\"prompt\":\"hello\",\"max_tokens\":450,\"stream\":true,\"logit_bias\":{\"256\":-100,\"257\":-100}}";
            HttpResponse<InputStream> stream =
                    client.send(request.POST(BodyPublishers.ofString(many)).build(), BodyHandlers.ofInputStream());
            try (BufferedReader lines = new BufferedReader(new InputStreamReader(stream.body(), UTF_8))) {
                assertThat(lines.readLine()).startsWith("data: ");
                server.process().destroy(); // SIGTERM
                String last = "";
                for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                    last = line.isEmpty() ? last : line;
                }
                assertThat(last).isEqualTo("data: [DONE]");
            }
            Captured end = server.end();
            assertThat(end.status()).as("as signals end processes").isEqualTo(128 + 15);
            assertThat(end.err()).contains("POST /v1/completions 200").doesNotContain("sk-secret", "hello");
            assertThat(end.out()).isEmpty();
        } finally {
            server.kill();
        }
    }

    @ParameterizedTest
    @CsvSource({
        "serve -m absent.gguf, NO_FILE, absent.gguf",
        "serve -m a=MODEL -m a=MODEL, FAILURE, two models",
        "serve -m MODEL --host no.such.host.invalid, FAILURE, no.such.host.invalid",
        "serve -m MODEL --api-key= --port 0, USAGE, let everybody in"
    })
    void whatCannotBeServedIsOneLine(String line, ExitCode code, String words) {
        Captured run = Captured.trit(line.replace("MODEL", MODEL).split(" "));
        assertThat(run.status()).isEqualTo(code.status());
        assertThat(run.err().lines().findFirst().orElse(""))
                .startsWith("trit: ")
                .contains(words);
        assertThat(run.out()).isEmpty();
    }
}
