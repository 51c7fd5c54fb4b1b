package dev.trit.serve;

import dev.trit.model.Completion;
import dev.trit.model.Engine;
import dev.trit.model.Event;
import dev.trit.model.Generation;
import dev.trit.model.Request;
import dev.trit.model.Sampling;
import dev.trit.model.Token;
import dev.trit.text.Tokenizer;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/** {@code POST /v1/completions}: continues prompts as they stand; with {@code echo} and {@code logprobs} it scores them. */
final class CompletionApi {
    private static final int DEFAULT_TOKENS = 16; // OpenAI's
    private static final int MOST_PROMPTS = 2048;
    private static final int MOST_CHOICES = 128;
    private static final int MOST_LOGPROBS = 20;

    private final ModelPool models;
    private final ServeOptions options;
    private final Metrics metrics;

    CompletionApi(ModelPool models, ServeOptions options, Metrics metrics) {
        this.models = models;
        this.options = options;
        this.metrics = metrics;
    }

    /** One prompt. @param text as it was sent, or decoded from ids */
    private record Prompt(int[] ids, String text) {}

    /** A request that is understood. */
    private final class Call {
        final Exchange exchange;
        final LoadedModel model;
        final List<Prompt> prompts;
        final int choices;
        final boolean echo;
        final int logprobs;
        final Request template;
        final TokenTexts texts;
        final String id = Ids.next("cmpl-");
        final long created = Instant.now().getEpochSecond();

        Call(Exchange exchange, LoadedModel model, Fields body) {
            this.exchange = exchange;
            this.model = model;
            this.texts = new TokenTexts(model.model().tokenizer());
            prompts = prompts(body, model.model().tokenizer());
            choices = body.integer("n", 1, 1, MOST_CHOICES);
            if (body.integer("best_of", choices, 1, MOST_CHOICES) != choices) {
                throw ServeException.invalid("best_of", "best_of other than n is not supported");
            }
            if (body.has("suffix")) {
                throw ServeException.invalid("suffix", "suffix is not supported: the models here only continue");
            }
            echo = body.flag("echo", false);
            logprobs = body.has("logprobs") ? body.integer("logprobs", 0, 0, MOST_LOGPROBS) : -1;
            Sampling sampling = Sampled.of(body, DEFAULT_TOKENS, options.maxTokens(), logprobs);
            template = Request.of(new int[] {0}, sampling)
                    .withChoices(choices)
                    .withPromptLogprobs(echo && logprobs >= 0)
                    .withScoreOnly(Sampled.isEmpty(body))
                    .withConstraint(Constraints.of(body, model))
                    .withTimeLimit(options.timeLimit());
        }

        Request request(Prompt prompt) {
            return new Request(
                    prompt.ids(),
                    template.sampling(),
                    choices,
                    template.promptLogprobs(),
                    template.scoreOnly(),
                    template.constraint(),
                    template.timeLimit(),
                    exchange.client());
        }

        Map<String, @Nullable Object> head() {
            return Json.object("id", id, "object", "text_completion", "created", created, "model", model.id());
        }
    }

    void answer(Exchange exchange) {
        Fields body = exchange.body();
        try (ModelPool.Lease lease = models.lease(body.string("model"))) {
            Call call = new Call(exchange, lease.get(), body);
            if (body.flag("stream", false)) {
                stream(call, StreamOptions.includeUsage(body));
            } else {
                whole(call);
            }
        }
    }

    /** All choices of all prompts in one answer; a few prompts run at a time, so that a long list fits the queue. */
    private void whole(Call call) {
        Engine engine = call.model.engine();
        Generating generating = new Generating(call.exchange, metrics);
        List<Object> choices = new ArrayList<>();
        Deque<Completion> running = new ArrayDeque<>();
        int prompt = 0;
        int cached = 0;
        int generated = 0;
        try {
            int next = 0;
            for (int done = 0; done < call.prompts.size(); done++) {
                while (next < call.prompts.size() && running.size() < Math.max(1, options.parallel())) {
                    try {
                        running.add(generating.submit(engine, call.request(call.prompts.get(next))));
                        next++;
                    } catch (ServeException e) {
                        if (e.status() != 429 || running.isEmpty()) {
                            throw e;
                        }
                        break; // the queue is full: one of ours must end first
                    }
                }
                Generating.Result result = generating.await(running.remove());
                prompt += result.prompt().promptTokens();
                cached += result.prompt().cachedTokens();
                generated += call.template.scoreOnly() ? 0 : result.completionTokens();
                for (int c = 0; c < result.choices().size(); c++) {
                    choices.add(choice(
                            call,
                            done * call.choices + c,
                            call.prompts.get(done),
                            result.prompt(),
                            result.choices().get(c)));
                }
            }
        } finally {
            running.forEach(Completion::close);
        }
        Map<String, @Nullable Object> answer = call.head();
        answer.put("choices", choices);
        answer.put("usage", Generating.usage(prompt, cached, generated));
        call.exchange.send(answer);
    }

