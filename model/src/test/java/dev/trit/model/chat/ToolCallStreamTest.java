package dev.trit.model.chat;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ToolCallStreamTest {
    private static final Tools TOOLS = Tools.none().with("weather", null, null).with("time", null, null);

    private record Parsed(String text, List<String> calls) {}

    /** Cuts the text into pieces of that many characters. */
    private static Parsed parse(String written, int piece) {
        ToolCallStream stream = new ToolCallStream(TOOLS);
        StringBuilder text = new StringBuilder();
        for (int i = 0; i < written.length(); i += piece) {
            text.append(stream.append(written.substring(i, Math.min(i + piece, written.length()))));
        }
        text.append(stream.finish());
        return new Parsed(
                text.toString(),
                stream.calls().stream()
                        .map(call -> call.name() + call.arguments())
                        .toList());
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3, 7, 1000})
    void theSameWhereverThePiecesAreCut(int piece) {
        assertThat(parse(
                        "<tool_call>\n{\"name\": \"weather\", \"arguments\": {\"city\": \"Rome\"}}\n</tool_call>",
                        piece))
                .isEqualTo(new Parsed("", List.of("weather{\"city\":\"Rome\"}")));
        assertThat(parse("Let me see. <tool_call>{\"name\":\"time\",\"arguments\":{}}</tool_call>\n", piece))
                .isEqualTo(new Parsed("Let me see. ", List.of("time{}")));
        assertThat(parse(
                        "<tool_call>{\"name\":\"time\"}</tool_call>\n<tool_call>{\"name\":\"weather\",\"arguments\":\"{}\"}</tool_call>",
                        piece))
                .isEqualTo(new Parsed("", List.of("time{}", "weather{}")));
        assertThat(parse("{\"name\": \"weather\", \"parameters\": {\"city\": \"Rome\"}}", piece))
                .isEqualTo(new Parsed("", List.of("weather{\"city\":\"Rome\"}")));
        assertThat(parse(
                        "[TOOL_CALLS] [{\"name\":\"time\",\"arguments\":{}},{\"name\":\"weather\",\"arguments\":{}}]",
                        piece))
                .isEqualTo(new Parsed("", List.of("time{}", "weather{}")));
        assertThat(parse("<|python_tag|>{\"name\":\"time\",\"parameters\":{}}", piece))
                .isEqualTo(new Parsed("", List.of("time{}")));
        assertThat(parse("<tool_call>{\"name\":\"time\",\"arguments\":{}}", piece))
                .as("cut short after the JSON")
                .isEqualTo(new Parsed("", List.of("time{}")));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "Just a text.",
                "  indented",
                "{\"a\": 1}",
                "{\"name\": \"rm -rf\", \"arguments\": {}}",
                "<tool_call>{\"name\": \"unknown\", \"arguments\": {}}</tool_call>",
                "<tool_call>not json</tool_call> and more",
                "{\"name\": \"weather\", \"arguments\": {",
                "a < b <tool",
                "[1, 2, 3]",
                "1 <tool_call> 2"
            })
    void whatIsNoCallStaysText(String text) {
        for (int piece : new int[] {1, 3, 1000}) {
            assertThat(parse(text, piece).text().strip()).isEqualTo(text.strip());
            assertThat(parse(text, piece).calls()).isEmpty();
        }
    }

    @Test
    void ordinaryTextIsNotHeldBack() {
        ToolCallStream stream = new ToolCallStream(TOOLS);
        assertThat(stream.append("Hello")).isEqualTo("Hello");
        assertThat(stream.append(" there <")).isEqualTo(" there ");
        assertThat(stream.append("b>")).isEqualTo("<b>");
    }
}
