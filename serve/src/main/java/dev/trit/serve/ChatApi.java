package dev.trit.serve;

import dev.trit.model.Completion;
import dev.trit.model.Generation;
import dev.trit.model.Model;
import dev.trit.model.Request;
import dev.trit.model.Token;
import dev.trit.model.chat.ToolCall;
import dev.trit.model.chat.ToolCallStream;
import dev.trit.model.chat.Tools;
import dev.trit.text.ChatMessage;
import dev.trit.text.TextException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/** {@code POST /v1/chat/completions}: answers a conversation in the model's own chat format. */
final class ChatApi {
    private static final int MOST_CHOICES = 128;
    private static final int MOST_LOGPROBS = 20;

    private final ModelPool models;
    private final ServeOptions options;
    private final Metrics metrics;

    ChatApi(ModelPool models, ServeOptions options, Metrics metrics) {
        this.models = models;
        this.options = options;
        this.metrics = metrics;
    }

    /** A request that is understood. */
    private final class Call {
        final Exchange exchange;
        final LoadedModel model;
        final Tools tools;
        final boolean logprobs;
        final Request request;
        final TokenTexts texts;
        final String id = Ids.next("chatcmpl-");
        final long created = Instant.now().getEpochSecond();

        Call(Exchange exchange, LoadedModel model, Fields body) {
            this.exchange = exchange;
            this.model = model;
            this.texts = new TokenTexts(model.model().tokenizer());
            tools = ToolRequest.of(body);
            logprobs = body.flag("logprobs", false);
            int top = body.integer("top_logprobs", 0, 0, MOST_LOGPROBS);
            if (Sampled.isEmpty(body)) {
                throw ServeException.invalid("max_tokens", "max_tokens must be at least 1");
            }
            request = Request.of(
                            prompt(model.model(), body, tools),
                            Sampled.of(body, 0, options.maxTokens(), logprobs ? top : -1))
                    .withChoices(body.integer("n", 1, 1, MOST_CHOICES))
                    .withConstraint(tools.forced() ? Constraints.call(tools, model) : Constraints.of(body, model))
                    .withTimeLimit(options.timeLimit());
        }

        Map<String, @Nullable Object> head(String object) {
            return Json.object(
                    "id",
                    id,
                    "object",
                    object,
                    "created",
                    created,
                    "model",
                    model.id(),
                    "system_fingerprint",
                    "trit-" + model.model().kernels().name());
        }
    }

    void answer(Exchange exchange) {
        Fields body = exchange.body();
        try (ModelPool.Lease lease = models.lease(body.string("model"))) {
            Call call = new Call(exchange, lease.get(), body);
            Generating generating = new Generating(exchange, metrics);
            Completion completion = generating.submit(call.model.engine(), call.request);
            if (body.flag("stream", false)) {
                stream(call, generating, completion, StreamOptions.includeUsage(body));
            } else {
                whole(call, generating.await(completion));
            }
        }
    }

    /** The tokens of the conversation; shared with {@code /tokenize}. */
    static int[] prompt(Model model, Fields body, Tools tools) {
        List<ChatMessage> messages = ChatMessages.of(body);
        JsonNode extra = body.get("chat_template_kwargs");
        Map<String, ?> variables = extra == null ? Map.of() : plain(Fields.of(extra, "chat_template_kwargs"), extra);
        try {
            return tools.encode(model, messages, variables);
        } catch (TextException e) {
            throw ServeException.invalid("messages", "the model's chat template refuses: " + e.getMessage());
        }
    }

    @SuppressWarnings("unchecked") // a JSON object is a map of strings
    private static Map<String, ?> plain(Fields checked, JsonNode object) {
        Object map = Json.plain(object);
        return map == null ? Map.of() : (Map<String, ?>) map;
    }

    private void whole(Call call, Generating.Result result) {
        List<Object> choices = new ArrayList<>();
        for (int i = 0; i < result.choices().size(); i++) {
            choices.add(choice(call, i, result.choices().get(i)));
        }
        Map<String, @Nullable Object> answer = call.head("chat.completion");
        answer.put("choices", choices);
        answer.put(
                "usage",
                Generating.usage(
                        result.prompt().promptTokens(), result.prompt().cachedTokens(), result.completionTokens()));
        call.exchange.send(answer);
    }

