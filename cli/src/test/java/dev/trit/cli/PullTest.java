package dev.trit.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.json.JsonMapper;

/** {@code pull}, {@code list} and {@code rm} as processes of their own, since the environment steers them. */
class PullTest {
    private static final String COMMIT = "89abcdef0123456789abcdef0123456789abcdef";

    @TempDir
    private Path folder;

    private final List<String> ranges = Collections.synchronizedList(new ArrayList<>());
    private final CountDownLatch released = new CountDownLatch(1);
    private Path served = Path.of(Fixtures.path("llama-dense-tiny"));
    private boolean holdsAfterFirstRange;
    private HttpServer hub;

    @BeforeEach
    void start() throws IOException {
        hub = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        hub.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
        hub.createContext("/api/models/acme/tern/revision/main", this::list);
        hub.createContext("/acme/tern/resolve/" + COMMIT + "/", this::send);
        hub.start();
    }

    @AfterEach
    void stop() {
        released.countDown();
        hub.stop(0);
    }

    private void list(HttpExchange exchange) throws IOException {
        try (exchange;
                Stream<Path> files = Files.list(served)) {
            List<?> siblings = files.map(file -> Map.of(
                            "rfilename",
                            file.getFileName().toString(),
                            "size",
                            file.toFile().length()))
                    .toList();
            byte[] body = JsonMapper.shared().writeValueAsBytes(Map.of("sha", COMMIT, "siblings", siblings));
            exchange.sendResponseHeaders(200, body.length);
            exchange.getResponseBody().write(body);
        }
    }

    private void send(HttpExchange exchange) throws IOException {
        try (exchange) {
            String path = exchange.getRequestURI().getPath();
            byte[] bytes = Files.readAllBytes(served.resolve(path.substring(path.lastIndexOf('/') + 1)));
            exchange.getResponseHeaders().set("ETag", "\"" + sha256(bytes) + "\"");
            if (exchange.getRequestMethod().equals("HEAD")) {
                exchange.getResponseHeaders().set("Content-Length", Integer.toString(bytes.length));
                exchange.sendResponseHeaders(200, -1);
                return;
            }
            String range = exchange.getRequestHeaders().getFirst("Range").substring("bytes=".length());
            ranges.add(range);
            int from = Integer.parseInt(range.split("-")[0]);
            int to = Integer.parseInt(range.split("-")[1]) + 1;
            if (holdsAfterFirstRange && from > 0) {
                released.await();
            }
            exchange.getResponseHeaders().set("Content-Range", "bytes " + range + "/" + bytes.length);
            exchange.sendResponseHeaders(206, to - from);
            exchange.getResponseBody().write(bytes, from, to - from);
        } catch (InterruptedException e) {
            throw new IOException(e);
        }
    }

    private static String sha256(byte[] bytes) {
        try {
            return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }

    private Child begin(String... args) throws IOException {
        Map<String, String> environment = Map.of(
                "HF_HOME",
                folder.resolve("hf").toString(),
                "HF_ENDPOINT",
                "http://127.0.0.1:" + hub.getAddress().getPort());
        return Child.start(folder, environment, args);
    }

    private Captured run(String... args) throws Exception {
        return begin(args).end();
    }

    @Test
    void whatWasPulledRunsByNameAndCanBeRemoved() throws Exception {
        Captured before = run("run", "x", "-m", "acme/tern");
        assertThat(before.status()).isEqualTo(ExitCode.NO_FILE.status());
        assertThat(before.err()).contains("trit pull acme/tern").hasLineCount(1);

        Captured pulled = run("pull", "acme/tern");
        assertThat(pulled.err()).isEmpty();
        assertThat(pulled.status()).isZero();
        assertThat(Path.of(pulled.out().strip()).resolve("model.safetensors"))
                .hasSameBinaryContentAs(served.resolve("model.safetensors"));

        Captured there = Captured.trit("run", "hello", "-m", served.toString(), "-n", "9", "--seed", "2");
        Captured byName = run("run", "hello", "-m", "acme/tern", "-n", "9", "--seed", "2");
        assertThat(byName.out()).isEqualTo(there.out());

        Captured listed = run("list", "--json");
        assertThat(JsonMapper.shared()
                        .readTree(listed.out())
                        .path(0)
                        .path("name")
                        .asString(""))
                .isEqualTo("acme/tern");
        assertThat(run("rm", "acme/tern").err()).contains("removed acme/tern");
        assertThat(run("list", "--json").out()).isEqualTo("[ ]\n");
        assertThat(run("rm", "acme/tern").err()).contains("not on this machine").hasLineCount(1);
    }

    @Test
    void aKilledPullIsTakenUpAgain() throws Exception {
        served = folder.resolve("served");
        byte[] bytes = new byte[(20 << 20) + 5];
        new Random(3).nextBytes(bytes);
        Files.createDirectories(served);
        Files.write(served.resolve("big-i2_s.gguf"), bytes);
        holdsAfterFirstRange = true;
        Path unfinished = folder.resolve("hf/hub/models--acme--tern/blobs/" + sha256(bytes) + ".incomplete");

        Child process = begin("pull", "acme/tern");
        for (int i = 0; i < 200 && !(Files.exists(unfinished) && Files.size(unfinished) >= 8 << 20); i++) {
            Thread.sleep(50);
        }
        process.kill();
        assertThat(unfinished).hasSize(8 << 20);
        assertThat(run("list").out()).contains("acme/tern", "unfinished");

        holdsAfterFirstRange = false;
        ranges.clear();
        Captured again = run("pull", "acme/tern:I2_S", "--json");
        assertThat(again.status()).isZero();
        assertThat(ranges).isNotEmpty().noneMatch(range -> range.startsWith("0-"));
        Path model =
                Path.of(JsonMapper.shared().readTree(again.out()).path("path").asString(""));
        assertThat(model).hasBinaryContent(bytes);
        assertThat(unfinished).doesNotExist();
    }

    @Test
    void shortNamesComeWithLicenceAndSize() {
        Captured listed = Captured.trit("pull");
        assertThat(listed.out()).contains("2b4t", "1.19 GB", "MIT").contains("falcon-e-3b");
        Captured unknown = Captured.trit("pull", "bitnet");
        assertThat(unknown.status()).isEqualTo(ExitCode.FAILURE.status());
        assertThat(unknown.err()).contains("falcon-e-3b").hasLineCount(1);
    }
}
