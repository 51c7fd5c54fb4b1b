package dev.trit.train;

import static dev.trit.train.RecipeField.*;

import java.util.EnumMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/**
 * A recipe in the making: what somebody set, and for everything else what follows from the size, the family and the kind
 * of weights. Later settings win.
 */
public final class RecipeDraft {
    private static final int TERNARY_WARMUP = 375;
    private static final int BINARY_WARMUP = 750;

    private final Map<RecipeField, JsonNode> given = new EnumMap<>(RecipeField.class);

    /**
     * Sets one field.
     *
     * @param where file or flag, for messages
     * @throws TrainException if the text is not of the field's kind
     */
    public RecipeDraft set(RecipeField field, String where, String text) {
        if (field == STEPS) {
            given.remove(TOKENS);
        } else if (field == TOKENS) {
            given.remove(STEPS);
        }
        given.put(field, field.parse(where, text));
        return this;
    }

    /**
     * The recipe.
     *
     * @param vocab token ids of the data
     * @throws TrainException for a value out of its range, naming the field
     */
    public Recipe resolve(int vocab) {
        String family = word(FAMILY, "2b4t");
        String weights = word(WEIGHTS, "b1.58");
        Size size = Size.named(word(SIZE, "5m"));
        ObjectNode root = JsonMapper.shared().createObjectNode();
        model(root.putObject("model"), size, family, vocab);
        root.put("weights", weights);
        batches(root, size);
        optimizer(root, size, weights);
        return RecipeJson.read("recipe", root);
    }

    private void model(ObjectNode model, Size size, String family, int vocab) {
        boolean grouped = family.equals("2b4t");
        int context = whole(CONTEXT_LENGTH, whole(SEQUENCE, size.batch.sequence()));
        int hidden = whole(HIDDEN, size.shape.hidden());
        int heads = whole(HEADS, size.shape.heads());
        int sharing = grouped ? size.shape.heads() / size.shape.groupedHeads() : 1;
        put(model, ARCHITECTURE, text(architecture(family)));
        put(model, HIDDEN, number(hidden));
        put(model, LAYERS, number(size.shape.layers()));
        put(model, HEADS, number(heads));
        put(model, KV_HEADS, number(heads % sharing == 0 ? heads / sharing : heads));
        put(model, HEAD_DIM, number(Math.max(1, hidden / heads)));
        put(model, FFN, number(size.shape.ffn()));
        put(model, VOCAB, number(vocab));
        put(model, CONTEXT_LENGTH, number(context));
        put(model, NORM_EPS, number(1e-5));
        put(model, ROPE_THETA, number(grouped && context >= 2048 ? 500_000.0 : 10_000.0));
        put(model, TIED_HEAD, JsonNodeFactory.instance.booleanNode(true));
    }

    private void batches(ObjectNode root, Size size) {
        int batch = whole(BATCH, size.batch.batch());
        int sequence = whole(SEQUENCE, size.batch.sequence());
        JsonNode tokens = given.get(TOKENS);
        long steps = tokens == null
                ? size.batch.steps()
                : Math.ceilDiv(Math.max(0, tokens.asLong()), Math.max(1, (long) batch * sequence));
        put(root, STEPS, number(steps));
        put(root, BATCH, number(batch));
        put(root, MICRO_BATCH, number(largestDivisor(batch, size.batch.micro())));
        put(root, SEQUENCE, number(sequence));
        put(root, PRECISION, text(Precision.F32.word()));
    }

    private void optimizer(ObjectNode root, Size size, String weights) {
        boolean binary = weights.equals("b1");
        boolean full = weights.equals("full");
        double peak = full ? size.rates.full() : binary ? size.rates.binary() : size.rates.ternary();
        double ratio = size.rates.ternary2() / size.rates.ternary();
        String schedule = word(SCHEDULE, binary || full ? "linear" : "two-stage");
        put(root, SCHEDULE, text(schedule));
        put(root, PEAK, number(peak));
        double set = root.path("peak").asDouble();
        boolean table = !given.containsKey(PEAK) && !binary && !full;
        double second = schedule.equals("linear") ? set : table ? size.rates.ternary2() : set * ratio;
        put(root, PEAK2, number(second));
        int warmup = binary ? BINARY_WARMUP : TERNARY_WARMUP;
        put(root, WARMUP, number(Math.min(warmup, root.path("steps").asLong() / 10)));
        put(root, WEIGHT_DECAY, number(binary ? 0.01 : 0.1));
        put(root, BETA1, number(0.9));
        put(root, BETA2, number(binary ? 0.98 : 0.95));
        put(root, ADAM_EPS, number(1e-8));
        put(root, CLIP, number(binary ? 0.0 : 1.0));
        put(root, INIT_STD, number(0.02));
        put(root, SEED, number(1));
    }

    private static String architecture(String family) {
        return switch (family) {
            case "llama", "bitnet" -> family;
            case "2b4t" -> "bitnet-b1.58";
            default -> throw new TrainException("unknown family: expected llama, bitnet or 2b4t, got " + family);
        };
    }

    /** What was given for the field, else {@code derived}, under the field's last name. */
    private void put(ObjectNode into, RecipeField field, JsonNode derived) {
        String path = field.path();
        into.set(path.substring(path.indexOf('.') + 1), given.getOrDefault(field, derived));
    }

    private String word(RecipeField field, String otherwise) {
        JsonNode value = given.get(field);
        return value == null ? otherwise : value.asString();
    }

    /** For deriving other fields; what is out of range is refused when the recipe is read. */
    private int whole(RecipeField field, int otherwise) {
        @Nullable JsonNode value = given.get(field);
        return value == null ? otherwise : Math.clamp(value.asLong(), 1, Integer.MAX_VALUE);
    }

    private static int largestDivisor(int of, int limit) {
        int divisor = Math.min(of, limit);
        while (of % divisor != 0) {
            divisor--;
        }
        return divisor;
    }

    private static JsonNode text(String value) {
        return JsonNodeFactory.instance.stringNode(value);
    }

    private static JsonNode number(long value) {
        return JsonNodeFactory.instance.numberNode(value);
    }

    private static JsonNode number(double value) {
        return JsonNodeFactory.instance.numberNode(value);
    }
}
