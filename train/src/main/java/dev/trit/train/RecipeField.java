package dev.trit.train;

import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.JsonNodeFactory;

/** What can be set in a recipe: once here for the YAML file, the flags of {@code trit train} and their help. */
public enum RecipeField {
    SIZE("size", Kind.WORD, "Shape, rates and batch to start from: " + Size.words()),
    FAMILY("family", Kind.WORD, "llama (SwiGLU), bitnet (SwiGLU, inner norms) or 2b4t (squared ReLU, inner norms)"),
    WEIGHTS("weights", Kind.WORD, "Of the blocks: b1.58 (ternary), b1 (binary) or full"),
    TOKENS("tokens", Kind.WHOLE, "Tokens to see: another way to say steps"),
    ARCHITECTURE("model.architecture", Kind.WORD, "GGUF's word; follows the family"),
    HIDDEN("model.hidden", Kind.WHOLE, "Width of the residual stream"),
    LAYERS("model.layers", Kind.WHOLE, "Blocks"),
    HEADS("model.heads", Kind.WHOLE, "Query heads"),
    KV_HEADS("model.kvHeads", Kind.WHOLE, "Key and value heads"),
    HEAD_DIM("model.headDim", Kind.WHOLE, "Width of a head"),
    FFN("model.ffn", Kind.WHOLE, "Inner width of the feed-forward unit"),
    VOCAB("model.vocab", Kind.WHOLE, "Token ids; at least those of the data"),
    CONTEXT_LENGTH("model.contextLength", Kind.WHOLE, "Positions"),
    NORM_EPS("model.normEps", Kind.REAL, "Added to the mean square in norms"),
    ROPE_THETA("model.ropeTheta", Kind.REAL, "Base of the rotary frequencies"),
    TIED_HEAD("model.tiedHead", Kind.TRUTH, "Whether the head is the embedding"),
    STEPS("steps", Kind.WHOLE, "Optimizer steps in all"),
    BATCH("batch", Kind.WHOLE, "Sequences per step"),
    MICRO_BATCH("microBatch", Kind.WHOLE, "Sequences per pass; divides the batch"),
    SEQUENCE("sequence", Kind.WHOLE, "Tokens of a sequence"),
    PRECISION("precision", Kind.WORD, "Of the matrix products of steps: f32 or bf16"),
    SCHEDULE("schedule", Kind.WORD, "two-stage, cosine or linear"),
    PEAK("peak", Kind.REAL, "Highest learning rate"),
    PEAK2("peak2", Kind.REAL, "Where the line of the second half starts from"),
    WARMUP("warmup", Kind.WHOLE, "Steps until the highest learning rate"),
    WEIGHT_DECAY("weightDecay", Kind.REAL, "Of matrices; in stages of the first half only"),
    BETA1("beta1", Kind.REAL, "Decay of AdamW's first moment"),
    BETA2("beta2", Kind.REAL, "Decay of AdamW's second moment"),
    ADAM_EPS("adamEps", Kind.REAL, "Added to AdamW's root"),
    CLIP("clip", Kind.REAL, "Largest norm of the gradient; 0: any"),
    INIT_STD("initStd", Kind.REAL, "Standard deviation of initial weights"),
    SEED("seed", Kind.WHOLE, "Of initial weights and of the data's order");

    /** What a value is. */
    enum Kind {
        WORD("a word"),
        WHOLE("a whole number"),
        REAL("a number"),
        TRUTH("true or false");

        private final String expected;

        Kind(String expected) {
            this.expected = expected;
        }
    }

    private final String path;
    private final Kind kind;
    private final String description;

    RecipeField(String path, Kind kind, String description) {
        this.path = path;
        this.kind = kind;
        this.description = description;
    }

    /** Names from the root of the YAML file: {@code model.kvHeads}. */
    public String path() {
        return path;
    }

    /** As an option: {@code --kv-heads}. */
    public String flag() {
        String name = path.substring(path.indexOf('.') + 1);
        return "--" + name.replaceAll("([A-Z])", "-$1").toLowerCase(Locale.ROOT);
    }

    public String description() {
        return description;
    }

    /** What stands for the value in help. */
    public String label() {
        return switch (kind) {
            case WORD -> "NAME";
            case WHOLE -> "N";
            case REAL -> "X";
            case TRUTH -> "BOOL";
        };
    }

    static Optional<RecipeField> at(String path) {
        return Arrays.stream(values()).filter(f -> f.path.equals(path)).findFirst();
    }

    /**
     * The value of what somebody wrote.
     *
     * @param where file or flag, for the message
     * @throws TrainException if it is of another kind
     */
    JsonNode parse(String where, String text) {
        JsonNodeFactory json = JsonNodeFactory.instance;
        try {
            return switch (kind) {
                case WORD -> json.stringNode(text);
                case WHOLE -> json.numberNode(Long.parseLong(text.replace("_", "")));
                case REAL -> json.numberNode(finite(Double.parseDouble(text)));
                case TRUTH -> json.booleanNode(truth(text));
            };
        } catch (IllegalArgumentException e) {
            throw new TrainException("%s: expected %s, got '%s'".formatted(where, kind.expected, text), e);
        }
    }

    private static double finite(double value) {
        if (!Double.isFinite(value)) {
            throw new IllegalArgumentException("not finite");
        }
        return value;
    }

    private static boolean truth(String text) {
        if (!text.equals("true") && !text.equals("false")) {
            throw new IllegalArgumentException("neither");
        }
        return text.equals("true");
    }
}
