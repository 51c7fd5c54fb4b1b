package dev.trit.text.internal.jinja;

import static org.assertj.core.api.Assertions.assertThat;

import dev.trit.text.TextException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.LocalDateTime;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * Templates in the manner of published models, and snippets for every part of the language, against what Hugging Face's
 * own environment answers: {@code src/test/python/make_chat_goldens.py} makes {@code jinja/goldens.json}. Where Python
 * fails, this engine must fail too, in its own words.
 */
class TemplateGoldensTest {
    private static final JsonMapper JSON = JsonMapper.builder().build();
    private final JsonNode goldens = JSON.readTree(resource("goldens.json"));
    private final Clock clock =
            Clock.fixed(LocalDateTime.parse(goldens.get("now").asString()).toInstant(ZoneOffset.UTC), ZoneOffset.UTC);

    @Test
    void chatTemplatesRenderAsInPython() {
        List<String> differences = new ArrayList<>();
        for (JsonNode golden : goldens.get("renders")) {
            String name = golden.get(0).asString();
            String context = golden.get(1).asString();
            compare(
                    name + " with " + context,
                    resource(name + ".jinja"),
                    goldens.get("contexts").get(context),
                    golden.get(2),
                    differences);
        }
        assertThat(goldens.get("renders").size()).isGreaterThanOrEqualTo(45);
        assertThat(differences).as("%d differences", differences.size()).isEmpty();
    }

    @Test
    void snippetsRenderAsInPython() {
        List<String> differences = new ArrayList<>();
        for (JsonNode golden : goldens.get("snippets")) {
            String source = golden.get(0).asString();
            compare(source, source, goldens.get("variables"), golden.get(1), differences);
        }
        assertThat(goldens.get("snippets").size()).isGreaterThanOrEqualTo(250);
        assertThat(differences).as("%d differences", differences.size()).isEmpty();
    }

    private void compare(String title, String source, JsonNode data, JsonNode golden, List<String> differences) {
        String expected = golden.isNull() ? null : golden.asString();
        @Nullable String actual;
        String reason = "";
        try {
            actual = Template.parse(source, clock).render(JSON.convertValue(data, Map.class));
        } catch (TextException e) {
            actual = null;
            reason = " (" + e.getMessage() + ")";
        }
        if (!Objects.equals(actual, expected)) {
            differences.add("%n%s%n  Python: %s%n  here:   %s%s".formatted(title, expected, actual, reason));
        }
    }

    private static String resource(String name) {
        try (InputStream in = TemplateGoldensTest.class.getResourceAsStream("/jinja/" + name)) {
            return new String(Objects.requireNonNull(in, "jinja/" + name).readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }
}
