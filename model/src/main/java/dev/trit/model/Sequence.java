package dev.trit.model;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One choice of a {@link Completion} inside the {@link Engine}: its tokens, how many of them have been computed, and
 * what is to be done with the logits. Belongs to the engine's thread once it has been queued.
 */
final class Sequence {
    final Completion completion;
    final Request request;
    final Sequence leader; // the first choice, which reads the prompt for all
    final int choice;
    final int promptLength;
    final KvCache cache;
    final List<Token> scored = new ArrayList<>(); // of the prompt, with log-probabilities
    private final long submitted = System.nanoTime();
    private final long allowedNanos;
    private int[] tokens; // prompt, then what was generated
    private int count;
    private int cached;
    private boolean attached;
    private @Nullable Continuation text;
    private long began;
    private long promptRead;
    private @Nullable StopReason stopReason;

    // Where the running step left it.
    int row = -1; // of the batch, its last token; -1 if it has none in it
    int rows;

    @Nullable Token chosen;

    @Nullable ModelException failure;

    /** @param leader the first choice; null for that itself */
    Sequence(Completion completion, int choice, @Nullable Sequence leader, KvCache cache) {
        this.completion = completion;
        this.request = completion.request();
        this.choice = choice;
        this.leader = leader == null ? this : leader;
        this.cache = cache;
        this.tokens = request.prompt();
        this.promptLength = tokens.length;
        this.count = promptLength;
        Duration limit = request.timeLimit();
        this.allowedNanos = limit == null ? Long.MAX_VALUE : limit.toNanos();
    }

    /** Tokens that have not been computed. */
    int pending() {
        return count - cache.length();
    }

    /** Whether the next token needs nothing but the last one. */
    boolean decoding() {
        return promptRead != 0 && pending() == 1;
    }

    boolean promptRead() {
        return promptRead != 0;
    }

    /** Whether it has ended, for whatever reason. */
    boolean ended() {
        return stopReason != null;
    }

    /** Whether it must wait for its leader to read the prompt. */
    boolean waits() {
        return leader != this && !leader.promptRead() && !leader.ended();
    }

    /** When, by the clock of {@link System#nanoTime}. */
    long submitted() {
        return submitted;
    }

    boolean late() {
        return System.nanoTime() - submitted > allowedNanos;
    }

    /** Pages it needs beyond those that others hold for it, to compute all that it has and one token more. */
    int need(PrefixCache known) {
        int all = Math.ceilDiv(count + 1, KvPool.PAGE);
        return waits() ? 2 : all - known.inUse(tokens, count - 1);
    }

    /** Before its first token is computed, or again after {@link #pause}: takes over what is known of its text. */
    void attach(PrefixCache known, Model model) {
        if (began == 0) {
            began = System.nanoTime();
            Sampling sampling = request.sampling();
            int[] prompt = Arrays.copyOf(tokens, promptLength);
            text = new Continuation(model, sampling.withSeed(sampling.seed() + choice), prompt, request.constraint());
        }
        if (!attached) {
            attached = true;
            int limit = count - 1;
            if (request.promptLogprobs() && leader == this) {
                limit = Math.min(limit, Math.max(0, scored.size() - 1)); // the others' logits are still wanted
            }
            int found = known.attach(cache, tokens, limit);
            if (promptRead == 0) {
                cached = found;
            }
        }
    }

    /** Gives its memory back; it goes on from its tokens later. */
    void pause(PrefixCache known) {
        publish(known);
        cache.clear();
        attached = false;
    }

    void publish(PrefixCache known) {
        known.publish(cache, tokens, cache.length());
    }

    /** Puts its next {@code n} tokens into the batch. */
    void compute(Batch batch, int n) {
        int from = cache.length();
        batch.add(cache, from, tokens, from, from + n);
        rows = n;
        row = batch.size() - 1;
    }

    /** Which logits its next choice can depend on; null for all. */
    @Nullable Wanted wanted() {
        return text == null ? null : text.wanted();
    }

    /** Chooses the next token after these logits; any thread. */
    void choose(float[] logits, int contextLength) {
        chosen = text == null ? null : text.choose(logits, contextLength - count + 1);
    }

    /** The chosen token becomes its last one. Returns whether it was the last of all. */
    boolean accept(Token token) {
        if (count == tokens.length) {
            tokens = Arrays.copyOf(tokens, count + Math.max(64, count / 2));
        }
        tokens[count++] = token.id();
        completion.add(new Event.TokenChosen(choice, token));
        stopReason = text == null ? null : text.stopReason();
        return stopReason != null;
    }

    /** The prompt has been read. Returns how many of its tokens it need not have computed. */
    int tellPromptRead() {
        promptRead = System.nanoTime();
        if (choice == 0) {
            completion.add(new Event.PromptRead(
                    promptLength, cached, (began - submitted) * 1e-9, (promptRead - began) * 1e-9, scored));
        }
        return cached;
    }

    /** Token i, prompt and what was generated. */
    int token(int i) {
        return tokens[i];
    }

    /** It is over, for that reason unless it has one already. Returns the reason. */
    StopReason conclude(StopReason reason) {
        StopReason why = stopReason == null ? reason : stopReason;
        stopReason = why;
        if (text != null) {
            text.stop(why);
        }
        return why;
    }

    /** Tells its reader that it is over. */
    void tellEnd(@Nullable ModelException failure) {
        long now = System.nanoTime();
        double promptSeconds = began == 0 ? 0 : ((promptRead == 0 ? now : promptRead) - began) * 1e-9;
        double completionSeconds = promptRead == 0 ? 0 : (now - promptRead) * 1e-9;
        StopReason why = stopReason == null ? StopReason.CANCELLED : stopReason;
        Generation generation = text == null
                ? new Generation("", List.of(), why, promptLength, 0, 0, 0)
                : text.result(promptLength, cached, promptSeconds, completionSeconds);
        completion.add(new Event.Ended(choice, generation, failure));
    }

    /** Seconds since it was first computed; 0 before. */
    double seconds() {
        return began == 0 ? 0 : (System.nanoTime() - began) * 1e-9;
    }
}
