package dev.trit.model.grammar;

import dev.harrel.jsonschema.JsonNode;
import dev.harrel.jsonschema.JsonNodeFactory;
import dev.harrel.jsonschema.SimpleType;
import dev.harrel.jsonschema.Validator;
import dev.harrel.jsonschema.ValidatorFactory;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.json.JsonMapper;

/** An independent validator of JSON schemas, on this project's JSON library. */
final class Validation {
    private Validation() {}

    /** What is wrong with a value by a schema; empty if nothing is. */
    static List<String> errors(String schema, tools.jackson.databind.JsonNode value) {
        Validator.Result result = new ValidatorFactory()
                .withJsonNodeFactory(new Factory())
                .validate(new Node(JsonMapper.shared().readTree(schema), ""), new Node(value, ""));
        return result.getErrors().stream()
                .map(e -> e.getInstanceLocation() + " " + e.getEvaluationPath() + " " + e.getError())
                .toList();
    }

    private static final class Factory implements JsonNodeFactory {
        @Override
        public JsonNode wrap(Object node) {
            return node instanceof Node n ? n : new Node((tools.jackson.databind.JsonNode) node, "");
        }

        @Override
        public JsonNode create(String text) {
            return new Node(JsonMapper.shared().readTree(text), "");
        }
    }

    private static final class Node implements JsonNode {
        private final tools.jackson.databind.JsonNode value;
        private final String pointer;

        Node(tools.jackson.databind.JsonNode value, String pointer) {
            this.value = value;
            this.pointer = pointer;
        }

        @Override
        public String getJsonPointer() {
            return pointer;
        }

        @Override
        public SimpleType getNodeType() {
            return switch (value.getNodeType()) {
                case OBJECT -> SimpleType.OBJECT;
                case ARRAY -> SimpleType.ARRAY;
                case STRING -> SimpleType.STRING;
                case BOOLEAN -> SimpleType.BOOLEAN;
                case NUMBER -> asNumber().stripTrailingZeros().scale() <= 0 ? SimpleType.INTEGER : SimpleType.NUMBER;
                default -> SimpleType.NULL;
            };
        }

        @Override
        public boolean asBoolean() {
            return value.asBoolean();
        }

        @Override
        public String asString() {
            return value.asString();
        }

        @Override
        public BigInteger asInteger() {
            return asNumber().toBigInteger();
        }

        @Override
        public BigDecimal asNumber() {
            return value.decimalValue();
        }

        @Override
        public List<JsonNode> asArray() {
            List<JsonNode> items = new ArrayList<>();
            for (int i = 0; i < value.size(); i++) {
                items.add(new Node(value.get(i), pointer + "/" + i));
            }
            return items;
        }

        @Override
        public Map<String, JsonNode> asObject() {
            Map<String, JsonNode> members = new LinkedHashMap<>();
            value.properties()
                    .forEach(e -> members.put(
                            e.getKey(),
                            new Node(e.getValue(), pointer + "/" + JsonNode.encodeJsonPointer(e.getKey()))));
            return members;
        }

        private Object plain() {
            return switch (value.getNodeType()) {
                case OBJECT -> asObject();
                case ARRAY -> asArray();
                case NUMBER -> asNumber().stripTrailingZeros();
                default -> value;
            };
        }

        @Override
        public boolean equals(@Nullable Object other) {
            return other instanceof Node node && plain().equals(node.plain());
        }

        @Override
        public int hashCode() {
            return plain().hashCode();
        }
    }
}
