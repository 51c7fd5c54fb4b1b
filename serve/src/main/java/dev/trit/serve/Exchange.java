package dev.trit.serve;

import io.helidon.http.HeaderNames;
import io.helidon.http.RequestException;
import io.helidon.webserver.http.ServerRequest;
import io.helidon.webserver.http.ServerResponse;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** One request and its answer, as the handlers see them. */
final class Exchange {
    /** Waiting this long without a sign makes us look whether the client is still there. */
    static final Duration SILENCE = Duration.ofSeconds(5);

    private final ServerRequest request;
    private final ServerResponse response;
    private final ServeOptions options;
    private final String client;
    private @Nullable OutputStream out;
    private boolean streaming;

    /** @param client whose request it is: the queue takes clients in turn */
    Exchange(ServerRequest request, ServerResponse response, ServeOptions options, String client) {
        this.request = request;
        this.response = response;
        this.options = options;
        this.client = client;
    }

    String client() {
        return client;
    }

    String path() {
        return request.path().path();
    }

    /** The client went away while it was being answered. */
    static final class Gone extends RuntimeException {
        private static final long serialVersionUID = 1L;

        Gone(Throwable cause) {
            super("the client went away", cause);
        }
    }

    /** @throws ServeException if the body is too large or not a JSON object */
    Fields body() {
        int limit = options.maxBodyBytes();
        if (request.headers().contentLength().orElse(0) > limit) {
            response.header("Connection", "close"); // rather than read what nobody wants
            throw ServeException.tooLarge(limit);
        }
        byte[] body;
        try (Deadline deadline = new Deadline(options.patience())) {
            body = read(limit + 1, deadline);
        }
        if (body.length > limit) {
            response.header("Connection", "close");
            throw ServeException.tooLarge(limit);
        }
        return Fields.of(body);
    }

    private byte[] read(int most, Deadline deadline) {
        try (InputStream in = request.content().inputStream()) {
            return in.readNBytes(most);
        } catch (IOException | RuntimeException e) {
            response.header("Connection", "close"); // nobody knows where the next request would begin
            if (e instanceof RequestException refused && refused.status().code() == 413) {
                throw ServeException.tooLarge(options.maxBodyBytes());
            }
            throw deadline.passed()
                    ? new Gone(e)
                    : ServeException.invalid(null, "the body is not what its headers say, or ends early");
        }
    }

    /** Answers with JSON. */
    void send(Object value) {
        byte[] json = Json.bytes(value);
        if (out != null) { // begun by stillThere
            write(json);
            finish();
        } else {
            send(200, "application/json", json);
        }
    }

    /** Answers with bytes of any kind. */
    void send(int status, String contentType, byte[] body) {
        response.status(status);
        response.header(HeaderNames.CONTENT_TYPE, contentType);
        try (Deadline _ = new Deadline(options.patience())) {
            response.send(body);
        } catch (RuntimeException e) {
            throw new Gone(e);
        }
    }

    void header(String name, String value) {
        response.header(name, value);
    }

    /** The value of a query parameter, or null. */
    @Nullable String query(String name) {
        return request.query().first(name).orElse(null);
    }

    /** Whether the browser has this version already. */
    boolean hasVersion(String etag) {
        return request.headers()
                .first(HeaderNames.IF_NONE_MATCH)
                .map(etag::equals)
                .orElse(false);
    }

    /**
     * Called while a plain answer takes long: writes a blank, which JSON allows before a value. It keeps proxies from
     * giving up, and it is how we learn that the client has.
     *
     * @throws Gone if it has
     */
    void stillThere() {
        if (out == null) {
            begin("application/json");
        }
        write(new byte[] {' '});
    }

    /** Whether the status has been sent, so that errors can only follow in the body. */
    boolean begun() {
        return out != null;
    }

    // ---- server-sent events

    /** Begins a stream of events. */
    void beginStream() {
        response.header(HeaderNames.CACHE_CONTROL, "no-cache");
        response.header("X-Accel-Buffering", "no"); // or nginx collects the tokens
        streaming = true;
        begin("text/event-stream; charset=utf-8");
    }

    /** One event, on its way at once. */
    void event(Map<String, @Nullable Object> value) {
        write(("data: " + Json.text(value) + "\n\n").getBytes(StandardCharsets.UTF_8));
    }

    /** A comment: clients skip it, connections stay open, and a client that has gone is noticed. */
    void heartbeat() {
        write(": waiting\n\n".getBytes(StandardCharsets.UTF_8));
    }

    /** The end, as OpenAI's clients expect it. */
    void endStream() {
        write("data: [DONE]\n\n".getBytes(StandardCharsets.UTF_8));
        finish();
    }

    /** Ends an answer that has begun with an error. */
    void fail(ServeException e) {
        byte[] json = Json.bytes(e.body());
        write(
                streaming
                        ? ("data: " + new String(json, StandardCharsets.UTF_8) + "\n\n")
                                .getBytes(StandardCharsets.UTF_8)
                        : json);
        finish();
    }

    private void finish() {
        try (Deadline _ = new Deadline(options.patience())) {
            if (out != null) {
                out.close();
            }
        } catch (IOException | RuntimeException e) { // Helidon has several for a connection that broke
            throw new Gone(e);
        }
    }

    private void begin(String contentType) {
        response.status(200);
        response.header(HeaderNames.CONTENT_TYPE, contentType);
        out = response.outputStream();
    }

    private void write(byte[] bytes) {
        try (Deadline _ = new Deadline(options.patience())) {
            OutputStream to = out;
            if (to != null) {
                to.write(bytes);
                to.flush();
            }
        } catch (IOException | RuntimeException e) { // Helidon has several for a connection that broke
            throw new Gone(e);
        }
    }
}
