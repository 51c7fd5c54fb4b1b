package dev.trit.model.grammar;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.trit.model.Constraint;
import dev.trit.model.ModelException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Random;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.FieldSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

class GrammarTest {
    private static final String LIST = """
            # a list of things
            root  ::= "[" (item ("," item)*)? "]"
            item  ::= number | word | root   # lists in lists
            number ::= "-"? [0-9]+ ("." [0-9]{1,3})?
            word ::= "\\"" [^"\\\\\\x00-\\x1f]{2,5} "\\""
            """;

    static final List<String> GRAMMARS = List.of(
            LIST,
            "root ::= \"a\" root \"b\" | \"\"",
            "root ::= (\"yes\" | \"no\" | \"é€😀\") [^a-z]? .",
            "root ::= x | y\nx ::= \"ab\" [0-9]*\ny ::= \"ab\" [a-c]* \"\\n\"\n  [\\u00e9-\\u20ac]+",
            "root ::= ws \"{\" ws \"}\" ws\nws ::= ([ \\t\\n] ws)?");

    private static boolean matches(Grammar grammar, String text) {
        Configurations configurations = new Configurations(new Automaton(grammar));
        Configurations.Configuration at = configurations.start();
        for (byte b : text.getBytes(StandardCharsets.UTF_8)) {
            at = configurations.step(at, b & 0xFF);
        }
        return at.complete;
    }

    @Test
    void acceptsWhatItsRulesSay() {
        Grammar list = Grammar.gbnf(LIST);
        for (String good : List.of("[]", "[1]", "[-12.125,\"ab\",[[]],\"é€😀x\"]")) {
            assertThat(matches(list, good)).as(good).isTrue();
        }
        for (String bad :
                List.of("", "[", "[1,]", "[1.]", "[1.1234]", "[\"a\"]", "[\"abcdef\"]", "[\"a\"b\"]", "[]]")) {
            assertThat(matches(list, bad)).as(bad).isFalse();
        }
        Grammar counted = Grammar.gbnf("root ::= \"a\"{2,3} (\"b\" | \"c\"){2} [-x\\]]{1,} \"d\"?");
        Pattern same = Pattern.compile("a{2,3}(b|c){2}[-x\\]]+d?");
        Random random = new Random(3);
        int found = 0;
        for (int i = 0; i < 200_000; i++) {
            StringBuilder text = new StringBuilder();
            for (int n = 4 + random.nextInt(6); n > 0; n--) {
                text.append("aaabbc-x]d".charAt(random.nextInt(10)));
            }
            boolean expected = same.matcher(text).matches();
            found += expected ? 1 : 0;
            if (i < 20_000 || expected) {
                assertThat(matches(counted, text.toString()))
                        .as(text.toString())
                        .isEqualTo(expected);
            }
        }
        assertThat(found).isGreaterThan(20);
    }

    /** Every allowed token must be one that leads somewhere byte by byte, and every such token must be allowed. */
    @ParameterizedTest
    @FieldSource("GRAMMARS")
    void allowsExactlyTheTokensWhoseBytesFit(String text) {
        check(Grammar.gbnf(text), 30);
    }

    @Test
    void allowsExactlyTheTokensWhoseBytesFitInJson() {
        check(Grammar.jsonObject(), 60);
        check(Grammar.jsonSchema("""
                        {"type": "object", "properties": {"name": {"type": "string", "maxLength": 5},
                         "b": {"type": "array", "items": {"anyOf": [{"type": "integer"}, {"$ref": "#"}]}}}}"""), 60);
    }

