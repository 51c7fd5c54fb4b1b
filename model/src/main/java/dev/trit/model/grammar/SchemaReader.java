package dev.trit.model.grammar;

import static dev.trit.model.grammar.Expr.literal;
import static dev.trit.model.grammar.Expr.seq;

import dev.trit.model.ModelException;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.math.RoundingMode;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/**
 * Turns a JSON schema into rules whose texts it accepts. What it cannot promise to keep it refuses; what only describes
 * (titles, defaults, unknown words) it passes over, as validators do.
 */
final class SchemaReader {
    private static final List<String> REFUSED = List.of(
            "not",
            "if",
            "then",
            "else",
            "dependentSchemas",
            "dependentRequired",
            "dependencies",
            "propertyNames",
            "contains",
            "minContains",
            "maxContains",
            "unevaluatedProperties",
            "unevaluatedItems",
            "additionalItems",
            "$dynamicRef",
            "$recursiveRef");

    /** Words that narrow down a value, by the type they apply to. */
    private static final Map<String, List<String>> WORDS = Map.of(
            "object",
                    List.of(
                            "properties",
                            "required",
                            "additionalProperties",
                            "patternProperties",
                            "minProperties",
                            "maxProperties"),
            "array", List.of("items", "prefixItems", "minItems", "maxItems", "uniqueItems"),
            "string", List.of("minLength", "maxLength", "pattern", "format"),
            "number", List.of("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf"));

    private static final List<String> TYPES =
            List.of("object", "array", "string", "number", "integer", "boolean", "null");
    private static final int LARGEST_COUNT = 100_000;
    private static final int LONGEST_NUMBER = 40;
    private static final int MOST_DIFFERENT = 8; // of uniqueItems: there are 256 sets of them

    private final JsonNode root;
    private final JsonGrammar json = new JsonGrammar();

    SchemaReader(JsonNode root) {
        this.root = root;
    }

    static JsonNode parse(String schema) {
        try {
            return JsonMapper.shared().readTree(schema);
        } catch (JacksonException e) {
            throw new ModelException("the schema is not JSON: " + e.getOriginalMessage(), e);
        }
    }

    Grammar grammar() {
        return new Grammar(json.rules(), rule("#", root).name());
    }

    /** The rule for the schema at a place; made when it is first asked for, so that schemas may refer to themselves. */
    private Expr.Rule rule(String place, JsonNode schema) {
        if (!json.rules().containsKey(place)) {
            json.rules().put(place, Expr.NEVER); // it is being made
            json.rules().put(place, read(place, schema));
        }
        return new Expr.Rule(place);
    }

    private Expr read(String place, JsonNode schema) {
        if (schema.isBoolean()) {
            if (schema.asBoolean()) {
                return JsonGrammar.VALUE;
            }
            throw error(place, "the schema false accepts nothing");
        }
        if (!(schema instanceof ObjectNode)) {
            throw error(place, "a schema is an object or true, got " + schema);
        }
        for (String word : REFUSED) {
            if (schema.has(word)) {
                throw error(place, word + " is not supported");
            }
        }
        if (schema.has("$ref")) {
            alone(place, schema, "$ref");
            return reference(place, schema.get("$ref"));
        }
        for (String word : List.of("anyOf", "oneOf", "allOf")) {
            if (schema.has(word)) {
                alone(place, schema, word);
                return options(place, schema, word);
            }
        }
        if (schema.has("const") || schema.has("enum")) {
            return values(place, schema);
        }
        List<Expr> byType = new ArrayList<>();
        for (String type : types(place, schema)) {
            byType.add(typed(place, schema, type));
        }
        return byType.size() == 1 ? byType.getFirst() : new Expr.Choice(byType);
    }

