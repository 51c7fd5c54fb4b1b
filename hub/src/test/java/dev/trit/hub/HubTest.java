package dev.trit.hub;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.ProxySelector;
import java.net.ServerSocket;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class HubTest {
    private static final String GGUF = "tern-i2_s.gguf";
    private static final int CHUNK = 64 << 10;
    private static final byte[] BYTES = random(1_000_003); // 16 ranges, the last one short

    @TempDir
    private Path cache;

    private final HubServer server = new HubServer().with(GGUF, BYTES);

    @AfterEach
    void stop() {
        server.close();
    }

    private static byte[] random(int size) {
        byte[] bytes = new byte[size];
        new Random(7).nextBytes(bytes);
        return bytes;
    }

    private Hub hub(@Nullable String token, boolean offline) {
        var settings = new HubSettings(server.endpoint(), cache, token, offline, ProxySelector.getDefault());
        return new Hub(settings, Duration.ofMillis(1), CHUNK);
    }

    private Path pull(String name) {
        return hub(null, false).pull(ModelName.of(name), "main", PullListener.SILENT);
    }

    private Path folder() {
        return cache.resolve("models--acme--tern");
    }

    private Path incomplete() {
        return folder().resolve("blobs").resolve(HubServer.sha256(BYTES) + ".incomplete");
    }

    @Test
    void writesTheCacheAsTheHubsOwnLibraryDoes() throws IOException {
        Path file = pull("acme/tern");
        assertThat(file)
                .isEqualTo(
                        folder().resolve("snapshots").resolve(HubServer.COMMIT).resolve(GGUF));
        assertThat(file).hasBinaryContent(BYTES);
        assertThat(Files.readSymbolicLink(file)).isEqualTo(Path.of("../../blobs", HubServer.sha256(BYTES)));
        assertThat(folder().resolve("refs/main")).hasContent(HubServer.COMMIT);
        assertThat(folder().resolve("blobs"))
                .isDirectoryContaining(blob -> !blob.toString().endsWith(".incomplete"));
        assertThat(server.requestsWith("storage GET")).as("ranges").isEqualTo(16);
        assertThat(cache.resolveSibling("outside.gguf")).doesNotExist();
    }

    @Test
    void secondPullFetchesNothing() {
        pull("acme/tern");
        server.requests.clear();
        pull("acme/tern");
        assertThat(server.requestsWith("GET /lfs")).isZero();
    }

    @Test
    void goesOnWhereAKilledPullStopped() throws IOException {
        Files.createDirectories(incomplete().getParent());
        Files.write(incomplete(), Arrays.copyOf(BYTES, 700_000));
        assertThat(pull("acme/tern")).hasBinaryContent(BYTES);
        assertThat(server.requestsWith("signature=0 bytes=700000-")).isEqualTo(1);
        assertThat(server.requestsWith("bytes=0-")).isZero();
        assertThat(incomplete()).doesNotExist();
    }

    @Test
    void aDamagedBeginningIsFetchedAgain() throws IOException {
        Files.createDirectories(incomplete().getParent());
        Files.write(incomplete(), new byte[500_000]);
        assertThat(pull("acme/tern")).hasBinaryContent(BYTES);
        assertThat(server.requestsWith("signature=0 bytes=0-")).isEqualTo(1);
    }

    @Test
    void cutConnectionsAreTakenUpInTheMiddle() {
        server.cuts.set(5);
        assertThat(pull("acme/tern")).hasBinaryContent(BYTES);
        assertThat(server.requestsWith("storage GET")).as("one more for each").isEqualTo(21);
    }

    @Test
    void aServerThatAlwaysCutsIsGivenUpWithWhatArrivedKept() throws IOException {
        server.ranges = false;
        server.cuts.set(1000);
        assertThatThrownBy(() -> pull("acme/tern"))
                .isInstanceOf(HubException.class)
                .hasMessageContaining("connection");
        assertThat(Files.size(incomplete())).isPositive();
        assertThat(hub(null, false).find(ModelName.of("acme/tern"))).isEmpty();
        assertThat(hub(null, false).list())
                .singleElement()
                .satisfies(m -> assertThat(m.complete()).isFalse());
    }

    @Test
    void waitsAsLongAsABusyServerAsks() {
        server.busy.set(1);
        long began = System.nanoTime();
        assertThat(pull("acme/tern")).hasBinaryContent(BYTES);
        assertThat(Duration.ofNanos(System.nanoTime() - began)).isGreaterThan(Duration.ofMillis(950));
    }

    @Test
    void asksTheHubAgainWhenASignedAddressExpires() {
        server.expireEvery = 5;
        assertThat(pull("acme/tern")).hasBinaryContent(BYTES);
        assertThat(server.requestsWith("hub GET /acme")).as("asked again").isGreaterThanOrEqualTo(3);
    }

    @Test
    void takesWholeFilesFromAServerWithoutRanges() {
        server.ranges = false;
        server.cuts.set(1);
        assertThat(pull("acme/tern")).hasBinaryContent(BYTES);
    }

    @Test
    void wrongBytesAreRefusedAndRemoved() {
        server.damaged = true;
        assertThatThrownBy(() -> pull("acme/tern"))
                .isInstanceOf(HubException.class)
                .hasMessageContaining("damaged on the way")
                .hasMessageContaining(HubServer.sha256(BYTES));
        assertThat(incomplete()).doesNotExist();
        assertThat(folder().resolve("snapshots")).doesNotExist();
    }

    @Test
    void wrongBytesOfSmallFilesAreRefusedToo() {
        byte[] config = "{}".getBytes(UTF_8);
        assertThat(HubServer.gitHash(config)).isEqualTo("9e26dfeeb6e641a33dae4961196235bdb965b21b"); // git hash-object
        var hash = new BlobHash(HubServer.gitHash(config), 2);
        hash.update("[]".getBytes(UTF_8), 0, 2);
        assertThat(hash.mismatch()).isNotNull();
    }

    @Test
    void tokenGoesToTheHubAndNowhereElse() {
        server.token = "hf_secret";
        Path file = hub("hf_secret", false).pull(ModelName.of("acme/tern"), "main", PullListener.SILENT);
        assertThat(file).hasBinaryContent(BYTES);
        assertThat(server.requests).filteredOn(r -> r.startsWith("hub")).allMatch(r -> r.contains("hf_secret"));
        assertThat(server.requests).filteredOn(r -> r.startsWith("storage")).noneMatch(r -> r.contains("hf_secret"));
        assertThat(new HubSettings(server.endpoint(), cache, "hf_secret", false, ProxySelector.getDefault()).toString())
                .doesNotContain("hf_secret");
    }

    @ParameterizedTest
    @CsvSource({
        "401, '', set HF_TOKEN",
        "403, GatedRepo, accept the terms",
        "404, RepoNotFound, no such repository",
        "404, RevisionNotFound, no such revision",
        "407, '', proxy wants a login",
        "418, '', answered 418"
    })
    void refusalsSayWhatToDo(int status, String code, String words) {
        server.refusal = status;
        server.errorCode = code;
        assertThatThrownBy(() -> pull("acme/tern"))
                .isInstanceOf(HubException.class)
                .hasMessageStartingWith("acme/tern: ")
                .hasMessageContaining(words);
    }

    @Test
    void nobodyThereIsSaidAtOnce() throws IOException {
        int free;
        try (ServerSocket socket = new ServerSocket(0)) {
            free = socket.getLocalPort();
        }
        var settings =
                new HubSettings(URI.create("http://127.0.0.1:" + free), cache, null, false, ProxySelector.getDefault());
        assertThatThrownBy(() -> new Hub(settings).pull(ModelName.of("acme/tern"), "main", PullListener.SILENT))
                .hasMessageContaining("no connection")
                .hasMessageContaining("HTTPS_PROXY");
    }

    @Test
    void offlineUsesWhatIsHere() {
        assertThatThrownBy(() -> hub(null, true).pull(ModelName.of("acme/tern"), "main", PullListener.SILENT))
                .hasMessageContaining("HF_HUB_OFFLINE");
        Path file = pull("acme/tern");
        server.requests.clear();
        assertThat(hub(null, true).pull(ModelName.of("acme/tern"), "main", PullListener.SILENT))
                .isEqualTo(file);
        assertThat(server.requests).isEmpty();
    }

    @Test
    void progressNeverGoesBackAndEndsAtTheTotal() {
        List<Long> seen = new ArrayList<>();
        hub(null, false).pull(ModelName.of("acme/tern"), "main", new PullListener() {
            @Override
            public void at(String file, long done, long total) {
                assertThat(total).isEqualTo(BYTES.length);
                seen.add(done);
            }
        });
        assertThat(seen).isSorted().endsWith((long) BYTES.length).hasSizeGreaterThan(10);
    }

    @Test
    void aCheckpointBringsItsConfigAndTokenizer() {
        HubServer plain = new HubServer()
                .with("config.json", "{}".getBytes(UTF_8))
                .with("tokenizer.json", "{\"a\":1}".getBytes(UTF_8))
                .with("README.md", "words".getBytes(UTF_8))
                .with("pytorch_model.bin", new byte[9])
                .with("consolidated.safetensors", random(90))
                .with("model-00001-of-00002.safetensors", random(100_000))
                .with("model-00002-of-00002.safetensors", random(50_000))
                .with(
                        "model.safetensors.index.json",
                        "{\"weight_map\":{\"a\":\"model-00001-of-00002.safetensors\",\"b\":\"model-00002-of-00002.safetensors\"}}"
                                .getBytes(UTF_8));
        try (plain) {
            var settings = new HubSettings(plain.endpoint(), cache, null, false, ProxySelector.getDefault());
            Hub hub = new Hub(settings, Duration.ofMillis(1), CHUNK);
            Path folder = hub.pull(ModelName.of("acme/tern"), "main", PullListener.SILENT);
            assertThat(HubCache.files(folder).stream().map(RepoFile::path))
                    .containsExactly(
                            "config.json",
                            "model-00001-of-00002.safetensors",
                            "model-00002-of-00002.safetensors",
                            "model.safetensors.index.json",
                            "tokenizer.json");
            assertThat(hub.find(ModelName.of("acme/tern"))).contains(folder);
            folder.resolve("model-00002-of-00002.safetensors").toFile().delete();
            assertThat(hub.find(ModelName.of("acme/tern")))
                    .as("a part is missing")
                    .isEmpty();
        }
    }

    @Test
    void listsAndRemoves() throws IOException {
        server.with("tern-q8_0.gguf", random(5000));
        Path first = pull("acme/tern");
        pull("acme/tern:Q8_0");
        Hub hub = hub(null, false);
        assertThat(hub.list().stream().map(CachedModel::name))
                .containsExactly("acme/tern:tern-i2_s.gguf", "acme/tern:tern-q8_0.gguf");
        assertThat(hub.list().getFirst())
                .isEqualTo(new CachedModel(
                        "acme/tern:" + GGUF, BYTES.length, HubServer.COMMIT, HubCache.fetched(first), first, true));
        assertThat(hub.remove(ModelName.of("acme/tern:q8_0"))).isEqualTo(5000);
        assertThat(first).hasBinaryContent(BYTES);
        assertThat(hub.remove(ModelName.of("acme/tern:" + GGUF))).isGreaterThanOrEqualTo(BYTES.length);
        try (Stream<Path> left = Files.walk(cache)) {
            assertThat(left.filter(Files::isRegularFile)).isEmpty();
        }
        assertThatThrownBy(() -> hub.remove(ModelName.of("acme/tern"))).hasMessageContaining("not on this machine");
    }
}
