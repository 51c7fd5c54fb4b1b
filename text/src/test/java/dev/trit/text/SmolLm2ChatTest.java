package dev.trit.text;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** The template that a published model carries, rendered as transformers renders it. */
class SmolLm2ChatTest {
    @Test
    void conversationsAreWrittenAsInTransformers() throws Exception {
        Map<String, Object> metadata = GgufMetadata.of(Shared.file("models/smollm2-135m-instruct.q4_1.gguf"));
        String source = (String) Objects.requireNonNull(metadata.get("tokenizer.chat_template"));
        JsonNode reference = JsonMapper.builder()
                .build()
                .readTree(Shared.file("models/smollm2.reference.json").toFile());
        ChatTemplate template = ChatTemplate.forModel("llama", source, "<|im_start|>", "<|im_end|>");
        List<String> rendered = new ArrayList<>();
        List<String> expected = new ArrayList<>();
        for (JsonNode chat : reference.get("chats")) {
            List<ChatMessage> messages = new ArrayList<>();
            for (JsonNode message : chat.get("messages")) {
                messages.add(new ChatMessage(
                        message.get("role").asString(), message.get("content").asString()));
            }
            rendered.add(template.render(messages));
            expected.add(chat.get("rendered").asString());
        }
        assertThat(rendered).isNotEmpty().isEqualTo(expected);
        assertThat(template.warnings()).isEmpty();
    }
}
