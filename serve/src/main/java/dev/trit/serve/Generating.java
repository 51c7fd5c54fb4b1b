package dev.trit.serve;

import dev.trit.model.BusyException;
import dev.trit.model.Completion;
import dev.trit.model.Engine;
import dev.trit.model.Event;
import dev.trit.model.Generation;
import dev.trit.model.ModelException;
import dev.trit.model.Request;
import dev.trit.model.StopReason;
import dev.trit.model.Token;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Puts requests to the engine and follows them to their end; whoever leaves early calls them off. */
final class Generating {
    private final Exchange exchange;
    private final Metrics metrics;

    Generating(Exchange exchange, Metrics metrics) {
        this.exchange = exchange;
        this.metrics = metrics;
    }

    /** Hears what happens, as it happens. */
    interface Listener {
        default void promptRead(Event.PromptRead event) {}

        default void token(int choice, Token token) {}

        default void ended(int choice, Generation generation) {}

        /** Nothing has happened for {@link Exchange#SILENCE}. */
        void waiting();
    }

    /** What came of one request. @param choices in order */
    record Result(Event.PromptRead prompt, List<Generation> choices) {
        int completionTokens() {
            return choices.stream().mapToInt(Generation::completionTokens).sum();
        }
    }

    /** @throws ServeException if the engine does not take the request */
    Completion submit(Engine engine, Request request) {
        try {
            return engine.submit(request.withClient(exchange.client()));
        } catch (BusyException e) {
            throw e.closing()
                    ? ServeException.unavailable("the server is shutting down", e.retryAfter())
                    : ServeException.busy("too many requests: " + e.getMessage(), e.retryAfter());
        } catch (ModelException e) {
            throw refused(e);
        }
    }

    /** What the model refuses is the request's fault: a prompt too long, a token that does not exist. */
    static ServeException refused(ModelException e) {
        String message = String.valueOf(e.getMessage());
        return message.contains("context") ? ServeException.tooLong(message) : ServeException.invalid(null, message);
    }

    /** Reads to the end without telling anybody. */
    Result await(Completion completion) {
        return follow(completion, exchange::stillThere);
    }

    /**
     * Reads to the end.
     *
     * @throws ServeException if a choice went wrong
     * @throws Exchange.Gone if the client has left
     */
    Result follow(Completion completion, Listener listener) {
        List<Event.Ended> ends = new ArrayList<>();
        Event.PromptRead prompt = null;
        try (completion) {
            while (!completion.finished()) {
                Event event = completion.next(Exchange.SILENCE);
                switch (event) {
                    case null -> {
                        if (!completion.finished()) {
                            listener.waiting();
                        }
                    }
                    case Event.PromptRead read -> {
                        prompt = read;
                        metrics.promptRead(read);
                        listener.promptRead(read);
                    }
                    case Event.TokenChosen chosen -> {
                        metrics.generated();
                        listener.token(chosen.choice(), chosen.token());
                    }
                    case Event.Ended end -> {
                        check(end);
                        ends.add(end);
                        listener.ended(end.choice(), end.generation());
                    }
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw ServeException.unavailable("the server is shutting down", Duration.ofSeconds(1));
        }
        ends.sort(Comparator.comparingInt(Event.Ended::choice));
        int tokens = completion.request().prompt().length;
        return new Result(
                prompt != null ? prompt : new Event.PromptRead(tokens, 0, 0, 0, List.of()), // timed out before that
                ends.stream().map(Event.Ended::generation).toList());
    }

    private static void check(Event.Ended end) {
        if (end.failure() != null) {
            throw ServeException.internal(
                    "the generation failed: " + end.failure().getMessage(), end.failure());
        }
        if (end.generation().stopReason() == StopReason.CANCELLED) {
            throw ServeException.unavailable("the server is shutting down", Duration.ofSeconds(1));
        }
    }

    /** OpenAI's word for why a choice ended. A time limit is a limit too. */
    static String finishReason(Generation generation) {
        return switch (generation.stopReason()) {
            case END, STOP -> "stop";
            default -> "length";
        };
    }

    /** The member {@code usage}. */
    static Map<String, @Nullable Object> usage(int promptTokens, int cachedTokens, int completionTokens) {
        return Json.object(
                "prompt_tokens",
                promptTokens,
                "completion_tokens",
                completionTokens,
                "total_tokens",
                promptTokens + completionTokens,
                "prompt_tokens_details",
                Json.object("cached_tokens", cachedTokens));
    }
}