    private static void check(Grammar grammar, int walks) {
        Constraint constraint = grammar.constrain(Walks.TRIE);
        Configurations oracle = new Configurations(new Automaton(grammar));
        Random random = new Random(5);
        for (int walk = 0; walk < walks; walk++) {
            Constraint.Guide guide = constraint.begin();
            Configurations.Configuration at = oracle.start();
            for (int step = 0; step < 25 && !guide.finished(); step++) {
                long[] mask = guide.allowed();
                int chosen = -1;
                int seen = 0;
                for (int id = 0; id < Walks.TRIE.ids(); id++) {
                    byte[] bytes = Walks.TRIE.text(id);
                    Configurations.Configuration to = at;
                    for (byte b : bytes) {
                        to = oracle.step(to, b & 0xFF);
                    }
                    boolean fits = Walks.TRIE.isEnd(id) ? at.complete : bytes.length > 0 && !to.dead();
                    assertThat(Walks.allows(mask, id))
                            .as("token %s after %d steps", Walks.latin(bytes), step)
                            .isEqualTo(fits);
                    if (fits && bytes.length > 0 && random.nextInt(++seen) == 0) {
                        chosen = id;
                    }
                }
                if (chosen < 0) {
                    break;
                }
                guide.accept(chosen);
                for (byte b : Walks.TRIE.text(chosen)) {
                    at = oracle.step(at, b & 0xFF);
                }
            }
        }
    }

    @Test
    void anyModelEndsUpWithAJsonObject() {
        Constraint constraint = Grammar.jsonObject().constrain(Walks.TRIE);
        Random random = new Random(1);
        int nested = 0;
        for (int i = 0; i < 300; i++) {
            int limit = 2 + random.nextInt(200);
            byte[] text = Walks.random(constraint, Walks.TRIE, random, limit);
            JsonNode value = JsonMapper.shared().readTree(text);
            assertThat(value.isObject()).isTrue();
            nested += value.size() > 1 ? 1 : 0;
        }
        assertThat(nested).as("objects with some content").isGreaterThan(50);
    }

    @Test
    void putsTextAroundAnother() {
        Grammar call = Grammar.jsonSchema("{\"const\": {\"a\": [1, \"é\"]}}").between("<call>\n", "\n</call>");
        assertThat(matches(call, "<call>\n{\"a\":[1,\"é\"]}\n</call>")).isTrue();
        Constraint constraint = call.constrain(Walks.TRIE);
        assertThat(new String(Walks.random(constraint, Walks.TRIE, new Random(1), 100), StandardCharsets.UTF_8))
                .isEqualTo("<call>\n{\"a\":[1,\"é\"]}\n</call>");
    }

    @Test
    void refusesTokensThatDoNotFit() {
        Constraint.Guide guide = Grammar.jsonObject().constrain(Walks.TRIE).begin();
        assertThatThrownBy(() -> guide.accept('x'))
                .isInstanceOf(ModelException.class)
                .hasMessageContaining("token 120");
        guide.accept('{');
        guide.accept('}');
        assertThat(guide.finished()).isTrue();
    }

    @Test
    void saysWhatIsWrongWithAGrammar() {
        refuses("root ::= \"a", "line 1", "not closed");
        refuses("root ::= \"a\"\nroot ::= \"b\"", "line 2", "'root' is there twice");
        refuses("root ::= a\n\nb ::= \"b\"", "line 1", "no rule 'a'");
        refuses("a ::= \"b\"", "no rule 'root'");
        refuses("root ::= (\"a\"", "expected )");
        refuses("root ::= \"a\"{3,2}", "{3,2}");
        refuses("root = \"a\"", "expected ::=");
        refuses("root ::= [z-a]", "ends before it begins");
        refuses("root ::= a \"x\"\na ::= \"b\"? root", "calls itself before it says anything");
        refuses("root ::= \"a\" root", "no finite text");
        refuses("root ::= ((\"ab\"{1000}){1000}){1000}", "smaller limits");
    }

    private static void refuses(String grammar, String... words) {
        assertThatThrownBy(() -> Grammar.gbnf(grammar).constrain(Walks.TRIE))
                .isInstanceOf(ModelException.class)
                .hasMessageStartingWith("grammar")
                .hasMessageContainingAll(words);
    }
}
