package dev.trit.text;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.ObjectMapper;
import tools.jackson.databind.json.JsonMapper;

/** Eight templates by three conversations as Python's jinja2 renders them with Hugging Face's settings. */
@SuppressWarnings({"NullAway", "StringSplitter"}) // members of the fixture files
class ChatTemplateGoldensTest {
    private static final String FAILED = "ERR TemplateError ";

    @Test
    @SuppressWarnings("unchecked")
    void sharedTemplatesRenderAsInPython() throws Exception {
        Path folder = Shared.file("fixtures/chat-templates");
        ObjectMapper json = JsonMapper.builder().build();
        Map<String, String> templates =
                json.readValue(folder.resolve("tpl.json").toFile(), Map.class);
        Map<String, Map<String, Object>> contexts =
                json.readValue(folder.resolve("ctx.json").toFile(), Map.class);
        Map<String, Object> expected = json.readValue(folder.resolve("exp.json").toFile(), Map.class);
        List<String> compared = new ArrayList<>();
        expected.forEach((name, text) -> {
            String[] key = name.split("/");
            Map<String, Object> context = contexts.get(key[1]);
            List<ChatMessage> messages = ((List<Map<String, Object>>) context.get("messages"))
                    .stream().map(ChatTemplateGoldensTest::message).toList();
            ChatTemplate template = ChatTemplate.of(templates.get(key[0]), "<|begin_of_text|>", "</s>");
            List<?> tools = (List<?>) context.get("tools");
            if (text instanceof String error && error.startsWith(FAILED)) { // cut after so many characters
                assertThatThrownBy(() -> template.render(messages, tools, true, Map.of()))
                        .as(name)
                        .isInstanceOf(TextException.class)
                        .hasMessageContaining(error.substring(FAILED.length()));
            } else {
                assertThat(template.render(messages, tools, true, Map.of()))
                        .as(name)
                        .isEqualTo(text);
            }
            compared.add(name);
        });
        assertThat(compared).hasSize(24);
    }

    private static ChatMessage message(Map<String, Object> fields) {
        Map<String, Object> rest = new java.util.LinkedHashMap<>(fields);
        String role = (String) rest.remove("role");
        String content = (String) rest.remove("content");
        return new ChatMessage(role, content, rest);
    }
}
