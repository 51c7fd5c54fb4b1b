package dev.trit.model;

import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * A generation in progress: {@link #next} gives token after token. The session keeps what it has seen, so that a later
 * prompt with the same beginning costs only the rest.
 */
public final class Generator {
    private final Session session;
    private final Continuation continuation;
    private final int[] prompt;
    private final int cached;
    private final @Nullable Speculator speculator;
    private volatile boolean cancelled;
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
        this(session, prompt, sampling, null, null);
    }

    /**
     * The same, for a text that must look as {@code constraint} says.
     *
     * @param constraint null for anything
     */
    public Generator(Session session, int[] prompt, Sampling sampling, @Nullable Constraint constraint) {
        this(session, prompt, sampling, constraint, null);
    }

    /**
     * The same, several tokens in a pass.
     *
     * @param speculator guesses, which changes the speed and not the text; null for a token a pass
     */
    public Generator(
            Session session,
            int[] prompt,
            Sampling sampling,
            @Nullable Constraint constraint,
            @Nullable Speculator speculator) {
        if (prompt.length == 0) {
            throw new ModelException("the prompt is empty: there is nothing to continue");
        }
        if (prompt.length > session.contextLength()) {
            throw new ModelException(
                    "the prompt has %d tokens, the context holds %d. Use a larger context or a shorter prompt"
                            .formatted(prompt.length, session.contextLength()));
        }
        this.session = session;
        this.continuation = new Continuation(session.model(), sampling, prompt, constraint);
        this.prompt = prompt.clone();
        this.cached = session.reuse(prompt);
        this.speculator = speculator;
        if (speculator != null) {
            speculator.begin(prompt);
        }
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
        if (continuation.stopReason() != null) {
            return null;
        }
        long start = System.nanoTime();
        boolean first = continuation.tokens().isEmpty();
        float[] logits = first ? readPrompt() : cancelled ? null : append(continuation.lastId());
        Token token = logits == null ? null : continuation.choose(logits, session.remaining() + 1);
        if (token == null) {
            continuation.stop(StopReason.CANCELLED);
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
        return continuation.result(prompt.length, cached, promptNanos * 1e-9, completionNanos * 1e-9);
    }

    /** Logits after the prompt, or null if cancelled on the way. */
    private float @Nullable [] readPrompt() {
        for (int at = cached; at < prompt.length; at += Session.CHUNK) {
            if (cancelled) {
                return null;
            }
            session.feed(prompt, at, Math.min(at + Session.CHUNK, prompt.length));
        }
        return session.last(continuation.wanted());
    }

    private float[] append(int id) {
        if (speculator != null) {
            int left = continuation.left(session.remaining());
            return speculator.append(session, id, left, continuation.wanted());
        }
        session.feed(new int[] {id}, 0, 1);
        return session.last(continuation.wanted());
    }
}
