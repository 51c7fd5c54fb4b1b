package dev.trit.serve;

import dev.trit.text.TextException;
import dev.trit.text.Tokenizer;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/** {@code /v1/models}, {@code /tokenize} and {@code /detokenize}: what there is, and its tokens. */
final class ModelApi {
    private final ModelPool models;
    private final long started = Instant.now().getEpochSecond();

    ModelApi(ModelPool models) {
        this.models = models;
    }

    void list(Exchange exchange) {
        exchange.send(Json.object(
                "object",
                "list",
                "data",
                models.ids().stream().map(this::describe).toList()));
    }

    /** @param id of a request: looked up among those that are served, never on the disk */
    void get(Exchange exchange, String id) {
        if (!models.ids().contains(id)) {
            throw ServeException.noModel("the model '" + id + "' does not exist here: there are " + models.ids());
        }
        exchange.send(describe(id));
    }

    private Object describe(String id) {
        Map<String, @Nullable Object> model =
                Json.object("id", id, "object", "model", "created", started, "owned_by", "trit");
        models.loaded().stream()
                .filter(loaded -> loaded.id().equals(id))
                .findFirst()
                .ifPresent(loaded -> {
                    model.put("max_model_len", loaded.engine().contextLength());
                    model.put("architecture", loaded.model().config().architecture());
                });
        return model;
    }

    /** {@code content} or {@code prompt} (text), or {@code messages} (a chat), to ids. */
    void tokenize(Exchange exchange) {
        Fields body = exchange.body();
        try (ModelPool.Lease lease = models.lease(body.string("model"))) {
            LoadedModel model = lease.get();
            Tokenizer tokenizer = model.model().tokenizer();
            int[] ids;
            if (body.has("messages")) {
                ids = ChatApi.prompt(model.model(), body, ToolRequest.of(body));
            } else {
                String text = body.string(body.has("content") ? "content" : "prompt");
                if (text == null) {
                    throw ServeException.invalid("content", "content is missing");
                }
                ids = tokenizer.encode(
                        text, body.flag("add_special", body.has("prompt")), body.flag("parse_special", true));
            }
            Map<String, @Nullable Object> answer = Json.object(
                    "tokens",
                    ids,
                    "count",
                    ids.length,
                    "max_model_len",
                    model.engine().contextLength());
            if (body.flag("with_pieces", false)) {
                TokenTexts texts = new TokenTexts(tokenizer);
                List<Object> pieces = new ArrayList<>();
                for (int id : ids) {
                    pieces.add(Json.object("id", id, "piece", texts.text(id)));
                }
                answer.put("pieces", pieces);
            }
            exchange.send(answer);
        }
    }

    /** {@code tokens} to text. */
    void detokenize(Exchange exchange) {
        Fields body = exchange.body();
        JsonNode tokens = body.get("tokens");
        if (tokens == null || !tokens.isArray()) {
            throw ServeException.invalid("tokens", "tokens must be an array of token ids");
        }
        try (ModelPool.Lease lease = models.lease(body.string("model"))) {
            Tokenizer tokenizer = lease.get().model().tokenizer();
            String text = tokenizer.decode(Ids.of(tokens, "tokens", tokenizer), body.flag("show_special", true));
            exchange.send(Json.object("content", text, "prompt", text));
        } catch (TextException e) {
            throw ServeException.invalid("tokens", String.valueOf(e.getMessage()));
        }
    }
}
