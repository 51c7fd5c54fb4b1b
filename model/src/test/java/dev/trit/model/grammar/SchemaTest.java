package dev.trit.model.grammar;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.trit.model.Constraint;
import dev.trit.model.ModelException;
import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Random;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.FieldSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** Whatever a model does, what comes out must satisfy the schema, in the eyes of an independent validator. */
class SchemaTest {
    static final List<String> SCHEMAS = List.of(
            "true",
            "{}",
            """
            {"type": "object", "required": ["name", "tags"], "additionalProperties": false, "properties": {
              "name": {"type": "string"}, "age": {"type": "integer", "minimum": 0, "maximum": 150},
              "tags": {"type": "array", "items": {"enum": ["a", "b\\"c", "é", 3, null, {"x": [1.5, {}]}]}, "minItems": 1, "maxItems": 3}}}""",
            """
            {"$defs": {"tree": {"type": "object", "required": ["value", "children"], "additionalProperties": false,
               "properties": {"value": {"type": "number"}, "children": {"type": "array", "items": {"$ref": "#/$defs/tree"}}}}},
             "$ref": "#/$defs/tree"}""",
            """
            {"type": "object", "properties": {"a": {"type": "boolean"}, "b": {"type": ["null", "string"]},
              "na": {"const": "x"}}, "additionalProperties": {"type": "integer"}}""",
            """
            {"type": "object", "additionalProperties": {"type": "array", "items": true, "maxItems": 2}, "minProperties": 1}""",
            """
            {"anyOf": [{"type": "string", "minLength": 3, "maxLength": 6}, {"type": "number", "exclusiveMinimum": -2.5, "maximum": 7.125},
              {"type": "array", "prefixItems": [{"type": "null"}, {"type": "integer"}], "items": false}]}""",
            """
            {"oneOf": [{"type": "object", "required": ["kind", "n"], "properties": {"kind": {"const": "one"}, "n": {"type": "integer", "exclusiveMaximum": 0}}},
              {"type": "object", "required": ["kind"], "properties": {"kind": {"const": "two"}, "s": {"type": "string", "pattern": "^[A-Z]{2}\\\\d+(-x|\\\\\\\\)?$"}}},
              {"type": "null"}]}""",
            "{\"type\": \"string\", \"pattern\": \"[\\\"\\\\n-\\\\r]x|^(a|b.){2,3}\"}",
            "{\"type\": \"string\", \"format\": \"date-time\"}",
            "{\"type\": \"string\", \"format\": \"email\"}",
            "{\"type\": \"string\", \"format\": \"uuid\"}",
            "{\"type\": \"string\", \"format\": \"ipv4\"}",
            "{\"type\": \"string\", \"format\": \"duration\"}",
            "{\"allOf\": [{\"type\": \"array\", \"items\": {\"$ref\": \"#\"}, \"maxItems\": 2}], \"title\": \"lists of lists\"}",
            "{\"type\": \"object\", \"required\": [\"extra\"], \"properties\": {\"a/b~c\": {\"$ref\": \"#/properties/x%20y\"}, \"x y\": {\"type\": \"integer\", \"multipleOf\": 1}}}",
            """
            {"type": "array", "uniqueItems": true, "minItems": 1, "maxItems": 3, "items": {"enum": ["a", "b", 3, null]}}""",
            "{\"type\": \"array\", \"uniqueItems\": true, \"items\": {\"type\": \"boolean\"}}",
            """
            {"type": "array", "items": {"anyOf": [{"type": "integer", "multipleOf": 7}, {"type": "integer", "multipleOf": 100, "minimum": 0},
              {"type": "number", "multipleOf": 5, "minimum": -17, "exclusiveMaximum": 100}]}}""",
            "{\"type\": \"number\", \"multipleOf\": 0.01}",
            """
            {"type": "object", "patternProperties": {"^[a-z]{1,4}$": {"type": "integer"}}, "additionalProperties": false, "minProperties": 1}""",
            """
            {"type": "object", "required": ["a"], "properties": {"a": {"type": "null"}, "b": {"type": "null"}},
              "additionalProperties": false, "minProperties": 1, "maxProperties": 2}""");