    /** Other words that narrow down would have to hold at the same time; that is not supported. */
    private void alone(String place, JsonNode schema, String word) {
        List<String> narrowing = new ArrayList<>(List.of("$ref", "anyOf", "oneOf", "allOf", "const", "enum", "type"));
        WORDS.values().forEach(narrowing::addAll);
        narrowing.remove(word);
        for (String other : narrowing) {
            if (schema.has(other)) {
                throw error(place, "%s beside %s is not supported; put it inside".formatted(other, word));
            }
        }
    }

    private Expr reference(String place, JsonNode ref) {
        String pointer = ref.asString("");
        if (!pointer.startsWith("#")) {
            throw error(place, "$ref %s: only places in the same schema (#/...) are supported".formatted(ref));
        }
        JsonNode target = root;
        for (String step :
                pointer.length() < 2 ? new String[0] : pointer.substring(2).split("/", -1)) {
            String name = unescape(step);
            target = target.isArray() && name.matches("\\d{1,6}")
                    ? target.path(Integer.parseInt(name))
                    : target.path(name);
        }
        if (target.isMissingNode() || (pointer.length() > 1 && pointer.charAt(1) != '/')) {
            throw error(place, "$ref %s: there is no such place".formatted(ref));
        }
        return rule(pointer.equals("#/") ? "#" : pointer, target);
    }

    private static String unescape(String step) {
        String decoded =
                step.contains("%") ? URLDecoder.decode(step.replace("+", "%2B"), StandardCharsets.UTF_8) : step;
        return decoded.replace("~1", "/").replace("~0", "~");
    }

    private Expr options(String place, JsonNode schema, String word) {
        JsonNode list = schema.get(word);
        if (!list.isArray() || list.isEmpty()) {
            throw error(place, word + " must be a list of schemas");
        }
        if (word.equals("allOf") && list.size() > 1) {
            throw error(place, "allOf of more than one schema is not supported; merge them");
        }
        if (word.equals("oneOf")) {
            requireDisjoint(place, list);
        }
        List<Expr> options = new ArrayList<>();
        for (int i = 0; i < list.size(); i++) {
            options.add(rule(place + "/" + word + "/" + i, list.get(i)));
        }
        return new Expr.Choice(options);
    }

    /** With {@code oneOf}, no value may satisfy two options: types must differ, or the values of a required property. */
    private void requireDisjoint(String place, JsonNode list) {
        for (int i = 0; i < list.size(); i++) {
            for (int j = 0; j < i; j++) {
                if (!disjoint(resolved(place, list.get(i)), resolved(place, list.get(j)))) {
                    throw error(
                            place,
                            "oneOf: options %d and %d may both accept a value; use anyOf, or tell them apart by type or by a required property of one value (const)"
                                    .formatted(j, i));
                }
            }
        }
    }

    private JsonNode resolved(String place, JsonNode schema) {
        JsonNode at = schema;
        for (int i = 0; i < 32 && at.has("$ref"); i++) {
            reference(place, at.get("$ref")); // complains about a wrong one
            String pointer = at.get("$ref").asString("");
            at = pointer.length() < 2 ? root : root.at(pointer.substring(1));
        }
        return at;
    }

    private boolean disjoint(JsonNode a, JsonNode b) {
        Set<JsonNode> someA = finite(a);
        Set<JsonNode> someB = finite(b);
        if (someA != null && someB != null) {
            return someA.stream().noneMatch(someB::contains);
        }
        Set<String> both = kinds(a);
        both.retainAll(kinds(b));
        if (both.isEmpty()) {
            return true;
        }
        if (!both.equals(Set.of("object"))) {
            return false;
        }
        for (String name : a.path("properties").propertyNames()) {
            boolean required = requires(a, name) && requires(b, name);
            Set<JsonNode> valuesA = finite(a.get("properties").get(name));
            Set<JsonNode> valuesB = finite(b.path("properties").path(name));
            if (required
                    && valuesA != null
                    && valuesB != null
                    && valuesA.stream().noneMatch(valuesB::contains)) {
                return true;
            }
        }
        return false;
    }

