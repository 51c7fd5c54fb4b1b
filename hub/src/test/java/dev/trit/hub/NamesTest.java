package dev.trit.hub;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Proxy;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What users write: names, quantizations, environment. */
class NamesTest {
    private static List<RepoFile> files(String... paths) {
        return Arrays.stream(paths).map(path -> new RepoFile(path, 1)).toList();
    }

    private static FileChoice choose(String name, String... paths) {
        return FileChoice.of(ModelName.of(name), files(paths), "acme/tern");
    }

    @Test
    void shortNamesStandForRepositories() {
        assertThat(ModelName.of("2B4T"))
                .isEqualTo(new ModelName("microsoft/bitnet-b1.58-2B-4T-gguf", "ggml-model-i2_s.gguf"));
        assertThat(ModelName.of("acme/tern:Q8_0")).isEqualTo(new ModelName("acme/tern", "Q8_0"));
        assertThat(ModelName.of("acme/tern")).hasToString("acme/tern");
        assertThatThrownBy(() -> ModelName.of("2b4"))
                .hasMessageContaining("2b4t")
                .hasMessageContaining("falcon-e-3b");
    }

    @Test
    void theTableOfShortNamesIsSound() {
        assertThat(KnownModel.ALL).allSatisfy(model -> {
            assertThat(ModelName.of(model.name())).isEqualTo(new ModelName(model.repo(), model.file()));
            assertThat(model.bytes()).isBetween(100_000_000L, 20_000_000_000L);
        });
        assertThat(KnownModel.ALL).isSortedAccordingTo((a, b) -> Long.compare(a.bytes(), b.bytes()));
        assertThat(new HashSet<>(KnownModel.ALL.stream().map(KnownModel::name).toList()))
                .hasSameSizeAs(KnownModel.ALL);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "../x",
                "a/../b",
                "/etc/passwd",
                "a/b:../../c",
                "a/b:/etc/passwd",
                "a/b:",
                "a/b:x/../y",
                "a--b/c",
                "a/b:c\\d",
                "a/b/c",
                "",
                ":",
                "a/b:./x"
            })
    void namesThatCouldLeaveTheCacheAreRefused(String name) {
        assertThat(ModelName.isName(name)).isFalse();
        assertThatThrownBy(() -> ModelName.of(name)).isInstanceOf(HubException.class);
    }

    @ParameterizedTest
    @CsvSource({
        "acme/tern, m-q4_1.gguf m-tq1_0.gguf m-f16.gguf, m-tq1_0.gguf",
        "acme/tern, ggml-model-i2_s.gguf ggml-model-f32.gguf, ggml-model-i2_s.gguf",
        "acme/tern, mmproj-f16.gguf odd.gguf, odd.gguf",
        "acme/tern:q4_k_m, x.Q4_K_M.gguf x.Q4_K_S.gguf, x.Q4_K_M.gguf",
        "acme/tern:sub/x.gguf, x.gguf sub/x.gguf, sub/x.gguf",
        "acme/tern:bf16, BF16/x-00001-of-00002.gguf BF16/x-00002-of-00002.gguf y-f16.gguf, BF16/x-00001-of-00002.gguf",
        "acme/tern:f16, x-bf16.gguf x-f16.gguf, x-f16.gguf"
    })
    void choosesTheFile(String name, String there, String expected) {
        assertThat(choose(name, there.split(" ")).file()).isEqualTo(expected);
    }

    @Test
    void aSplitFileIsTakenWhole() {
        FileChoice choice = choose("acme/tern", "x-q8_0-00002-of-00002.gguf", "x-q8_0-00001-of-00002.gguf");
        assertThat(choice.file()).isEqualTo("x-q8_0-00001-of-00002.gguf");
        assertThat(choice.all()).hasSize(2);
    }

    @ParameterizedTest
    @CsvSource({
        "acme/tern:q5_0, a-q8_0.gguf b-q4_0.gguf, it holds a-q8_0.gguf",
        "acme/tern:q8_0, a-q8_0.gguf b-q8_0.gguf, fits several",
        "acme/tern, README.md pytorch_model.bin, no model that Trit reads"
    })
    void whatDoesNotFitNamesWhatThereIs(String name, String there, String words) {
        assertThatThrownBy(() -> choose(name, there.split(" "))).hasMessageContaining(words);
    }

    @Test
    void environmentMeansWhatItMeansToOtherTools(@TempDir Path home) throws IOException {
        String h = home.toString();
        assertThat(HubSettings.of(Map.of("HOME", h)).cache()).isEqualTo(home.resolve(".cache/huggingface/hub"));
        assertThat(HubSettings.of(Map.of("HOME", h, "XDG_CACHE_HOME", "/x")).cache())
                .isEqualTo(Path.of("/x/huggingface/hub"));
        assertThat(HubSettings.of(Map.of("HOME", h, "HF_HOME", "~/hf")).cache()).isEqualTo(home.resolve("hf/hub"));
        assertThat(HubSettings.of(Map.of("HF_HOME", "/hf", "HF_HUB_CACHE", "/c"))
                        .cache())
                .isEqualTo(Path.of("/c"));
        assertThat(HubSettings.of(Map.of("HF_ENDPOINT", "http://mirror:8080/hub/"))
                        .endpoint())
                .isEqualTo(URI.create("http://mirror:8080/hub"));
        assertThatThrownBy(() -> HubSettings.of(Map.of("HF_ENDPOINT", "mirror")))
                .hasMessageContaining("HF_ENDPOINT");

        Files.writeString(home.resolve("token"), "hf_file\n");
        assertThat(HubSettings.of(Map.of("HF_HOME", h)).token()).isEqualTo("hf_file");
        assertThat(HubSettings.of(Map.of("HF_HOME", h, "HF_TOKEN", " hf_env ")).token())
                .isEqualTo("hf_env");
        assertThat(HubSettings.of(Map.of("HF_HOME", h, "HF_HUB_DISABLE_IMPLICIT_TOKEN", "1"))
                        .token())
                .isNull();
        assertThat(HubSettings.of(Map.of("HOME", h)).token()).isNull();
    }

    @Test
    void proxiesAreThoseOfTheEnvironment() {
        Map<String, String> env =
                Map.of("HTTPS_PROXY", "http://user:pass@proxy:3128", "no_proxy", "localhost, .inner.example");
        var proxies = Proxies.of(env);
        assertThat(proxies.select(URI.create("https://hub.example/x")))
                .containsExactly(new Proxy(Proxy.Type.HTTP, new InetSocketAddress("proxy", 3128)));
        assertThat(proxies.select(URI.create("https://a.inner.example/x"))).containsExactly(Proxy.NO_PROXY);
        assertThat(Proxies.of(Map.of("all_proxy", "socks5://p")).select(URI.create("http://x/")))
                .containsExactly(new Proxy(Proxy.Type.SOCKS, new InetSocketAddress("p", 1080)));
        assertThatThrownBy(() ->
                        Proxies.of(Map.of("http_proxy", "http://u:secret@")).select(URI.create("http://x/")))
                .hasMessageNotContaining("secret");
    }
}
