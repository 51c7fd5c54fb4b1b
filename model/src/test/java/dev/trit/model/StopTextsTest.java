package dev.trit.model;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

class StopTextsTest {
    private static String feed(StopTexts stops, String... pieces) {
        StringBuilder out = new StringBuilder();
        for (String piece : pieces) {
            out.append(stops.append(piece)).append('|');
        }
        return out + stops.flush();
    }

    @Test
    void givesTextOutAtOnceWhereNothingCanBegin() {
        assertThat(feed(new StopTexts(List.of()), "ab", "c")).isEqualTo("ab|c|");
        assertThat(feed(new StopTexts(List.of("xyz")), "ab", "c")).isEqualTo("ab|c|");
    }

    @Test
    void neverShowsTheBeginningOfAStopText() {
        assertThat(feed(new StopTexts(List.of("END")), "the E", "N", "D and more"))
                .isEqualTo("the |||");
        assertThat(feed(new StopTexts(List.of("END")), "the E", "N", "G")).isEqualTo("the ||ENG|");
        assertThat(feed(new StopTexts(List.of("END")), "the EN"))
                .as("the text is over")
                .isEqualTo("the |EN");
        assertThat(feed(new StopTexts(List.of("aab")), "a", "a", "a", "b")).isEqualTo("||a||");
    }

    @Test
    void stopsAtTheFirstOfSeveral() {
        StopTexts stops = new StopTexts(List.of("two", "one"));
        assertThat(feed(stops, "zero one two")).isEqualTo("zero |");
        assertThat(stops.found()).isTrue();
        assertThat(feed(new StopTexts(List.of("\n\n", "User:")), "a\n", "\nb")).isEqualTo("a||");
        assertThat(feed(new StopTexts(List.of("\n\n", "User:")), "a\n", "Us", "er"))
                .isEqualTo("a|\n||User");
    }
}
