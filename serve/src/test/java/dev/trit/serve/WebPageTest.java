package dev.trit.serve;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;

/** The chat page: its files as they are sent, and what it does in a real browser. */
class WebPageTest {
    private static final String ANSWERED =
            "!document.querySelector('#send').hidden" + " && !!document.querySelector('.message.assistant')";

    private Optional<Path> chromium = Optional.empty();

    @BeforeEach
    void find() {
        chromium = Browser.program();
    }

    private Browser browser() throws Exception {
        Assumptions.assumeTrue(chromium.isPresent(), "no Chromium on the PATH");
        return Browser.start(chromium.orElseThrow());
    }

    private static void ask(Browser browser, String text) throws Exception {
        browser.evaluate("document.querySelector('#input').focus()");
        browser.type(text);
        browser.press("Enter", "Enter", 13, 0);
    }

    private static String text(Browser browser, String selector) throws Exception {
        return browser.evaluate("document.querySelector('" + selector + "')?.textContent ?? ''")
                .asString();
    }

    @ParameterizedTest
    @ValueSource(strings = {"/", "/app.js", "/markdown.js", "/style.css", "/icon.svg"})
    void filesComeWithAPolicyAndAreNotSentTwice(String path) {
        try (Served served = Served.tiny()) {
            Served.Answer file = served.get(path);
            assertThat(file.status()).isEqualTo(200);
            assertThat(file.header("Content-Security-Policy"))
                    .contains("default-src 'none'")
                    .doesNotContain("unsafe");
            assertThat(file.body())
                    .doesNotContain("https://", "http://cdn", "//fonts")
                    .doesNotContain(" style=\"", "onclick=");
            Served.Answer again = served.send(served.request(path)
                    .header("If-None-Match", file.header("ETag"))
                    .build());
            assertThat(again.status()).isEqualTo(304);
            assertThat(again.body()).isEmpty();
        }
    }

    @Test
    void chatsStopsRegeneratesAndRemembers() throws Exception {
        try (Served served = Served.tiny();
                Browser browser = browser()) {
            String home = served.uri("/").toString();
            browser.open(home);
            assertThat(browser.evaluate("document.activeElement.id").asString()).isEqualTo("input");
            assertThat(browser.evaluate("document.querySelector('#model').value")
                            .asString())
                    .isEqualTo("llama-dense-tiny");
            browser.evaluate("{const m = document.querySelector('#max_tokens'); m.value = '40';"
                    + " m.dispatchEvent(new Event('change')); }");

            ask(browser, "Hello <b>there</b>");
            browser.await(ANSWERED);
            assertThat(text(browser, ".message.user .text")).isEqualTo("Hello <b>there</b>");
            assertThat(browser.evaluate("!!document.querySelector('.message.user b')")
                            .asBoolean())
                    .isFalse();
            assertThat(text(browser, "#status")).isEqualTo("The answer is complete.");
            assertThat(text(browser, "#speed")).matches("\\d+ tokens, [\\d.]+ per second");
            JsonNode kept = browser.evaluate("JSON.parse(localStorage['trit.conversations'])[0].messages");
            assertThat(kept.size()).isEqualTo(2);
            String answer = kept.path(1).path("content").asString();
            assertThat(answer).isNotEmpty();

            browser.evaluate(
                    "[...document.querySelectorAll('button')].find(b => b.textContent === 'Regenerate').click()");
            browser.await("JSON.parse(localStorage['trit.conversations'])[0].messages[1].content !== "
                    + Json.text(answer) + " && " + ANSWERED);
            assertThat(browser.evaluate("document.querySelectorAll('.message').length")
                            .asInt())
                    .isEqualTo(2);

            browser.open(home);
            assertThat(text(browser, ".message.user .text"))
                    .as("after a reload")
                    .isEqualTo("Hello <b>there</b>");

            browser.evaluate("{const m = document.querySelector('#max_tokens'); m.value = '900';"
                    + " m.dispatchEvent(new Event('change')); }");
            browser.press("n", "KeyN", 78, 1); // Alt
            browser.await("document.querySelectorAll('.message').length === 0");
            ask(browser, "And now a long one");
            browser.await("document.querySelector('.busy .text')?.textContent.length > 5 || " + ANSWERED);
            browser.press("Escape", "Escape", 27, 0);
            browser.await(ANSWERED);
            assertThat(text(browser, "#status")).isIn("Stopped.", "The answer is complete.");
            assertThat(browser.evaluate("document.querySelectorAll('#conversations li').length")
                            .asInt())
                    .isEqualTo(2);
            browser.evaluate("document.querySelector('#conversations .remove').click()");
            assertThat(browser.evaluate("document.querySelectorAll('#conversations li').length")
                            .asInt())
                    .isEqualTo(1);

            assertThat(browser.complaints).isEmpty();
            assertThat(browser.requests)
                    .allMatch(r -> r.startsWith(home) || r.startsWith("about:") || r.startsWith("data:"));
        }
    }

    @Test
    void asksForTheKeyWhereTheServerDoes() throws Exception {
        try (Served served = Served.with(Served.options().withApiKeys(List.of("sk-page")), "llama-dense-tiny");
                Browser browser = browser()) {
            browser.call("Page.navigate", Map.of("url", served.uri("/").toString()));
            browser.await("document.querySelector('#settings')?.open === true");
            browser.evaluate("document.querySelector('#key').focus()");
            browser.type("sk-page");
            browser.evaluate("document.querySelector('#key').dispatchEvent(new Event('change'))");
            browser.await("!!document.querySelector('#model option')");
            assertThat(browser.evaluate("Object.values(localStorage).join()").asString())
                    .doesNotContain("sk-page");
        }
    }