    private static boolean requires(JsonNode schema, String name) {
        return schema.path("required")
                .valueStream()
                .anyMatch(n -> n.asString("").equals(name));
    }

    /** The values of a const or an enum; null for other schemas. */
    private static @Nullable Set<JsonNode> finite(JsonNode schema) {
        if (schema.has("const")) {
            return Set.of(schema.get("const"));
        }
        return schema.has("enum")
                ? new LinkedHashSet<>(schema.get("enum").valueStream().toList())
                : null;
    }

    private static Set<String> kinds(JsonNode schema) {
        Set<String> kinds = new LinkedHashSet<>();
        JsonNode type = schema.path("type");
        if (type.isMissingNode()) {
            kinds.addAll(TYPES);
        } else if (type.isArray()) {
            type.valueStream().forEach(t -> kinds.add(t.asString("")));
        } else {
            kinds.add(type.asString(""));
        }
        if (kinds.remove("integer")) {
            kinds.add("number");
        }
        return kinds;
    }

    private Expr values(String place, JsonNode schema) {
        for (List<String> words : WORDS.values()) {
            for (String word : words) {
                if (schema.has(word)) {
                    throw error(
                            place, word + " beside enum or const is not supported; leave out the values it forbids");
                }
            }
        }
        Set<JsonNode> values = finite(schema);
        List<Expr> options = new ArrayList<>();
        Set<String> allowed =
                schema.has("type") ? new LinkedHashSet<>(types(place, schema)) : new LinkedHashSet<>(TYPES);
        for (JsonNode value : values == null ? Set.<JsonNode>of() : values) {
            boolean fits = allowed.contains(typeOf(value))
                    || (allowed.contains("integer") && value.isNumber() && isWhole(value.decimalValue()))
                    || (allowed.contains("number") && value.isNumber());
            boolean listed = !schema.has("const")
                    || !schema.has("enum")
                    || schema.get("enum").valueStream().anyMatch(value::equals);
            if (fits && listed) {
                options.add(literal(value.toString()));
            }
        }
        if (options.isEmpty()) {
            throw error(place, "no value of enum or const is of the type asked for");
        }
        return new Expr.Choice(options);
    }

    private static String typeOf(JsonNode value) {
        return switch (value.getNodeType()) {
            case OBJECT -> "object";
            case ARRAY -> "array";
            case STRING -> "string";
            case NUMBER -> "number";
            case BOOLEAN -> "boolean";
            default -> "null";
        };
    }

    /** The types that a schema names, or that its words are about, or all. */
    private List<String> types(String place, JsonNode schema) {
        JsonNode type = schema.path("type");
        List<String> types = new ArrayList<>();
        if (type.isArray()) {
            type.valueStream().forEach(t -> types.add(t.asString("")));
        } else if (!type.isMissingNode()) {
            types.add(type.asString(""));
        } else {
            for (String candidate : List.of("object", "array", "string", "number")) {
                if (WORDS.getOrDefault(candidate, List.of()).stream().anyMatch(schema::has)) {
                    types.add(candidate);
                }
            }
            if (types.isEmpty()) {
                return List.of("object", "array", "string", "number", "boolean", "null");
            }
        }
        for (String one : types) {
            if (!TYPES.contains(one)) {
                throw error(place, "type %s: expected one of %s".formatted(type, String.join(", ", TYPES)));
            }
        }
        if (types.isEmpty()) {
            throw error(place, "type: no type is allowed");
        }
        return types;
    }

    private Expr typed(String place, JsonNode schema, String type) {
        return switch (type) {
            case "object" -> object(place, schema);
            case "array" -> array(place, schema);
            case "string" -> string(place, schema);
            case "number" -> number(place, schema, false);
            case "integer" -> number(place, schema, true);
            case "boolean" -> Expr.choice(literal("true"), literal("false"));
            default -> literal("null");
        };
    }