    private static void check(String schema, Random random, int times) {
        Constraint constraint = Grammar.jsonSchema(schema).constrain(Walks.TRIE);
        for (int i = 0; i < times; i++) {
            byte[] text = Walks.random(constraint, Walks.TRIE, random, 120 + random.nextInt(200));
            String shown = new String(text, StandardCharsets.UTF_8);
            JsonNode value = JsonMapper.shared().readTree(text);
            assertThat(Validation.errors(schema, value))
                    .as("%s by %s", shown, schema)
                    .isEmpty();
        }
    }

    @ParameterizedTest
    @FieldSource("SCHEMAS")
    void everyOutcomeIsValid(String schema) {
        check(schema, new Random(schema.hashCode()), 60);
    }

    @Test
    void everyOutcomeOfRandomSchemasIsValid() {
        for (int seed = 0; seed < 60; seed++) {
            Random random = new Random(seed);
            ObjectNode schema = schema(random, 3);
            check(schema.toString(), random, 4);
        }
    }

    /** Any schema of what is supported. */
    private static ObjectNode schema(Random random, int depth) {
        ObjectNode schema = JsonMapper.shared().createObjectNode();
        switch (random.nextInt(depth > 0 ? 9 : 6)) {
            case 0 -> {
                schema.put("type", "string");
                if (random.nextBoolean()) {
                    int min = random.nextInt(4);
                    schema.put("minLength", min).put("maxLength", min + random.nextInt(5));
                }
            }
            case 1 -> bounds(schema.put("type", "integer"), random);
            case 2 -> bounds(schema.put("type", "number"), random);
            case 3 -> schema.put("type", random.nextBoolean() ? "boolean" : "null");
            case 4 -> {
                ArrayNode values = schema.putArray("enum");
                for (int i = random.nextInt(3); i >= 0; i--) {
                    values.add("v" + random.nextInt(9)).add(random.nextInt(100));
                }
            }
            case 5 ->
                schema.put("type", "string")
                        .put(
                                "pattern",
                                List.of("^a+b?$", "^(x|yz){1,3}$", "\\d{2}", "^[^\"]*é$")
                                        .get(random.nextInt(4)));
            case 6 -> {
                schema.put("type", "array").set("items", schema(random, depth - 1));
                int min = random.nextInt(3);
                if (random.nextBoolean()) {
                    schema.put("minItems", min).put("maxItems", min + random.nextInt(3));
                }
            }
            case 7 -> {
                ArrayNode options = schema.putArray("anyOf");
                for (int i = random.nextInt(3); i >= 0; i--) {
                    options.add(schema(random, depth - 1));
                }
            }
            default -> {
                ObjectNode properties = schema.put("type", "object").putObject("properties");
                TreeSet<String> required = new TreeSet<>();
                for (int i = random.nextInt(4); i >= 0; i--) {
                    String name = List.of("a", "ab", "b", "name", "é\"", "\n").get(random.nextInt(6));
                    properties.set(name, schema(random, depth - 1));
                    if (random.nextBoolean()) {
                        required.add(name);
                    }
                }
                ArrayNode names = schema.putArray("required");
                required.forEach(names::add);
                switch (random.nextInt(3)) {
                    case 0 -> schema.put("additionalProperties", false);
                    case 1 -> schema.set("additionalProperties", schema(random, 0));
                    default -> schema.put("title", "open");
                }
            }
        }
        return schema;
    }

    private static void bounds(ObjectNode schema, Random random) {
        double low = (random.nextInt(4000) - 2000) / Math.pow(10, random.nextInt(4));
        double high = low
                + (1 + random.nextInt(3000)) / (schema.get("type").asString().equals("integer") ? 1 : 1000.0);
        if (random.nextInt(3) > 0) {
            schema.put(random.nextBoolean() ? "minimum" : "exclusiveMinimum", low);
        }
        if (random.nextInt(3) > 0) {
            high = schema.get("type").asString().equals("integer") ? high + 2 : high;
            schema.put(random.nextBoolean() ? "maximum" : "exclusiveMaximum", high);
        }
    }

