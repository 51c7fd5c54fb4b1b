package dev.trit.hub;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import tools.jackson.databind.json.JsonMapper;

/**
 * A hub for tests: one that speaks the protocol, and a second server that holds the large files, as the real one has.
 * Faults are switched on by its fields.
 */
final class HubServer implements AutoCloseable {
    static final String REPO = "acme/tern";
    static final String COMMIT = "0123456789abcdef0123456789abcdef01234567";

    private final HttpServer hub = start();
    private final HttpServer storage = start();
    private final Map<String, byte[]> files = new TreeMap<>();

    /** {@code METHOD PATH RANGE} of every request, and whether it carried a token. */
    final List<String> requests = Collections.synchronizedList(new ArrayList<>());

    /** Answers of storage that break off half-way. */
    final AtomicInteger cuts = new AtomicInteger();

    /** Answers of storage that ask for patience. */
    final AtomicInteger busy = new AtomicInteger();

    /** After so many answers of storage its signed addresses expire and the hub hands out new ones. */
    volatile int expireEvery = Integer.MAX_VALUE;

    private final AtomicInteger answers = new AtomicInteger();

    volatile boolean ranges = true;
    volatile boolean damaged;
    volatile int refusal;
    volatile String errorCode = "";
    volatile String token = "";

    HubServer() {
        hub.createContext("/", this::answerHub);
        storage.createContext("/", this::answerStorage);
    }

    private static HttpServer start() {
        try {
            HttpServer server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
            server.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
            server.start();
            return server;
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }

    HubServer with(String file, byte[] bytes) {
        files.put(file, bytes);
        return this;
    }

    URI endpoint() {
        return address(hub);
    }

    private static URI address(HttpServer server) {
        return URI.create("http://127.0.0.1:" + server.getAddress().getPort());
    }

    static String sha256(byte[] bytes) {
        return hash("SHA-256", bytes);
    }

    /** git's name for a file. */
    static String gitHash(byte[] bytes) {
        byte[] head = ("blob " + bytes.length + "\0").getBytes(UTF_8);
        byte[] all = new byte[head.length + bytes.length];
        System.arraycopy(head, 0, all, 0, head.length);
        System.arraycopy(bytes, 0, all, head.length, bytes.length);
        return hash("SHA-1", all);
    }

    private static String hash(String algorithm, byte[] bytes) {
        try {
            return HexFormat.of().formatHex(MessageDigest.getInstance(algorithm).digest(bytes));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }

    static boolean isLarge(String file) {
        return file.endsWith(".gguf") || file.endsWith(".safetensors");
    }

    long requestsWith(String part) {
        return List.copyOf(requests).stream()
                .filter(line -> line.contains(part))
                .count();
    }

    private void note(String server, HttpExchange exchange) {
        String authorization = exchange.getRequestHeaders().getFirst("Authorization");
        String range = exchange.getRequestHeaders().getFirst("Range");
        requests.add(server + " " + exchange.getRequestMethod() + " " + exchange.getRequestURI() + " " + range
                + (authorization == null ? "" : " with " + authorization));
    }

    private void answerHub(HttpExchange exchange) throws IOException {
        note("hub", exchange);
        try (exchange) {
            String path = exchange.getRequestURI().getPath();
            boolean known = token.isEmpty()
                    || ("Bearer " + token).equals(exchange.getRequestHeaders().getFirst("Authorization"));
            if (refusal != 0 || !known) {
                exchange.getResponseHeaders().set("X-Error-Code", errorCode);
                exchange.sendResponseHeaders(known ? refusal : 401, -1);
            } else if (path.equals("/api/models/" + REPO + "/revision/main")) {
                byte[] body = JsonMapper.shared().writeValueAsBytes(listing());
                exchange.sendResponseHeaders(200, body.length);
                exchange.getResponseBody().write(body);
            } else if (path.startsWith("/" + REPO + "/resolve/" + COMMIT + "/")) {
                resolve(exchange, path.substring(("/" + REPO + "/resolve/" + COMMIT + "/").length()));
            } else {
                exchange.getResponseHeaders().set("X-Error-Code", "RepoNotFound");
                exchange.sendResponseHeaders(404, -1);
            }
        }
    }

    private Map<String, Object> listing() {
        List<Map<String, Object>> siblings = new ArrayList<>();
        files.forEach((file, bytes) -> siblings.add(Map.of("rfilename", file, "size", bytes.length)));
        siblings.add(Map.of("rfilename", "../../outside.gguf", "size", 1));
        return Map.of("id", REPO, "sha", COMMIT, "siblings", siblings);
    }

    private void resolve(HttpExchange exchange, String file) throws IOException {
        byte[] bytes = files.get(file);
        if (bytes == null) {
            exchange.getResponseHeaders().set("X-Error-Code", "EntryNotFound");
            exchange.sendResponseHeaders(404, -1);
            return;
        }
        exchange.getResponseHeaders().set("X-Repo-Commit", COMMIT);
        if (isLarge(file)) {
            exchange.getResponseHeaders().set("X-Linked-Etag", "\"" + sha256(bytes) + "\"");
            exchange.getResponseHeaders().set("X-Linked-Size", Integer.toString(bytes.length));
            exchange.getResponseHeaders().set("ETag", "\"of the redirect\"");
            exchange.getResponseHeaders()
                    .set("Location", address(storage) + "/lfs/" + file + "?signature=" + answers.get() / expireEvery);
            exchange.sendResponseHeaders(302, -1);
        } else {
            exchange.getResponseHeaders().set("ETag", "W/\"" + gitHash(bytes) + "\"");
            send(exchange, bytes);
        }
    }

    private void answerStorage(HttpExchange exchange) throws IOException {
        note("storage", exchange);
        try (exchange) {
            if (busy.getAndUpdate(n -> Math.max(0, n - 1)) > 0) {
                exchange.getResponseHeaders().set("Retry-After", "1");
                exchange.sendResponseHeaders(503, -1);
            } else if (!exchange.getRequestURI().getQuery().equals("signature=" + answers.get() / expireEvery)) {
                exchange.sendResponseHeaders(403, -1);
            } else {
                answers.incrementAndGet();
                String file = exchange.getRequestURI().getPath().substring("/lfs/".length());
                byte[] bytes = Objects.requireNonNull(files.get(file)).clone();
                bytes[bytes.length / 2] ^= (byte) (damaged ? 1 : 0);
                send(exchange, bytes);
            }
        }
    }

    private void send(HttpExchange exchange, byte[] bytes) throws IOException {
        String range = exchange.getRequestHeaders().getFirst("Range");
        int from = 0;
        int to = bytes.length;
        boolean part = ranges && range != null;
        if (part) {
            String[] ends = range.substring("bytes=".length()).split("-");
            from = Integer.parseInt(ends[0]);
            to = Integer.parseInt(ends[1]) + 1;
            exchange.getResponseHeaders().set("Content-Range", "bytes " + from + "-" + (to - 1) + "/" + bytes.length);
        }
        boolean head = exchange.getRequestMethod().equals("HEAD");
        if (head) {
            exchange.getResponseHeaders().set("Content-Length", Integer.toString(to - from));
        }
        exchange.sendResponseHeaders(part ? 206 : 200, head ? -1 : to - from);
        if (!head) {
            boolean cut = cuts.getAndUpdate(n -> Math.max(0, n - 1)) > 0;
            OutputStream body = exchange.getResponseBody();
            body.write(bytes, from, cut ? (to - from) / 2 : to - from);
            body.flush();
        }
    }

    @Override
    public void close() {
        hub.stop(0);
        storage.stop(0);
    }
}