    // Objects.

    private Expr object(String place, JsonNode schema) {
        if (schema.has("patternProperties")) {
            return named(place, schema);
        }
        JsonNode properties = schema.path("properties");
        Set<String> required = new LinkedHashSet<>();
        schema.path("required").valueStream().forEach(n -> required.add(n.asString("")));
        JsonNode additional = schema.path("additionalProperties");
        boolean open = additional.isMissingNode()
                ? properties.isEmpty() && required.isEmpty()
                : !additional.isBoolean() || additional.asBoolean();
        Expr.Rule other = !open || additional.isMissingNode() || additional.isBoolean()
                ? JsonGrammar.VALUE
                : rule(place + "/additionalProperties", additional);
        Map<String, Expr> values = new LinkedHashMap<>();
        for (Map.Entry<String, JsonNode> property : properties.properties()) {
            values.put(
                    property.getKey(), rule(place + "/properties/" + escape(property.getKey()), property.getValue()));
        }
        for (String name : required) {
            if (!values.containsKey(name)) {
                if (additional.isBoolean() && !additional.asBoolean()) {
                    throw error(place, "the property '%s' is required and not allowed".formatted(name));
                }
                values.put(name, other);
            }
        }
        if (values.isEmpty() && open) {
            int min = count(place, schema, "minProperties", 0);
            int max = count(place, schema, "maxProperties", Expr.UNLIMITED);
            // Equal keys would be one property, so of a number of properties only none and one can be promised.
            if (min > 1 || (max != Expr.UNLIMITED && max < min)) {
                throw error(place, "minProperties above 1 (or above maxProperties) is not supported");
            }
            return JsonGrammar.object(JsonGrammar.STRING, other, min, max);
        }
        int most = count(place, schema, "maxProperties", Expr.UNLIMITED);
        boolean met = count(place, schema, "minProperties", 0) <= required.size()
                && (most == Expr.UNLIMITED || (!open && most >= values.size()));
        if (!met) {
            throw error(
                    place,
                    "minProperties and maxProperties beside properties are supported only where properties and required keep to them anyway");
        }
        return members(place, values, required, open ? other : null);
    }

    /** Properties whose names follow a pattern, and no others. */
    private Expr named(String place, JsonNode schema) {
        JsonNode patterns = schema.get("patternProperties");
        JsonNode additional = schema.path("additionalProperties");
        boolean others = schema.has("properties") || schema.has("required") || schema.has("maxProperties");
        if (patterns.size() != 1 || others || !additional.isBoolean() || additional.asBoolean()) {
            throw error(
                    place,
                    "patternProperties is supported only with one pattern, additionalProperties false and no properties beside it");
        }
        String pattern = patterns.propertyNames().iterator().next();
        String at = place + "/patternProperties/" + escape(pattern);
        int min = count(place, schema, "minProperties", 0);
        if (min > 1) {
            throw error(place, "minProperties above 1 is not supported");
        }
        Expr key = seq(literal("\""), new PatternParser(pattern, at).parse(), literal("\""));
        return JsonGrammar.object(key, rule(at, patterns.get(pattern)), min, Expr.UNLIMITED);
    }

