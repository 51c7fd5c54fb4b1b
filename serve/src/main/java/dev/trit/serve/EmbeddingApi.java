package dev.trit.serve;

import dev.trit.model.Embedder;
import dev.trit.model.ModelException;
import dev.trit.text.Tokenizer;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Locale;
import tools.jackson.databind.JsonNode;

/** {@code POST /v1/embeddings}: texts as vectors of length 1. */
final class EmbeddingApi {
    private static final int MOST_INPUTS = 2048;

    private final ModelPool models;
    private final ServeOptions options;
    private final Metrics metrics;

    EmbeddingApi(ModelPool models, ServeOptions options, Metrics metrics) {
        this.models = models;
        this.options = options;
        this.metrics = metrics;
    }

    void answer(Exchange exchange) {
        Fields body = exchange.body();
        try (ModelPool.Lease lease = models.lease(body.string("model"))) {
            LoadedModel model = lease.get();
            Embedder embedder = model.embedder(pooling(body));
            boolean base64 = isBase64(body);
            int dimensions = body.integer("dimensions", embedder.dimensions(), 1, Integer.MAX_VALUE);
            if (dimensions != embedder.dimensions()) {
                throw ServeException.invalid(
                        "dimensions",
                        "this model's vectors have " + embedder.dimensions() + " dimensions, not " + dimensions);
            }
            List<Object> data = new ArrayList<>();
            int tokens = 0;
            long silent = System.nanoTime();
            for (int[] ids : inputs(body, model.model().tokenizer())) {
                if (System.nanoTime() - silent > Exchange.SILENCE.toNanos()) {
                    exchange.stillThere();
                    silent = System.nanoTime();
                }
                Object vector = vector(embedder, ids, base64);
                data.add(Json.object("object", "embedding", "index", data.size(), "embedding", vector));
                tokens += ids.length;
            }
            metrics.embedded(tokens);
            exchange.send(Json.object(
                    "object",
                    "list",
                    "data",
                    data,
                    "model",
                    model.id(),
                    "usage",
                    Json.object("prompt_tokens", tokens, "total_tokens", tokens)));
        }
    }

    private static Object vector(Embedder embedder, int[] ids, boolean base64) {
        float[] vector;
        try {
            vector = embedder.embed(ids);
        } catch (ModelException e) {
            throw Generating.refused(e);
        }
        if (!base64) {
            return vector;
        }
        ByteBuffer bytes = ByteBuffer.allocate(vector.length * Float.BYTES).order(ByteOrder.LITTLE_ENDIAN);
        bytes.asFloatBuffer().put(vector);
        return Base64.getEncoder().encodeToString(bytes.array());
    }

    private Embedder.Pooling pooling(Fields body) {
        String name = body.string("pooling");
        return switch (name == null ? "" : name) {
            case "" -> options.pooling();
            case "mean" -> Embedder.Pooling.MEAN;
            case "last" -> Embedder.Pooling.LAST;
            default -> throw ServeException.invalid("pooling", "pooling must be mean or last, got " + name);
        };
    }

    private static boolean isBase64(Fields body) {
        String format = body.string("encoding_format");
        return switch (format == null ? "float" : format.toLowerCase(Locale.ROOT)) {
            case "float" -> false;
            case "base64" -> true;
            default ->
                throw ServeException.invalid(
                        "encoding_format", "encoding_format must be float or base64, got " + format);
        };
    }

    private static List<int[]> inputs(Fields body, Tokenizer tokenizer) {
        JsonNode input = body.get("input");
        if (input == null) {
            throw ServeException.invalid("input", "input is missing");
        }
        if (input.isString() || isIds(input)) {
            return List.of(input(body, input, tokenizer));
        }
        if (!input.isArray() || input.isEmpty() || input.size() > MOST_INPUTS) {
            throw body.wrong("input", "a string, token ids, or at most " + MOST_INPUTS + " of either", input);
        }
        List<int[]> all = new ArrayList<>();
        for (JsonNode one : input) {
            all.add(input(body, one, tokenizer));
        }
        return all;
    }

    private static int[] input(Fields body, JsonNode node, Tokenizer tokenizer) {
        if (isIds(node)) {
            return Ids.of(node, "input", tokenizer);
        }
        if (!node.isString() || node.asString().isEmpty()) {
            throw body.wrong("input", "texts that are not empty, or token ids", node);
        }
        return tokenizer.encode(node.asString(), true, false);
    }

    private static boolean isIds(JsonNode node) {
        return node.isArray() && !node.isEmpty() && node.get(0).isIntegralNumber();
    }
}