    private Map<String, @Nullable Object> choice(
            Call call, int index, Prompt prompt, Event.PromptRead read, Generation generation) {
        List<Token> tokens = new ArrayList<>(read.tokens());
        tokens.addAll(generation.tokens());
        int offset = call.echo ? 0 : prompt.text().length();
        return Json.object(
                "index",
                index,
                "text",
                (call.echo ? prompt.text() : "") + generation.text(),
                "logprobs",
                call.logprobs < 0 ? null : call.texts.completion(tokens, call.logprobs > 0, offset),
                "finish_reason",
                Generating.finishReason(generation));
    }

    /** Prompt after prompt, each choice's text as it comes. */
    private void stream(Call call, boolean includeUsage) {
        Generating generating = new Generating(call.exchange, metrics);
        Completion first = generating.submit(call.model.engine(), call.request(call.prompts.getFirst()));
        call.exchange.beginStream();
        int prompt = 0;
        int cached = 0;
        int generated = 0;
        for (int i = 0; i < call.prompts.size(); i++) {
            Prompt of = call.prompts.get(i);
            Completion completion = i == 0 ? first : generating.submit(call.model.engine(), call.request(of));
            Generating.Result result = generating.follow(completion, new Streaming(call, i * call.choices, of));
            prompt += result.prompt().promptTokens();
            cached += result.prompt().cachedTokens();
            generated += call.template.scoreOnly() ? 0 : result.completionTokens();
        }
        if (includeUsage) {
            Map<String, @Nullable Object> event = call.head();
            event.put("choices", List.of());
            event.put("usage", Generating.usage(prompt, cached, generated));
            call.exchange.event(event);
        }
        call.exchange.endStream();
    }

    /** Writes the events of one prompt. */
    private static final class Streaming implements Generating.Listener {
        private final Call call;
        private final int firstIndex;
        private final Prompt prompt;
        private final int[] offsets; // characters before the next token, by choice

        Streaming(Call call, int firstIndex, Prompt prompt) {
            this.call = call;
            this.firstIndex = firstIndex;
            this.prompt = prompt;
            this.offsets = new int[call.choices];
            Arrays.fill(offsets, prompt.text().length());
        }

        @Override
        public void waiting() {
            call.exchange.heartbeat();
        }

        @Override
        public void promptRead(Event.PromptRead read) {
            for (int choice = 0; call.echo && choice < call.choices; choice++) {
                event(choice, prompt.text(), read.tokens(), 0, null);
            }
        }

        @Override
        public void token(int choice, Token token) {
            if (!token.text().isEmpty() || call.logprobs >= 0) {
                event(choice, token.text(), List.of(token), offsets[choice], null);
                offsets[choice] += token.text().length();
            }
        }

        @Override
        public void ended(int choice, Generation generation) {
            event(choice, "", List.of(), offsets[choice], Generating.finishReason(generation));
        }

        private void event(int choice, String text, List<Token> tokens, int offset, @Nullable String finishReason) {
            Map<String, @Nullable Object> event = call.head();
            boolean logprobs = call.logprobs >= 0 && !tokens.isEmpty();
            event.put(
                    "choices",
                    List.of(Json.object(
                            "index",
                            firstIndex + choice,
                            "text",
                            text,
                            "logprobs",
                            logprobs ? call.texts.completion(tokens, call.logprobs > 0, offset) : null,
                            "finish_reason",
                            finishReason)));
            call.exchange.event(event);
        }
    }

    /** {@code prompt}: a string, several strings, token ids, or several lists of token ids. */
    private static List<Prompt> prompts(Fields body, Tokenizer tokenizer) {
        JsonNode prompt = body.get("prompt");
        if (prompt == null) {
            throw ServeException.invalid("prompt", "prompt is missing");
        }
        List<Prompt> prompts = new ArrayList<>();
        if (prompt.isString() || isIds(prompt)) {
            prompts.add(prompt(body, prompt, tokenizer));
        } else if (prompt.isArray() && !prompt.isEmpty() && prompt.size() <= MOST_PROMPTS) {
            for (JsonNode one : prompt) {
                prompts.add(prompt(body, one, tokenizer));
            }
        } else {
            throw expected(body, prompt);
        }
        return prompts;
    }

    private static Prompt prompt(Fields body, JsonNode node, Tokenizer tokenizer) {
        if (node.isString()) {
            int[] ids = tokenizer.encode(node.asString(), true, true);
            if (ids.length == 0) {
                ids = Ids.begin(tokenizer);
            }
            return new Prompt(ids, node.asString());
        }
        if (isIds(node)) {
            int[] ids = Ids.of(node, "prompt", tokenizer);
            return new Prompt(ids, tokenizer.decode(ids));
        }
        throw expected(body, node);
    }

    private static boolean isIds(JsonNode node) {
        return node.isArray() && !node.isEmpty() && node.get(0).isIntegralNumber();
    }

    private static ServeException expected(Fields body, JsonNode got) {
        return body.wrong("prompt", "a string, token ids, or at most " + MOST_PROMPTS + " of either", got);
    }
}