    /** Exactly the integers between two bounds, no more and no fewer. */
    @ParameterizedTest
    @CsvSource({"0,0", "-5,12", "7,7", "95,1203", "-1203,-95", "-1,1", "-300,-299", "10,99", "0,1000"})
    void integersHaveExactlyTheirBounds(int min, int max) {
        Grammar grammar =
                Grammar.jsonSchema("{\"type\": \"integer\", \"minimum\": %d, \"maximum\": %d}".formatted(min, max));
        Configurations configurations = new Configurations(new Automaton(grammar));
        for (int i = -1500; i <= 1500; i++) {
            assertThat(accepts(configurations, String.valueOf(i))).as("%d", i).isEqualTo(i >= min && i <= max);
        }
        assertThat(accepts(configurations, "007")).isFalse();
        assertThat(accepts(configurations, "-0")).isFalse();
    }

    @ParameterizedTest
    @CsvSource({"0,1", "-2.5,7.125", "0.5,0.5", "-0.25,-0.2", "3,3.1", "-1,0", "99.95,100.05", "0.001,0.01"})
    void numbersKeepTheirBounds(double min, double max) {
        for (String schema : List.of(
                "{\"type\": \"number\", \"minimum\": %s, \"maximum\": %s}".formatted(min, max),
                "{\"type\": \"number\", \"exclusiveMinimum\": %s, \"exclusiveMaximum\": %s}".formatted(min, max),
                "{\"type\": \"number\", \"minimum\": %s}".formatted(min),
                "{\"type\": \"number\", \"exclusiveMaximum\": %s}".formatted(max))) {
            if (min == max && schema.contains("exclusiveMinimum")) {
                continue;
            }
            Configurations configurations = new Configurations(new Automaton(Grammar.jsonSchema(schema)));
            int accepted = 0;
            for (int i = -3000; i <= 101_000; i += i < 8000 || i > 99_000 ? 1 : 500) {
                double x = i / 1000.0;
                String text = BigDecimal.valueOf(i, 3).stripTrailingZeros().toPlainString();
                boolean above = !schema.contains("inimum") || (schema.contains("exclusiveMin") ? x > min : x >= min);
                boolean below = !schema.contains("aximum") || (schema.contains("exclusiveMax") ? x < max : x <= max);
                assertThat(accepts(configurations, text))
                        .as("%s by %s", text, schema)
                        .isEqualTo(above && below);
                accepted += above && below ? 1 : 0;
            }
            assertThat(accepted).isPositive();
        }
    }

    private static boolean accepts(Configurations configurations, String text) {
        Configurations.Configuration at = configurations.start();
        for (byte b : text.getBytes(StandardCharsets.UTF_8)) {
            at = configurations.step(at, b & 0xFF);
        }
        return at.complete;
    }

    @Test
    void optionalPropertiesMayBeLeftOutAndAreInOrder() {
        Grammar grammar = Grammar.jsonSchema("""
                {"type": "object", "required": ["b"], "properties":
                  {"a": {"const": 1}, "b": {"const": 2}, "c": {"const": 3}}}""");
        Configurations configurations = new Configurations(new Automaton(grammar));
        for (String good : List.of(
                "{\"b\":2}",
                "{\"a\":1,\"b\":2}",
                "{\"b\": 2, \"c\":3}",
                "{\n  \"a\": 1,\n  \"b\": 2,\n  \"c\": 3\n}")) {
            assertThat(accepts(configurations, good)).as(good).isTrue();
        }
        for (String bad :
                List.of("{}", "{\"a\":1}", "{\"b\":2,\"a\":1}", "{\"b\":2,}", "{\"b\":2,\"d\":1}", "{,\"b\":2}")) {
            assertThat(accepts(configurations, bad)).as(bad).isFalse();
        }
    }

