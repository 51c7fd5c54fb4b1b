package dev.trit.serve;

import io.helidon.common.socket.SocketOptions;
import io.helidon.http.DirectHandler;
import io.helidon.http.HeaderNames;
import io.helidon.http.HttpException;
import io.helidon.http.ServerResponseHeaders;
import io.helidon.http.Status;
import io.helidon.webserver.CloseConnectionException;
import io.helidon.webserver.WebServer;
import io.helidon.webserver.http.DirectHandlers;
import io.helidon.webserver.http.HttpRouting;
import io.helidon.webserver.http.ServerRequest;
import io.helidon.webserver.http.ServerResponse;
import io.helidon.webserver.http1.Http1Config;
import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** A running server. Routes are one table; everything that is the same for all of them happens in {@link #answer}. */
public final class TritServer implements AutoCloseable {
    private static final Logger LOG = System.getLogger("dev.trit.serve");
    private static final String MODEL = "/v1/models/";
    private static final int MOST_CONNECTIONS = 4096;

    private final ServeOptions options;
    private final ModelPool models;
    private final Metrics metrics;
    private final Gate gate;
    private final WebPage page = new WebPage();
    private final Map<String, Route> routes = new LinkedHashMap<>();
    private final WebServer server;

    private record Route(String method, Consumer<Exchange> handler) {}

    private TritServer(List<ModelSource> sources, ServeOptions options) {
        this.options = options;
        this.models = new ModelPool(sources, options);
        this.metrics = new Metrics(models);
        this.gate = new Gate(options);
        ChatApi chat = new ChatApi(models, options, metrics);
        CompletionApi completions = new CompletionApi(models, options, metrics);
        EmbeddingApi embeddings = new EmbeddingApi(models, options, metrics);
        ModelApi model = new ModelApi(models);
        routes.put("/v1/chat/completions", new Route("POST", chat::answer));
        routes.put("/v1/completions", new Route("POST", completions::answer));
        routes.put("/v1/embeddings", new Route("POST", embeddings::answer));
        routes.put("/v1/models", new Route("GET", model::list));
        routes.put(MODEL + "{id}", new Route("GET", x -> model.get(x, x.path().substring(MODEL.length()))));
        routes.put("/tokenize", new Route("POST", model::tokenize));
        routes.put("/detokenize", new Route("POST", model::detokenize));
        routes.put("/health", new Route("GET", this::health));
        routes.put("/ready", new Route("GET", this::ready));
        routes.put("/metrics", new Route("GET", this::showMetrics));
        page.paths().forEach(path -> routes.put(path, new Route("GET", page::answer)));
        this.server = WebServer.builder()
                .bindAddress(new InetSocketAddress(options.host(), options.port()))
                .shutdownHook(false) // ours lets streams finish first
                .maxTcpConnections(MOST_CONNECTIONS)
                .maxPayloadSize(options.maxBodyBytes() + 1L)
                .addProtocol(Http1Config.builder()
                        .addReceiveListener(new HeaderDeadline(options.patience()))
                        .build())
                .connectionOptions(SocketOptions.builder().tcpNoDelay(true).build()) // or each token waits 40 ms
                .directHandlers(DirectHandlers.builder()
                        .addHandler(DirectHandler.EventType.BAD_REQUEST, this::brokenHttp)
                        .addHandler(DirectHandler.EventType.INTERNAL_ERROR, this::brokenHttp)
                        .addHandler(DirectHandler.EventType.PAYLOAD_TOO_LARGE, this::brokenHttp)
                        .build())
                .routing(HttpRouting.builder().any(this::answer))
                .build();
    }

    /**
     * Starts a server with its first model in memory; the others are loaded when a request names them.
     *
     * @param sources the models, the default first
     * @throws ServeException if it cannot start: no model, a name twice, the address taken
     * @throws RuntimeException of the modules below, if the first model cannot be loaded
     */
    public static TritServer start(List<ModelSource> sources, ServeOptions options) {
        checkAddress(options);
        TritServer server = new TritServer(sources, options);
        try {
            server.models.lease(null).close();
            server.server.start();
            return server;
        } catch (RuntimeException e) {
            server.models.close(Duration.ZERO);
            throw e;
        }
    }

    /** Says that an address is taken before a model is loaded, and in one line. */
    private static void checkAddress(ServeOptions options) {
        var address = new InetSocketAddress(options.host(), options.port());
        try (ServerSocket socket = new ServerSocket()) {
            socket.setReuseAddress(true); // as the server's own: connections that linger are no hindrance
            socket.bind(address);
        } catch (IOException e) {
            throw ServeException.atStart(
                    "cannot listen on " + options.host() + ":" + options.port() + ": " + e.getMessage(), e);
        }
    }

    /** The port it listens on. */
    public int port() {
        return server.port();
    }

    /** Names of the models, the default first. */
    public List<String> models() {
        return models.ids();
    }

    /** What {@code /metrics} shows. */
    public String metrics() {
        return metrics.text();
    }

    /** Addresses with their methods, as the OpenAPI document is to describe them. */
    Map<String, String> routes() {
        Map<String, String> all = new LinkedHashMap<>();
        routes.forEach((path, route) -> all.put(path, route.method()));
        return all;
    }

    /** Takes no more requests, lets those that run finish for {@link ServeOptions#grace}, then stops. */
    @Override
    public void close() {
        models.close(options.grace());
        server.stop();
    }

    private void health(Exchange exchange) {
        exchange.send(Json.object("status", "ok"));
    }

    private void ready(Exchange exchange) {
        if (models.isClosing()) {
            throw ServeException.unavailable("the server is shutting down", Duration.ofSeconds(5));
        }
        exchange.send(Json.object(
                "status",
                "ready",
                "models",
                models.loaded().stream()
                        .map(model -> Json.object(
                                "id",
                                model.id(),
                                "kernels",
                                model.model().kernels().description(),
                                "queued",
                                model.engine().stats().queued(),
                                "active",
                                model.engine().stats().active()))
                        .toList()));
    }

    private void showMetrics(Exchange exchange) {
        exchange.send(
                200, "text/plain; version=0.0.4; charset=utf-8", metrics.text().getBytes(StandardCharsets.UTF_8));
    }

    /** What is not HTTP, or too much of it, never comes to {@link #answer}; whatever Helidon thinks of it, the sender is at fault. */
    private DirectHandler.TransportResponse brokenHttp(
            DirectHandler.TransportRequest request,
            DirectHandler.EventType type,
            Status status,
            ServerResponseHeaders headers,
            String message) {
        ServeException e = status.code() == 413
                ? ServeException.tooLarge(options.maxBodyBytes())
                : ServeException.invalid(null, "the request is not HTTP as RFC 9112 has it");
        return DirectHandler.TransportResponse.builder()
                .status(Status.create(e.status()))
                .headers(headers)
                .header(HeaderNames.CONTENT_TYPE, "application/json")
                .keepAlive(false)
                .entity(Json.bytes(e.body()))
                .build();
    }

    /** Every request comes through here: admission, the route, errors in OpenAI's shape, metrics, one line of log. */
    private void answer(ServerRequest request, ServerResponse response) {
        long began = System.nanoTime();
        String method = request.prologue().method().text();
        String path = request.path().path();
        String name = path.startsWith(MODEL) ? MODEL + "{id}" : path;
        @Nullable Route route = routes.get(name);
        metrics.begun();
        int status = 200;
        Exchange exchange =
                new Exchange(request, response, options, request.remotePeer().host());
        try {
            String client = gate.admit(request, response, path, page.paths().contains(path));
            exchange = new Exchange(request, response, options, client);
            dispatch(exchange, route, method, path);
            status = response.status().code();
        } catch (Exchange.Gone e) {
            status = 499; // nginx's number for it
            throw e.getCause() instanceof RuntimeException cause ? cause : e;
        } catch (ServeException e) {
            status = fail(exchange, response, e);
        } catch (HttpException e) {
            status = fail(exchange, response, ServeException.invalid(null, String.valueOf(e.getMessage())));
        } catch (RuntimeException | Error e) {
            LOG.log(Level.ERROR, "unexpected " + e.getClass().getSimpleName() + " while answering " + name, e);
            status = fail(
                    exchange, response, ServeException.internal("the server made a mistake: its log says more", e));
        } finally {
            long nanos = System.nanoTime() - began;
            metrics.ended(route == null ? "other" : name, status, nanos);
            if (route != null && method.equals("POST")) {
                LOG.log(
                        Level.INFO,
                        "{0} {1} {2} {3} ms",
                        method,
                        name,
                        Integer.toString(status),
                        Long.toString(nanos / 1_000_000));
            }
        }
        closeIfAsked(request, response);
    }

    /** Helidon echoes {@code Connection: close} and leaves the connection open. */
    private static void closeIfAsked(ServerRequest request, ServerResponse response) {
        boolean asked = request.headers()
                .first(HeaderNames.CONNECTION)
                .map("close"::equalsIgnoreCase)
                .orElse(false);
        boolean said = response.headers()
                .first(HeaderNames.CONNECTION)
                .map("close"::equalsIgnoreCase)
                .orElse(false);
        if (asked || said) {
            CloseConnectionException close = new CloseConnectionException("asked to close");
            if (response.isSent()) {
                throw close;
            }
            response.whenSent(
                    () -> { // a stream's last chunk is written when we have returned
                        throw close;
                    });
        }
    }

    private static void dispatch(Exchange exchange, @Nullable Route route, String method, String path) {
        if (route == null) {
            throw ServeException.noRoute(method, path);
        }
        if (method.equals("OPTIONS")) {
            exchange.send(204, "text/plain", new byte[0]);
        } else if (method.equals(route.method())
                || (method.equals("HEAD") && route.method().equals("GET"))) {
            route.handler().accept(exchange);
        } else {
            throw ServeException.wrongMethod(method, path);
        }
    }

    /** Sends the error: as the answer, or into the stream that has begun. */
    private static int fail(Exchange exchange, ServerResponse response, ServeException e) {
        try {
            if (exchange.begun()) {
                exchange.fail(e);
            } else {
                Duration retry = e.retryAfter();
                if (retry != null) {
                    response.header("Retry-After", Long.toString(Math.max(1, retry.toSeconds())));
                }
                exchange.send(e.status(), "application/json", Json.bytes(e.body()));
            }
        } catch (Exchange.Gone gone) {
            return 499;
        }
        return e.status();
    }
}