    /** Properties in order; a rule for what may follow each, with and without one before it. */
    private Expr members(String place, Map<String, Expr> values, Set<String> required, @Nullable Expr other) {
        String close = place + " end";
        Expr end = seq(JsonGrammar.SPACE, literal("}"));
        Expr afterSome = end;
        Expr afterNone = literal("}");
        if (other != null) {
            Expr more = JsonGrammar.property(JsonGrammar.keyOtherThan(values.keySet()), other);
            afterSome = seq(Expr.many(seq(literal(","), JsonGrammar.SPACE, more)), end);
            afterNone = Expr.choice(literal("}"), seq(JsonGrammar.SPACE, more, afterSome));
        }
        json.rules().put(close + " some", afterSome);
        json.rules().put(close + " none", afterNone);
        Expr.Rule some = new Expr.Rule(close + " some");
        Expr.Rule none = new Expr.Rule(close + " none");
        List<Map.Entry<String, Expr>> all = new ArrayList<>(values.entrySet());
        for (int i = all.size() - 1; i >= 0; i--) {
            String name = all.get(i).getKey();
            Expr key = literal(quoted(name));
            Expr one = JsonGrammar.property(key, all.get(i).getValue());
            Expr first = seq(JsonGrammar.SPACE, one, some);
            Expr further = seq(literal(","), JsonGrammar.SPACE, one, some);
            boolean must = required.contains(name);
            String from = place + " from " + i;
            json.rules().put(from + " some", must ? further : Expr.choice(further, some));
            json.rules().put(from + " none", must ? first : Expr.choice(first, none));
            some = new Expr.Rule(from + " some");
            none = new Expr.Rule(from + " none");
        }
        return seq(literal("{"), none);
    }

    private static String quoted(String text) {
        return JsonMapper.shared().writeValueAsString(text);
    }

    private static String escape(String name) {
        return name.replace("~", "~0").replace("/", "~1");
    }

    // Arrays.

    private Expr array(String place, JsonNode schema) {
        int min = count(place, schema, "minItems", 0);
        int max = count(place, schema, "maxItems", Expr.UNLIMITED);
        if (max != Expr.UNLIMITED && max < min) {
            throw error(place, "maxItems %d is less than minItems %d".formatted(max, min));
        }
        JsonNode items = schema.path("items");
        boolean none = items.isBoolean() && !items.asBoolean();
        if (schema.path("uniqueItems").asBoolean(false) && max != 0 && max != 1 && !none) {
            return different(place, schema, items, min, max);
        }
        Expr item = items.isMissingNode() || items.isBoolean() ? JsonGrammar.VALUE : rule(place + "/items", items);
        if (!schema.has("prefixItems")) {
            if (none && min > 0) {
                throw error(place, "items: false and minItems %d contradict each other".formatted(min));
            }
            return JsonGrammar.array(item, min, none ? 0 : max);
        }
        return tuple(place, schema.get("prefixItems"), item, min, none ? 0 : max, none);
    }

    /** Items no two of which are the same: a rule for each set of those that have been said. */
    private Expr different(String place, JsonNode schema, JsonNode items, int min, int max) {
        JsonNode target = resolved(place, items);
        boolean bool = target.path("type").asString("").equals("boolean");
        if (schema.has("prefixItems") || (!bool && !target.has("enum") && !target.has("const"))) {
            throw error(place, "uniqueItems is supported only where items is an enum");
        }
        Expr all = bool ? typed(place, target, "boolean") : values(place + "/items", target);
        List<Expr> values = ((Expr.Choice) all).options().stream().distinct().toList();
        if (values.size() > MOST_DIFFERENT || min > values.size()) {
            throw error(
                    place,
                    "uniqueItems of %d values: at most %d are supported, and minItems must not be more"
                            .formatted(values.size(), MOST_DIFFERENT));
        }
        return seq(literal("["), without(place, values, 0, min, max));
    }

    /** @param said bit i is set where the array has value i */
    private Expr.Rule without(String place, List<Expr> values, int said, int min, int max) {
        String name = place + " without " + said;
        if (!json.rules().containsKey(name)) {
            int count = Integer.bitCount(said);
            List<Expr> options = new ArrayList<>();
            if (count >= min) {
                options.add(count == 0 ? literal("]") : seq(JsonGrammar.SPACE, literal("]")));
            }
            for (int i = 0; i < values.size(); i++) {
                if ((said >> i & 1) == 0 && (max == Expr.UNLIMITED || count < max)) {
                    Expr before = count == 0 ? Expr.EMPTY : literal(",");
                    Expr then = without(place, values, said | 1 << i, min, max);
                    options.add(seq(before, JsonGrammar.SPACE, values.get(i), then));
                }
            }
            json.rules().put(name, new Expr.Choice(options));
        }
        return new Expr.Rule(name);
    }