    @Test
    void everythingHasANameForScreenReaders() throws Exception {
        try (Served served = Served.tiny();
                Browser browser = browser()) {
            browser.open(served.uri("/").toString());
            ask(browser, "x");
            browser.await(ANSWERED);
            browser.evaluate("document.querySelector('#open-settings').click()");
            Set<String> controls = Set.of("button", "textbox", "combobox", "spinbutton", "link", "dialog", "log");
            int seen = 0;
            for (JsonNode node :
                    browser.call("Accessibility.getFullAXTree", Map.of()).path("nodes")) {
                String role = node.at("/role/value").asString("");
                if (controls.contains(role) && !node.path("ignored").asBoolean(false)) {
                    seen++;
                    assertThat(node.at("/name/value").asString(""))
                            .as(node.toString())
                            .isNotBlank();
                }
            }
            assertThat(seen).isGreaterThan(8);
        }
    }

    @Test
    void markdownBecomesNodesAndNeverRunsHtml() throws Exception {
        try (Served served = Served.tiny();
                Browser browser = browser()) {
            browser.open(served.uri("/").toString());
            String[][] cases = {
                {"# A *b*\ntext", "<h3>A <em>b</em></h3><p>text</p>"},
                {"a **b** `c<d>` ~~e~~", "<p>a <strong>b</strong> <code>c&lt;d&gt;</code> <del>e</del></p>"},
                {"snake_case_name and 2*3*4 x", "<p>snake_case_name and 2<em>3</em>4 x</p>"},
                {
                    "- a\n- b\n  - c\n\n1. d\n2. e",
                    "<ul><li>a</li><li>b<ul><li>c</li></ul></li></ul><ol><li>d</li><li>e</li></ol>"
                },
                {"```java\nint <x>;\n", "<pre tabindex=\"0\"><code data-language=\"java\">int &lt;x&gt;;\n</code></pre>"
                },
                {"> q\n> r", "<blockquote><p>q<br>r</p></blockquote>"},
                {
                    "|a|b|\n|-|-|\n|1|`2`|",
                    "<table><tr><th>a</th><th>b</th></tr><tr><td>1</td><td><code>2</code></td></tr></table>"
                },
                {
                    "[x](https://y.example/z)",
                    "<p><a href=\"https://y.example/z\" target=\"_blank\" rel=\"noopener noreferrer\">x</a></p>"
                },
                {"[x](javascript:alert(1))", "<p>[x](javascript:alert(1))</p>"},
                {
                    "<img src=x onerror=alert(1)><script>alert(1)</script>",
                    "<p>&lt;img src=x onerror=alert(1)&gt;&lt;script&gt;alert(1)&lt;/script&gt;</p>"
                },
                {"a \\*b\\* ---", "<p>a *b* ---</p>"},
                {"---", "<hr>"},
                {"open **bold and `code", "<p>open **bold and `code</p>"},
            };
            for (String[] one : cases) {
                JsonNode html =
                        browser.evaluate("import('/markdown.js').then(m => { const d = document.createElement('div');"
                                + " d.append(m.markdown(" + Json.text(one[0]) + ")); return d.innerHTML; })");
                assertThat(html.asString()).as(one[0]).isEqualTo(one[1]);
            }
            assertThat(browser.complaints).isEmpty();
        }
    }

    /** Writes what the documentation shows into target/screenshots, with the real chat model. */
    @Test
    void looksAsInTheDocumentation() throws Exception {
        Path model = Path.of(Objects.requireNonNullElse(System.getenv("TRIT_SHARED"), "../../shared"))
                .resolve("data/models/smollm2-135m-instruct.q4_1.gguf");
        Assumptions.assumeTrue(Files.exists(model), "no SmolLM2 in the shared folder");
        ServeOptions options = ServeOptions.defaults().withPort(0).withContextLength(2048);
        try (TritServer server = TritServer.start(List.of(new ModelSource("smollm2-135m", model)), options);
                Browser browser = browser()) {
            browser.open("http://127.0.0.1:" + server.port() + "/");
            for (String setting : List.of("temperature=0", "max_tokens=200")) {
                String[] pair = setting.split("=");
                browser.evaluate("{const m = document.querySelector('#" + pair[0] + "'); m.value = '" + pair[1]
                        + "'; m.dispatchEvent(new Event('change')); }");
            }
            ask(browser, "What is the capital of France?");
            browser.await(ANSWERED);
            assertThat(text(browser, ".message.assistant .text")).isEqualTo("The capital of France is Paris.");
            ask(browser, "Write a Python function that adds two numbers.");
            browser.await("document.querySelectorAll('.message.assistant').length === 2 && " + ANSWERED);
            for (String theme : List.of("light", "dark")) {
                browser.evaluate("document.documentElement.dataset.theme = '" + theme + "'");
                browser.screenshot(Path.of("target", "screenshots", "page-" + theme + ".png"), 1100, 720);
            }
            browser.evaluate("document.querySelector('#open-settings').click()");
            browser.screenshot(Path.of("target", "screenshots", "page-settings.png"), 1100, 720);
            browser.evaluate("document.querySelector('#settings').close()");
            browser.screenshot(Path.of("target", "screenshots", "page-narrow.png"), 420, 720);
            assertThat(browser.evaluate("document.documentElement.scrollWidth <= innerWidth")
                            .asBoolean())
                    .isTrue();
        }
    }
}
