package dev.trit.serve;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.logging.Level;
import java.util.logging.Logger;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** A server for tests on a free port, and a client of it. */
final class Served implements AutoCloseable {
    static final Path FIXTURES = Path.of("..", "model", "src", "test", "resources", "fixtures");

    private static final Logger HELIDON = quiet("io.helidon"); // held: loggers nobody holds are forgotten
    private static final Logger SERVE = quiet("dev.trit.serve");

    private static Logger quiet(String name) {
        Logger logger = Logger.getLogger(name);
        logger.setLevel(Level.WARNING);
        return logger;
    }

    final TritServer server;
    final HttpClient client =
            HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();

    private Served(TritServer server) {
        this.server = server;
    }

    static ServeOptions options() {
        return ServeOptions.defaults().withPort(0).withContextLength(1024);
    }

    /** Serves tiny models of the model module by their folders' names. */
    static Served with(ServeOptions options, String... fixtures) {
        return new Served(TritServer.start(
                Arrays.stream(fixtures)
                        .map(f -> new ModelSource(f, FIXTURES.resolve(f)))
                        .toList(),
                options));
    }

    static Served tiny() {
        return with(options(), "llama-dense-tiny");
    }

    /** An answer. */
    record Answer(int status, String body, HttpResponse<?> raw) {
        JsonNode json() {
            return JsonMapper.shared().readTree(body);
        }

        JsonNode error() {
            return json().path("error");
        }

        /** The first choice. */
        JsonNode choice() {
            return json().path("choices").path(0);
        }

        String header(String name) {
            return raw.headers().firstValue(name).orElse("");
        }
    }

    /** One event of a stream. @param nanos when it came */
    record Sent(String data, long nanos) {
        JsonNode json() {
            return JsonMapper.shared().readTree(data);
        }
    }

    URI uri(String path) {
        return URI.create("http://127.0.0.1:" + server.port() + path);
    }

    HttpRequest.Builder request(String path) {
        return HttpRequest.newBuilder(uri(path)).timeout(Duration.ofSeconds(30));
    }

    Answer send(HttpRequest request) {
        try {
            HttpResponse<String> response = client.send(request, BodyHandlers.ofString(UTF_8));
            return new Answer(response.statusCode(), response.body(), response);
        } catch (IOException | InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    Answer get(String path) {
        return send(request(path).build());
    }

    /** Posts JSON; apostrophes stand for quotes. */
    Answer post(String path, String json) {
        return send(request(path)
                .POST(HttpRequest.BodyPublishers.ofString(json.replace('\'', '"')))
                .build());
    }

    /** Posts JSON and reads the events of the answer, without the final mark, which must be there. */
    List<Sent> stream(String path, String json) {
        HttpRequest request = request(path)
                .POST(HttpRequest.BodyPublishers.ofString(json.replace('\'', '"')))
                .build();
        List<Sent> events = new ArrayList<>();
        try {
            HttpResponse<InputStream> response = client.send(request, BodyHandlers.ofInputStream());
            if (response.statusCode() != 200) {
                throw new IllegalStateException(new String(response.body().readAllBytes(), UTF_8));
            }
            try (BufferedReader lines = new BufferedReader(new InputStreamReader(response.body(), UTF_8))) {
                for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                    if (line.startsWith("data: ")) {
                        events.add(new Sent(line.substring(6), System.nanoTime()));
                    } else if (!line.isEmpty() && !line.startsWith(":")) {
                        throw new IllegalStateException("no event: " + line);
                    }
                }
            }
        } catch (IOException | InterruptedException e) {
            throw new IllegalStateException(e);
        }
        if (!events.removeLast().data().equals("[DONE]")) {
            throw new IllegalStateException("the stream did not end with [DONE]");
        }
        return events;
    }

    /** Sends bytes as they are and reads what comes until the server closes or is silent for {@code patience}. */
    String raw(byte[] bytes, Duration patience) throws IOException {
        try (Socket socket = new Socket("127.0.0.1", server.port())) {
            socket.setSoTimeout((int) patience.toMillis());
            socket.getOutputStream().write(bytes);
            socket.getOutputStream().flush();
            byte[] answer = new byte[1 << 16];
            int n = 0;
            try {
                for (int read;
                        n < answer.length
                                && (read = socket.getInputStream().read(answer, n, answer.length - n)) > 0; ) {
                    n += read;
                }
            } catch (IOException e) {
                return new String(answer, 0, n, UTF_8); // silence, or closed with bytes of ours unread
            }
            return new String(answer, 0, n, UTF_8);
        }
    }

    /** A figure of {@code /metrics}. */
    double metric(String name) {
        return server.metrics()
                .lines()
                .filter(line -> line.startsWith(name + " "))
                .mapToDouble(line -> Double.parseDouble(line.substring(name.length() + 1)))
                .findFirst()
                .orElseThrow();
    }

    @Override
    public void close() {
        client.close();
        server.close();
    }
}