    /** Items each with a schema of its own; all of them are written, and others after them where they may be. */
    private Expr tuple(String place, JsonNode prefix, Expr item, int min, int max, boolean closed) {
        List<Expr> parts = new ArrayList<>();
        int n = prefix.size();
        if ((!closed && max != Expr.UNLIMITED && max < n) || (closed && min > n) || n == 0) {
            throw error(place, "prefixItems of %d items do not fit the other limits".formatted(n));
        }
        for (int i = 0; i < n; i++) {
            parts.add(literal(i == 0 ? "[" : ","));
            parts.add(JsonGrammar.SPACE);
            parts.add(rule(place + "/prefixItems/" + i, prefix.get(i)));
        }
        if (!closed) {
            int most = max == Expr.UNLIMITED ? max : max - n;
            parts.add(Expr.repeat(seq(literal(","), JsonGrammar.SPACE, item), Math.max(0, min - n), most));
        }
        parts.add(JsonGrammar.SPACE);
        parts.add(literal("]"));
        return new Expr.Seq(parts);
    }

    // Strings and numbers.

    private Expr string(String place, JsonNode schema) {
        boolean counted = schema.has("minLength") || schema.has("maxLength");
        if ((counted ? 1 : 0) + (schema.has("pattern") ? 1 : 0) + (schema.has("format") ? 1 : 0) > 1) {
            throw error(place, "of lengths, pattern and format only one is supported at a time");
        }
        if (schema.has("pattern")) {
            Expr inside = new PatternParser(schema.get("pattern").asString(""), place).parse();
            return seq(literal("\""), inside, literal("\""));
        }
        if (schema.has("format")) {
            String format = schema.get("format").asString("");
            String pattern = Formats.pattern(format);
            if (pattern == null) {
                throw error(place, "format '%s' is not supported; use %s".formatted(format, Formats.names()));
            }
            return seq(literal("\""), new PatternParser(pattern, place).parse(), literal("\""));
        }
        if (!counted) {
            return JsonGrammar.STRING;
        }
        int min = count(place, schema, "minLength", 0);
        int max = count(place, schema, "maxLength", Expr.UNLIMITED);
        if (max != Expr.UNLIMITED && max < min) {
            throw error(place, "maxLength %d is less than minLength %d".formatted(max, min));
        }
        return seq(literal("\""), Expr.repeat(JsonGrammar.CHARACTER, min, max), literal("\""));
    }

    private Expr number(String place, JsonNode schema, boolean whole) {
        BigDecimal step = decimal(place, schema, "multipleOf");
        if (step != null && step.signum() <= 0) {
            throw error(place, "multipleOf must be above 0, got " + step);
        }
        Decimals.Bound min = bound(place, schema, "minimum", "exclusiveMinimum", 1);
        Decimals.Bound max = bound(place, schema, "maximum", "exclusiveMaximum", -1);
        if (min != null && max != null && min.value().compareTo(max.value()) > 0) {
            throw error(place, "no number is at least %s and at most %s".formatted(min.value(), max.value()));
        }
        if (step != null && (!whole || step.compareTo(BigDecimal.ONE) != 0)) {
            return multiples(place, step, whole, min, max);
        }
        if (min == null && max == null) {
            return whole ? JsonGrammar.INTEGER : JsonGrammar.NUMBER;
        }
        if (!whole) {
            return Decimals.reals(min, max);
        }
        BigInteger least = min == null ? null : integer(min, RoundingMode.CEILING, BigInteger.ONE);
        BigInteger most = max == null ? null : integer(max, RoundingMode.FLOOR, BigInteger.ONE.negate());
        return Decimals.integers(least, most);
    }

