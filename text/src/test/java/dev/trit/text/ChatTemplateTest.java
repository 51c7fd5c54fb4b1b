package dev.trit.text;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class ChatTemplateTest {
    private static final String BOS = "<|begin_of_text|>";

    @Test
    void bitNetTurnsHaveNoNewlineBetweenThem() {
        ChatTemplate template = ChatTemplate.builtIn("bitnet", BOS, "<|end_of_text|>");
        String text = template.render(List.of(
                ChatMessage.system(" Be brief. "),
                ChatMessage.user("Hi"),
                ChatMessage.assistant("Hello!"),
                ChatMessage.user("Bye")));
        assertThat(text)
                .isEqualTo("<|begin_of_text|>System: Be brief.<|eot_id|>User: Hi<|eot_id|>Assistant: Hello!<|eot_id|>"
                        + "User: Bye<|eot_id|>Assistant: ");
        assertThat(template.startsWithBos(text)).isTrue();
    }

    @Test
    void theWrongTemplateOfTheReleasedFileIsReplaced() {
        String wrong =
                "{% for message in messages %}{% if message['role'] == 'user' %}{{ 'Human: ' + message['content'] }}"
                        + "{% endif %}{% endfor %}BITNETAssistant:";
        ChatTemplate template = ChatTemplate.forModel("bitnet-b1.58", wrong, BOS, "<|end_of_text|>");
        assertThat(template.render(List.of(ChatMessage.user("Hi")))).isEqualTo(BOS + "User: Hi<|eot_id|>Assistant: ");
        assertThat(template.warnings()).singleElement().asString().contains("known to be wrong");
    }

    @Test
    void anEmbeddedTemplateIsUsedAsItIs() {
        ChatTemplate template = ChatTemplate.forModel("llama", "{{ messages[0].content }}!", "", "");
        assertThat(template.render(List.of(ChatMessage.user("Hi")))).isEqualTo("Hi!");
        assertThat(template.warnings()).isEmpty();
    }

    @Test
    void withoutATemplateTheFamilyDecides() {
        assertThat(ChatTemplate.forModel("llama", null, BOS, "").source()).contains("start_header_id");
        assertThat(ChatTemplate.forModel("llama", null, "<s>", "</s>").render(List.of(ChatMessage.user("Hi"))))
                .isEqualTo("User: Hi\nAssistant:");
        assertThat(ChatTemplate.forModel("bitnet", null, BOS, "").source()).contains("capitalize");
    }

    @Test
    void llama2PutsTheSystemTextIntoTheFirstTurn() {
        ChatTemplate template = ChatTemplate.builtIn("llama-2", "<s>", "</s>");
        assertThat(template.render(List.of(
                        ChatMessage.system("S"),
                        ChatMessage.user("a"),
                        ChatMessage.assistant("b"),
                        ChatMessage.user("c"))))
                .isEqualTo("<s>[INST] <<SYS>>\nS\n<</SYS>>\n\na [/INST] b </s><s>[INST] c [/INST]");
    }

    @Test
    void toolsAndFieldsReachTheTemplate() {
        ChatTemplate template =
                ChatTemplate.of("{{ tools|tojson }} {{ messages[0].tool_calls[0].id }} {{ thinking }}", "", "");
        String text = template.render(
                List.of(new ChatMessage("assistant", null, Map.of("tool_calls", List.of(Map.of("id", 7))))),
                List.of(Map.of("name", "add")),
                false,
                Map.of("thinking", true));
        assertThat(text).isEqualTo("[{\"name\": \"add\"}] 7 True");
    }

    @Test
    void failuresNameTheLine() {
        assertThatThrownBy(() -> ChatTemplate.of("a\n{% if x %}", "", ""))
                .isInstanceOf(TextException.class)
                .hasMessageContaining("line 2");
        assertThatThrownBy(() -> ChatTemplate.of("\n{{ raise_exception('no tools here') }}", "", "")
                        .render(List.of()))
                .isInstanceOf(TextException.class)
                .hasMessageContaining("line 2")
                .hasMessageContaining("no tools here");
        assertThatThrownBy(() -> ChatTemplate.builtIn("klingon", "", "")).hasMessageContaining("chatml");
    }

    @Test
    void hostileTemplatesEndWithAnException() {
        for (String source : List.of(
                "{% for i in range(1000000000) %}{% endfor %}",
                "{{ 'a' * 1000000000 }}",
                "{% set ns = namespace(s='aaaaaaaaaaaaaaaa') %}{% for i in range(60) %}{% set ns.s = ns.s ~ ns.s %}{% endfor %}",
                "{% for i in range(99999) %}{% for j in range(99999) %}{% endfor %}{% endfor %}",
                "{% macro m() %}{{ m() }}{% endmacro %}{{ m() }}",
                "{{ " + "(".repeat(5000) + "1" + ")".repeat(5000) + " }}",
                "{% if true %}".repeat(5000),
                "{% set l = [] %}{% set x = l.append(l) %}{{ l }}",
                "{{ 9223372036854775807 + 1 }}",
                "{{ ''.__class__.__mro__ }}{{ x.y }}")) {
            assertThatThrownBy(() -> ChatTemplate.of(source, "", "").render(List.of()))
                    .as(source.substring(0, Math.min(60, source.length())))
                    .isInstanceOf(TextException.class);
        }
    }
}
