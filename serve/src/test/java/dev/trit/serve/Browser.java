package dev.trit.serve;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.net.http.WebSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Base64;
import java.util.Collections;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/** A headless Chromium with one page, steered by its DevTools protocol. */
final class Browser implements AutoCloseable, WebSocket.Listener {
    private static final List<String> NAMES = List.of("chromium", "chromium-browser", "google-chrome");

    private final Process process;
    private final Path profile;
    private final HttpClient client = HttpClient.newHttpClient();
    private final WebSocket socket;
    private final AtomicInteger ids = new AtomicInteger();
    private final Map<Integer, CompletableFuture<JsonNode>> calls = new ConcurrentHashMap<>();
    private final StringBuilder held = new StringBuilder();

    /** What the page complained about: uncaught errors, console errors, violations of its policy. */
    final List<String> complaints = Collections.synchronizedList(new ArrayList<>());

    /** Every address that was asked for. */
    final List<String> requests = Collections.synchronizedList(new ArrayList<>());

    private Browser(Process process, Path profile, String devTools) throws Exception {
        this.process = process;
        this.profile = profile;
        URI debugger = URI.create(devTools);
        URI create = URI.create("http://127.0.0.1:" + debugger.getPort() + "/json/new?about:blank");
        String page = client.send(
                        HttpRequest.newBuilder(create)
                                .PUT(HttpRequest.BodyPublishers.noBody())
                                .build(),
                        BodyHandlers.ofString())
                .body();
        String address = Json.parse(page.getBytes(StandardCharsets.UTF_8))
                .path("webSocketDebuggerUrl")
                .asString();
        this.socket = client.newWebSocketBuilder()
                .buildAsync(URI.create(address), this)
                .join();
        for (String domain : List.of("Page", "Runtime", "Network", "Log", "Accessibility")) {
            call(domain + ".enable", Map.of());
        }
    }

    /** The program, if this machine has one. */
    static Optional<Path> program() {
        String path = Objects.requireNonNullElse(System.getenv("PATH"), "");
        return Stream.of(path.split(":"))
                .flatMap(folder -> NAMES.stream().map(name -> Path.of(folder, name)))
                .filter(Files::isExecutable)
                .findFirst();
    }

    static Browser start(Path program) throws Exception {
        Path profile = Files.createTempDirectory("trit-browser");
        Process process = new ProcessBuilder(
                        program.toString(),
                        "--headless=new",
                        "--no-sandbox",
                        "--disable-gpu",
                        "--disable-dev-shm-usage",
                        "--no-first-run",
                        "--disable-breakpad",
                        "--remote-debugging-port=0",
                        "--remote-allow-origins=*",
                        "--user-data-dir=" + profile)
                .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .start();
        BufferedReader errors =
                new BufferedReader(new InputStreamReader(process.getErrorStream(), StandardCharsets.UTF_8));
        for (String line = errors.readLine(); line != null; line = errors.readLine()) {
            if (line.startsWith("DevTools listening on ")) {
                Thread.ofVirtual().start(() -> drain(errors));
                return new Browser(process, profile, line.substring("DevTools listening on ".length()));
            }
        }
        throw new IOException("Chromium ended without a DevTools address");
    }

    private static void drain(BufferedReader errors) {
        errors.lines().forEach(line -> {});
    }

    JsonNode call(String method, Map<String, ?> parameters) throws Exception {
        int id = ids.incrementAndGet();
        CompletableFuture<JsonNode> answer = new CompletableFuture<>();
        calls.put(id, answer);
        socket.sendText(Json.text(Map.of("id", id, "method", method, "params", parameters)), true)
                .join();
        JsonNode result = answer.get(60, TimeUnit.SECONDS);
        if (result.has("error")) {
            throw new IllegalStateException(method + ": " + result.path("error"));
        }
        return result.path("result");
    }