    /** Multiples of an integer between bounds, from 0 on or without bounds; those of 0.1, 0.01, ... without bounds. */
    private Expr multiples(
            String place, BigDecimal step, boolean whole, Decimals.@Nullable Bound min, Decimals.@Nullable Bound max) {
        int decimals = Multiples.decimalsOf(step);
        if (decimals > 0 && min == null && max == null) {
            return whole ? JsonGrammar.INTEGER : Multiples.decimals(decimals);
        }
        if (isWhole(step)) {
            BigInteger n = step.toBigIntegerExact();
            if (min != null && max != null) {
                List<Expr> few = Multiples.between(
                        integer(min, RoundingMode.CEILING, BigInteger.ONE),
                        integer(max, RoundingMode.FLOOR, BigInteger.ONE.negate()),
                        n);
                if (few.isEmpty()) {
                    throw error(place, "no multiple of %s is between the bounds".formatted(step));
                }
                if (few.size() <= Multiples.MOST_LISTED) {
                    return new Expr.Choice(few);
                }
            }
            boolean fromZero = min != null && min.inclusive() && min.value().signum() == 0;
            if (max == null
                    && (min == null || fromZero)
                    && n.bitLength() < 31
                    && n.intValue() <= Multiples.LARGEST_STEP) {
                return Multiples.integers(json.rules(), place, n.intValue(), min == null);
            }
        }
        throw error(
                place,
                "multipleOf %s is not supported here; an integer up to %d (from 0 on or without bounds), up to %d multiples between bounds, and 0.1, 0.01, ... without bounds are"
                        .formatted(step, Multiples.LARGEST_STEP, Multiples.MOST_LISTED));
    }

    /** The nearest integer within a bound. */
    private static BigInteger integer(Decimals.Bound bound, RoundingMode inwards, BigInteger further) {
        BigInteger nearest = bound.value().setScale(0, inwards).toBigInteger();
        boolean itself = bound.value().compareTo(new BigDecimal(nearest)) == 0;
        return itself && !bound.inclusive() ? nearest.add(further) : nearest;
    }

    /** The narrower of two bounds; {@code sign} is 1 where the larger one is. */
    private Decimals.@Nullable Bound bound(
            String place, JsonNode schema, String inclusive, String exclusive, int sign) {
        BigDecimal in = decimal(place, schema, inclusive);
        BigDecimal ex = decimal(place, schema, exclusive);
        if (ex != null && (in == null || sign * ex.compareTo(in) >= 0)) {
            return new Decimals.Bound(ex, false);
        }
        return in == null ? null : new Decimals.Bound(in, true);
    }

    private @Nullable BigDecimal decimal(String place, JsonNode schema, String word) {
        if (!schema.has(word)) {
            return null;
        }
        JsonNode value = schema.get(word);
        if (!value.isNumber()) {
            throw error(place, "%s must be a number, got %s".formatted(word, value));
        }
        BigDecimal decimal = value.decimalValue();
        if (decimal.precision() > LONGEST_NUMBER || Math.abs(decimal.scale()) > LONGEST_NUMBER) {
            throw error(place, "%s %s has too many digits".formatted(word, value));
        }
        return decimal;
    }

    private static boolean isWhole(BigDecimal value) {
        return value.stripTrailingZeros().scale() <= 0;
    }

    private int count(String place, JsonNode schema, String word, int otherwise) {
        BigDecimal value = decimal(place, schema, word);
        if (value == null) {
            return otherwise;
        }
        if (!isWhole(value) || value.signum() < 0 || value.compareTo(BigDecimal.valueOf(LARGEST_COUNT)) > 0) {
            throw error(place, "%s must be an integer from 0 to %d, got %s".formatted(word, LARGEST_COUNT, value));
        }
        return value.intValue();
    }

    private static ModelException error(String place, String what) {
        return new ModelException("schema at %s: %s".formatted(place, what));
    }
}
