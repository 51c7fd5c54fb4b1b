package dev.trit.train;

import dev.trit.model.Activation;
import dev.trit.model.Config;
import dev.trit.model.RopeScaling;
import java.util.LinkedHashSet;
import java.util.Set;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/**
 * A {@link Recipe} as a tree of names and values, the same in JSON and YAML. Reading is strict: every field must be there,
 * with the right type, and no other.
 */
public final class RecipeJson {
    private static final JsonMapper MAPPER = JsonMapper.builder().build();

    private final String where;
    private final JsonNode node;
    private final Set<String> unread;

    private RecipeJson(String where, JsonNode node) {
        if (!node.isObject()) {
            throw new TrainException(where + ": expected names and values, got " + node.getNodeType());
        }
        this.where = where;
        this.node = node;
        this.unread = new LinkedHashSet<>(node.propertyNames());
    }

    public static ObjectNode write(Recipe r) {
        Config c = r.model();
        ObjectNode root = MAPPER.createObjectNode();
        root.putObject("model")
                .put("architecture", c.architecture())
                .put("hidden", c.hidden())
                .put("layers", c.layers())
                .put("heads", c.heads())
                .put("kvHeads", c.kvHeads())
                .put("headDim", c.headDim())
                .put("ffn", c.ffn())
                .put("vocab", c.vocab())
                .put("contextLength", c.contextLength())
                .put("normEps", c.normEps())
                .put("ropeTheta", c.ropeTheta())
                .put("tiedHead", c.tiedHead());
        root.put("weights", r.weights())
                .put("steps", r.steps())
                .put("batch", r.batch())
                .put("microBatch", r.microBatch())
                .put("sequence", r.sequence())
                .put("precision", r.precision().word())
                .put("schedule", r.schedule())
                .put("peak", r.peak())
                .put("peak2", r.peak2())
                .put("warmup", r.warmup())
                .put("weightDecay", r.weightDecay())
                .put("beta1", r.beta1())
                .put("beta2", r.beta2())
                .put("adamEps", r.adamEps())
                .put("clip", r.clip())
                .put("initStd", r.initStd())
                .put("seed", r.seed());
        return root;
    }

    /**
     * @param where the file, for messages
     * @throws TrainException for a field that is missing, unknown, of the wrong type or out of range
     */
    public static Recipe read(String where, JsonNode tree) {
        RecipeJson r = new RecipeJson(where, tree);
        RecipeJson m = new RecipeJson(where + ": model", r.take("model"));
        Config config = config(m);
        Recipe recipe = new Recipe(
                config,
                r.text("weights"),
                r.integer("steps"),
                r.integer("batch"),
                r.integer("microBatch"),
                r.integer("sequence"),
                Precision.named(r.text("precision")),
                r.text("schedule"),
                r.real("peak"),
                r.real("peak2"),
                r.integer("warmup"),
                r.real("weightDecay"),
                r.real("beta1"),
                r.real("beta2"),
                r.real("adamEps"),
                r.real("clip"),
                r.real("initStd"),
                r.whole("seed"));
        r.done();
        return recipe;
    }

    private static Config config(RecipeJson m) {
        String architecture = m.text("architecture");
        int headDim = m.integer("headDim");
        Config config = new Config(
                architecture,
                m.integer("hidden"),
                m.integer("layers"),
                m.integer("heads"),
                m.integer("kvHeads"),
                headDim,
                m.integer("ffn"),
                m.integer("vocab"),
                m.integer("contextLength"),
                (float) m.real("normEps"),
                (float) m.real("ropeTheta"),
                headDim,
                RopeScaling.NONE,
                activation(m.where, architecture),
                architecture.startsWith("bitnet"),
                false,
                m.bool("tiedHead"));
        m.done();
        return config;
    }

    private static Activation activation(String where, String architecture) {
        return switch (architecture) {
            case "llama", "bitnet" -> Activation.SILU;
            case "bitnet-b1.58" -> Activation.RELU2;
            default ->
                throw new TrainException(
                        "%s: unknown architecture: expected llama, bitnet (SwiGLU and sub-norms) or bitnet-b1.58 (squared ReLU and sub-norms), got %s"
                                .formatted(where, architecture));
        };
    }

    private JsonNode take(String name) {
        JsonNode value = node.get(name);
        if (value == null) {
            throw new TrainException("%s: %s is missing".formatted(where, name));
        }
        unread.remove(name);
        return value;
    }

    private TrainException wrong(String name, String expected, JsonNode got) {
        return new TrainException("%s: %s must be %s, got %s".formatted(where, name, expected, got));
    }

    private String text(String name) {
        JsonNode value = take(name);
        if (!value.isString()) {
            throw wrong(name, "a word", value);
        }
        return value.asString();
    }

    private long whole(String name) {
        JsonNode value = take(name);
        if (!value.isIntegralNumber() || !value.canConvertToLong()) {
            throw wrong(name, "a whole number", value);
        }
        return value.asLong();
    }

    private int integer(String name) {
        long value = whole(name);
        if (value != (int) value || value < 1 && !name.equals("warmup")) {
            throw wrong(name, "a whole number of at least 1 and below 2^31", take(name));
        }
        return (int) value;
    }

    private double real(String name) {
        JsonNode value = take(name);
        if (!value.isNumber()) {
            throw wrong(name, "a number", value);
        }
        return value.asDouble();
    }

    private boolean bool(String name) {
        JsonNode value = take(name);
        if (!value.isBoolean()) {
            throw wrong(name, "true or false", value);
        }
        return value.asBoolean();
    }

    private void done() {
        if (!unread.isEmpty()) {
            throw new TrainException(
                    "%s: unknown field %s".formatted(where, unread.iterator().next()));
        }
    }
}