    /** The value of an expression; promises are waited for. */
    JsonNode evaluate(String expression) throws Exception {
        JsonNode result =
                call("Runtime.evaluate", Map.of("expression", expression, "awaitPromise", true, "returnByValue", true));
        if (result.has("exceptionDetails")) {
            throw new IllegalStateException(expression + ": " + result.path("exceptionDetails"));
        }
        return result.at("/result/value");
    }

    void open(String address) throws Exception {
        call("Page.navigate", Map.of("url", address));
        await("document.readyState === 'complete' && !!document.querySelector('#model option')");
    }

    /** Waits until an expression is true. */
    void await(String expression) throws Exception {
        for (int i = 0; i < 600; i++) {
            if (evaluate(expression).asBoolean(false)) {
                return;
            }
            Thread.sleep(50);
        }
        throw new AssertionError("never true: " + expression + "; complaints: " + complaints);
    }

    void type(String text) throws Exception {
        call("Input.insertText", Map.of("text", text));
    }

    /** @param code as {@code KeyboardEvent.code} */
    void press(String key, String code, int virtualKey, int modifiers) throws Exception {
        Map<String, Object> event =
                Map.of("key", key, "code", code, "windowsVirtualKeyCode", virtualKey, "modifiers", modifiers);
        for (String type : List.of("rawKeyDown", "keyUp")) {
            var with = new HashMap<>(event);
            with.put("type", type);
            call("Input.dispatchKeyEvent", with);
        }
    }

    void screenshot(Path file, int width, int height) throws Exception {
        call(
                "Emulation.setDeviceMetricsOverride",
                Map.of("width", width, "height", height, "deviceScaleFactor", 1, "mobile", false));
        Thread.sleep(300); // layout and fonts
        String png = call("Page.captureScreenshot", Map.of("format", "png"))
                .path("data")
                .asString();
        Files.createDirectories(Objects.requireNonNull(file.toAbsolutePath().getParent()));
        Files.write(file, Base64.getDecoder().decode(png));
    }

    @Override
    public @Nullable CompletionStage<?> onText(WebSocket from, CharSequence data, boolean last) {
        held.append(data);
        if (last) {
            JsonNode message = Json.parse(held.toString().getBytes(StandardCharsets.UTF_8));
            held.setLength(0);
            hear(message);
        }
        from.request(1);
        return null;
    }

    private void hear(JsonNode message) {
        if (message.has("id")) {
            CompletableFuture<JsonNode> call = calls.remove(message.path("id").asInt());
            if (call != null) {
                call.complete(message);
            }
            return;
        }
        switch (message.path("method").asString("")) {
            case "Network.requestWillBeSent" ->
                requests.add(message.at("/params/request/url").asString(""));
            case "Runtime.exceptionThrown" ->
                complaints.add(message.at("/params/exceptionDetails").toString());
            case "Log.entryAdded" -> {
                if (message.at("/params/entry/level").asString("").equals("error")) {
                    complaints.add(message.at("/params/entry/text").asString("") + " "
                            + message.at("/params/entry/url").asString(""));
                }
            }
            default -> {}
        }
    }

    /** Ends the program with all that it started, then removes its profile, into which they write to the last. */
    @Override
    public void close() throws Exception {
        socket.abort();
        client.close();
        List<ProcessHandle> children = process.descendants().toList();
        process.destroy();
        if (!process.waitFor(10, TimeUnit.SECONDS)) {
            process.destroyForcibly().waitFor();
        }
        children.forEach(ProcessHandle::destroyForcibly);
        remove(profile, 20);
    }

    /** Files that appear while their folder is being emptied make it fail once or twice. */
    private static void remove(Path folder, int tries) throws Exception {
        try (Stream<Path> files = Files.walk(folder)) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.deleteIfExists(file);
            }
        } catch (IOException | UncheckedIOException e) {
            if (tries == 1) {
                System.err.println("left " + folder + ": " + e); // a browser's remains say nothing about the page
                return;
            }
            Thread.sleep(250);
            remove(folder, tries - 1);
        }
    }
}