    /** As a member of {@code tool_calls}. */
    private static Map<String, @Nullable Object> json(ToolCall call) {
        return Json.object(
                "id",
                call.id(),
                "type",
                "function",
                "function",
                Json.object("name", call.name(), "arguments", call.arguments()));
    }

    private static Object choice(Call call, int index, Generation generation) {
        String content = generation.text();
        List<ToolCall> calls = List.of();
        if (!call.tools.isEmpty()) {
            ToolCallStream stream = new ToolCallStream(call.tools);
            content = stream.append(content) + stream.finish();
            calls = stream.calls();
        }
        Map<String, @Nullable Object> message =
                Json.object("role", "assistant", "content", calls.isEmpty() || !content.isEmpty() ? content : null);
        if (!calls.isEmpty()) {
            message.put("tool_calls", calls.stream().map(ChatApi::json).toList());
        }
        return Json.object(
                "index",
                index,
                "message",
                message,
                "logprobs",
                call.logprobs ? logprobs(call, generation.tokens()) : null,
                "finish_reason",
                calls.isEmpty() ? Generating.finishReason(generation) : "tool_calls");
    }

    private static Object logprobs(Call call, List<Token> tokens) {
        return Json.object("content", tokens.stream().map(call.texts::chat).toList());
    }

    private static void stream(Call call, Generating generating, Completion completion, boolean includeUsage) {
        try (completion) {
            call.exchange.beginStream();
            Generating.Result result = generating.follow(completion, new Streaming(call));
            if (includeUsage) {
                Map<String, @Nullable Object> event = call.head("chat.completion.chunk");
                event.put("choices", List.of());
                event.put(
                        "usage",
                        Generating.usage(
                                result.prompt().promptTokens(),
                                result.prompt().cachedTokens(),
                                result.completionTokens()));
                call.exchange.event(event);
            }
            call.exchange.endStream();
        }
    }

    /** Writes events as they come. */
    private static final class Streaming implements Generating.Listener {
        private final Call call;
        private final List<ToolCallStream> calls = new ArrayList<>(); // by choice
        private final int[] told; // calls that have been sent, by choice

        Streaming(Call call) {
            this.call = call;
            this.told = new int[call.request.choices()];
            for (int i = 0; i < told.length; i++) {
                calls.add(new ToolCallStream(call.tools));
                event(i, Json.object("role", "assistant", "content", ""), null, null);
            }
        }

        @Override
        public void waiting() {
            call.exchange.heartbeat();
        }

        @Override
        public void token(int choice, Token token) {
            String text =
                    call.tools.isEmpty() ? token.text() : calls.get(choice).append(token.text());
            Object logprobs = call.logprobs ? logprobs(call, List.of(token)) : null;
            if (!text.isEmpty() || logprobs != null) {
                event(choice, Json.object("content", text), logprobs, null);
            }
            tell(choice);
        }

        @Override
        public void ended(int choice, Generation generation) {
            String rest = calls.get(choice).finish();
            if (!rest.isEmpty()) {
                event(choice, Json.object("content", rest), null, null);
            }
            tell(choice);
            event(choice, Json.object(), null, told[choice] > 0 ? "tool_calls" : Generating.finishReason(generation));
        }

        /** Sends the calls that have become complete. */
        private void tell(int choice) {
            List<ToolCall> found = calls.get(choice).calls();
            for (; told[choice] < found.size(); told[choice]++) {
                Map<String, @Nullable Object> delta = json(found.get(told[choice]));
                delta.put("index", told[choice]);
                event(choice, Json.object("tool_calls", List.of(delta)), null, null);
            }
        }

        private void event(
                int choice, Map<String, @Nullable Object> delta, @Nullable Object logprobs, @Nullable String reason) {
            Map<String, @Nullable Object> event = call.head("chat.completion.chunk");
            event.put(
                    "choices",
                    List.of(Json.object(
                            "index", choice, "delta", delta, "logprobs", logprobs, "finish_reason", reason)));
            call.exchange.event(event);
        }
    }
}
