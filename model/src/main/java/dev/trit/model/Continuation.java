package dev.trit.model;

import dev.trit.text.Tokenizer;
import dev.trit.text.Utf8Stream;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A text in the making: chooses token after token from logits, keeps what was chosen and knows when to stop. */
final class Continuation {
    private final Tokenizer tokenizer;
    private final Sampling sampling;
    private final Sampler sampler;
    private final StopTexts stops;
    private final Constraint.@Nullable Guide guide;
    private final Utf8Stream characters = new Utf8Stream();
    private final StringBuilder text = new StringBuilder();
    private final List<Token> tokens = new ArrayList<>();
    private @Nullable StopReason stopReason;

    /** @param prompt penalties look back on it */
    Continuation(Model model, Sampling sampling, int[] prompt, @Nullable Constraint constraint) {
        this.tokenizer = model.tokenizer();
        this.sampling = sampling;
        this.sampler = new Sampler(sampling, model.config().vocab());
        this.stops = new StopTexts(sampling.stop());
        this.guide = constraint == null ? null : constraint.begin();
        sampler.accept(prompt);
    }

    /** Why it ended, or null while it goes on. */
    @Nullable StopReason stopReason() {
        return stopReason;
    }

    /** Ends it from outside. */
    void stop(StopReason reason) {
        if (stopReason == null) {
            stopReason = reason;
        }
    }

    List<Token> tokens() {
        return tokens;
    }

    int lastId() {
        return tokens.getLast().id();
    }

    /** Which logits the next choice can depend on; null for all, as log-probabilities need. */
    @Nullable Wanted wanted() {
        return sampling.logprobs() < 0 ? sampler.wanted(guide == null ? null : guide.allowed()) : null;
    }

    /** Tokens that may still be chosen where the context can take {@code room} more. */
    int left(int room) {
        return sampling.maxTokens() == 0 ? room : Math.min(room, sampling.maxTokens() - tokens.size());
    }

    /**
     * Chooses the next token.
     *
     * @param logits [vocab], left as they are; negative infinity where they are not {@link #wanted}
     * @param room tokens that the context can still take, this one included
     */
    Token choose(float[] logits, int room) {
        int left = left(room);
        int id = sampler.sample(logits, guide == null ? null : guide.allowed());
        boolean cut = false;
        if (guide != null) {
            int fitting = guide.within(id, left);
            cut = fitting != id;
            id = fitting;
            guide.accept(id);
        }
        sampler.accept(id);
        boolean end = tokenizer.isEndOfGeneration(id);
        String piece = end ? "" : stops.append(characters.append(tokenizer, id));
        if (end) {
            stopReason = cut ? StopReason.LENGTH : StopReason.END;
        } else if (stops.found()) {
            stopReason = StopReason.STOP;
        } else if (guide != null && guide.finished()) {
            stopReason = cut ? StopReason.LENGTH : StopReason.END;
        } else if (left <= 1) {
            stopReason = StopReason.LENGTH;
        }
        if (stopReason != null) {
            piece += stops.append(characters.flush()) + stops.flush();
        }
        Token token = sampling.logprobs() < 0
                ? new Token(id, piece, Double.NaN, List.of())
                : Logprob.token(id, piece, logits, sampling.logprobs());
        tokens.add(token);
        text.append(piece);
        return token;
    }

    /** What there is so far, with {@link StopReason#CANCELLED} while it goes on. */
    Generation result(int promptTokens, int cachedTokens, double promptSeconds, double completionSeconds) {
        return new Generation(
                text.toString(),
                tokens,
                stopReason == null ? StopReason.CANCELLED : stopReason,
                promptTokens,
                cachedTokens,
                promptSeconds,
                completionSeconds);
    }
}
