package dev.trit.model;

import dev.trit.text.Tokenizer;
import dev.trit.text.Utf8Stream;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * A generation in progress: {@link #next} gives token after token. The session keeps what it has seen, so that a later
 * prompt with the same beginning costs only the rest.
 */
public final class Generator {
    private final Session session;
    private final Tokenizer tokenizer;
    private final Sampling sampling;
    private final Sampler sampler;
    private final StopTexts stops;
    private final Utf8Stream characters = new Utf8Stream();
    private final int[] prompt;
    private final int cached;
    private final StringBuilder text = new StringBuilder();
    private final List<Token> tokens = new ArrayList<>();
    private volatile boolean cancelled;
    private @Nullable StopReason stopReason;
    private long promptNanos;
    private long completionNanos;

    /**
     * Prepares to continue {@code prompt}; computing begins with the first {@link #next}.
     *
     * @param session whatever it has seen that the prompt does not begin with is forgotten
     * @param prompt token ids, at least one
     * @throws ModelException if the prompt is empty or does not fit
     */
    public Generator(Session session, int[] prompt, Sampling sampling) {
        if (prompt.length == 0) {
            throw new ModelException("the prompt is empty: there is nothing to continue");
        }
        if (prompt.length > session.contextLength()) {
            throw new ModelException(
                    "the prompt has %d tokens, the context holds %d. Use a larger context or a shorter prompt"
                            .formatted(prompt.length, session.contextLength()));
        }
        this.session = session;
        this.tokenizer = session.model().tokenizer();
        this.sampling = sampling;
        this.sampler = new Sampler(sampling, session.model().config().vocab());
        this.stops = new StopTexts(sampling.stop());
        this.prompt = prompt.clone();
        this.cached = session.reuse(prompt);
    }

    /** Ends the generation at the next token (or the next chunk of the prompt); may be called from any thread. */
    public void cancel() {
        cancelled = true;
    }

    /** Generates all, handing out text as it becomes certain. */
    public Generation run(Consumer<String> onText) {
        for (Token token = next(); token != null; token = next()) {
            if (!token.text().isEmpty()) {
                onText.accept(token.text());
            }
        }
        return result();
    }

    /** The next token, or null when the generation has ended. */
    public @Nullable Token next() {
        if (stopReason != null) {
            return null;
        }
        long start = System.nanoTime();
        boolean first = tokens.isEmpty();
        float[] logits = first
                ? readPrompt()
                : cancelled ? null : session.append(tokens.getLast().id());
        Token token = logits == null ? null : choose(logits);
        if (token == null) {
            stopReason = StopReason.CANCELLED;
        } else {
            tokens.add(token);
            text.append(token.text());
        }
        if (first) {
            promptNanos = System.nanoTime() - start;
        } else {
            completionNanos += System.nanoTime() - start;
        }
        return token;
    }

    /** What has been generated so far; final after {@link #next} gave null. */
    public Generation result() {
        return new Generation(
                text.toString(),
                tokens,
                stopReason == null ? StopReason.CANCELLED : stopReason,
                prompt.length,
                cached,
                promptNanos * 1e-9,
                completionNanos * 1e-9);
    }

    /** Logits after the prompt, or null if cancelled on the way. */
    private float @Nullable [] readPrompt() {
        sampler.accept(prompt);
        for (int at = cached; at < prompt.length; at += Session.CHUNK) {
            if (cancelled) {
                return null;
            }
            session.feed(prompt, at, Math.min(at + Session.CHUNK, prompt.length));
        }
        return session.last();
    }

    private Token choose(float[] logits) {
        int id = sampler.sample(logits);
        sampler.accept(id);
        boolean end = tokenizer.isEndOfGeneration(id);
        String piece = end ? "" : stops.append(characters.append(tokenizer, id));
        if (end) {
            stopReason = StopReason.END;
        } else if (stops.found()) {
            stopReason = StopReason.STOP;
        } else if (tokens.size() + 1 == sampling.maxTokens() || session.remaining() == 0) {
            stopReason = StopReason.LENGTH;
        }
        if (stopReason != null) {
            piece += stops.append(characters.flush()) + stops.flush();
        }
        if (sampling.logprobs() < 0) {
            return new Token(id, piece, Double.NaN, List.of());
        }
        double logprob = logits[id] - Logprob.logSumExp(logits);
        return new Token(id, piece, logprob, Logprob.top(logits, sampling.logprobs()));
    }
}
