package dev.trit.text;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class SplitPatternTest {
    private static List<String> split(String regex, String text) {
        CodePoints cps = CodePoints.of(text);
        Cuts cuts = new Cuts(cps.length()).split(SplitPattern.of(regex), cps.at());
        List<String> pieces = new ArrayList<>();
        int from = 0;
        for (int i = 0; i < cuts.count(); i++) {
            pieces.add(cps.slice(from, cuts.end(i)).escapedText());
            from = cuts.end(i);
        }
        return pieces;
    }

    @ParameterizedTest
    @CsvSource(delimiter = '~', textBlock = """
            [0-9]{2}           ~ a12345b    ~ a|12|34|5b
            a?b                ~ abbab      ~ ab|b|ab
            (?:ab|a)c          ~ abcac      ~ abc|ac
            (ab)?c             ~ abccab     ~ abc|c|ab
            x(?=y)             ~ xyxx       ~ x|yxx
            x(?!y)             ~ xyxx       ~ xy|x|x
            a++b               ~ aab        ~ aab
            a++ab              ~ aab        ~ aab
            a+ab               ~ aaab       ~ aaab
            (?i:k)x            ~ KxkxYx     ~ Kx|kx|Yx
            [^a-c]+            ~ xyabcz     ~ xy|abc|z
            \\x41|\\u{42}|\\u0043 ~ ABCD    ~ A|B|C|D
            [\\w.-]+           ~ a-b.c d_1  ~ a-b.c| |d_1
            \\P{L}             ~ a1b        ~ a|1|b
            """)
    void matchesAsRegularExpressionsDo(String regex, String text, String pieces) {
        assertThat(String.join("|", split(regex, text))).isEqualTo(pieces);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "(a|b)*",
                "(ab)+",
                "a*?",
                "(?<=a)b",
                "(?<name>a)",
                "[a-z&&[^b]]",
                "\\b",
                "^a",
                "a$",
                "(a",
                "a)",
                "[a",
                "*a",
                "\\p{Nonesuch}",
                "a{2,1}",
                "a{2}+",
                "\\1",
                "\\",
                "\\u12",
                "[z-a]",
                "[[:alpha:]]"
            })
    void whatIsNotSupportedIsRefused(String regex) {
        assertThatThrownBy(() -> SplitPattern.of(regex))
                .isInstanceOf(TextException.class)
                .hasMessageContaining("\"" + regex + "\"");
    }

    @Test
    void groupsNestedWithoutEndAreRefusedBeforeTheStackIsFull() {
        assertThatThrownBy(() -> SplitPattern.of("(".repeat(100_000))).isInstanceOf(TextException.class);
    }
}