    @Test
    void aTightLimitOfTokensStillGivesAWholeValue() {
        String schema = SCHEMAS.get(2);
        Constraint constraint = Grammar.jsonSchema(schema).constrain(Walks.TRIE);
        int least = "{\"name\":\"\",\"tags\":[3]}".length();
        Random random = new Random(9);
        for (int limit = least; limit < least + 40; limit++) {
            byte[] text = Walks.random(constraint, Walks.TRIE, random, limit);
            assertThat(Validation.errors(schema, JsonMapper.shared().readTree(text)))
                    .isEmpty();
        }
    }

    @Test
    void saysWhatItCannotPromise() {
        refuses(
                "{\"type\": \"array\", \"uniqueItems\": true}",
                "schema at #: uniqueItems is supported only where items is an enum");
        refuses("{\"properties\": {\"a/b\": {\"not\": {}}}}", "schema at #/properties/a~1b: not is not supported");
        refuses("{\"type\": \"text\"}", "expected one of object");
        refuses("{\"$ref\": \"http://x\"}", "only places in the same schema");
        refuses("{\"$ref\": \"#/$defs/no\"}", "no such place");
        refuses("{\"anyOf\": [{}], \"type\": \"object\"}", "type beside anyOf");
        refuses("{\"oneOf\": [{\"type\": \"integer\"}, {\"type\": \"number\"}]}", "oneOf: options 0 and 1 may both");
        refuses("{\"allOf\": [{}, {}]}", "allOf of more than one");
        refuses("{\"type\": \"integer\", \"minimum\": 2, \"maximum\": 1}", "no number is at least 2 and at most 1");
        refuses("{\"type\": \"number\", \"multipleOf\": 0.3}", "multipleOf 0.3 is not supported here");
        refuses("{\"type\": \"integer\", \"multipleOf\": 0}", "multipleOf must be above 0");
        refuses(
                "{\"type\": \"integer\", \"multipleOf\": 10, \"minimum\": 1, \"maximum\": 9}",
                "no multiple of 10 is between the bounds");
        refuses(
                "{\"type\": \"array\", \"uniqueItems\": true, \"minItems\": 3, \"items\": {\"enum\": [1, 2]}}",
                "uniqueItems of 2 values");
        refuses(
                "{\"type\": \"object\", \"patternProperties\": {\"a\": {}, \"b\": {}}, \"additionalProperties\": false}",
                "only with one pattern");
        refuses("{\"type\": \"object\", \"patternProperties\": {\"a\": {}}}", "additionalProperties false");
        refuses(
                "{\"type\": \"object\", \"properties\": {\"a\": {}}, \"minProperties\": 1}",
                "only where properties and required keep to them anyway");
        refuses("{\"type\": \"string\", \"pattern\": \"(?=x)\"}", "pattern (?=x), at 2");
        refuses("{\"type\": \"string\", \"pattern\": \"\\\\bx\"}", "\\b is not supported");
        refuses("{\"type\": \"string\", \"format\": \"iri\"}", "format 'iri' is not supported; use date, ");
        refuses("{\"type\": \"string\", \"minLength\": 3, \"pattern\": \"a\"}", "only one is supported");
        refuses(
                "{\"type\": \"object\", \"required\": [\"a\"], \"additionalProperties\": false}",
                "required and not allowed");
        refuses("{\"type\": \"integer\", \"enum\": [\"a\"]}", "no value of enum");
        refuses(
                "{\"type\": \"object\", \"required\": [\"a\"], \"properties\": {\"a\": {\"$ref\": \"#\"}}}",
                "no finite text");
        refuses("false", "accepts nothing");
        refuses("[1]", "a schema is an object");
        refuses("{\"type\": ", "the schema is not JSON");
        refuses("{\"type\": \"integer\", \"exclusiveMinimum\": 1, \"exclusiveMaximum\": 2}", "no finite text");
    }

    private static void refuses(String schema, String message) {
        assertThatThrownBy(() -> Grammar.jsonSchema(schema).constrain(Walks.TRIE))
                .as(schema)
                .isInstanceOf(ModelException.class)
                .hasMessageContaining(message);
    }
}
