package dev.trit.model;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * How well a model predicts a text, exactly as llama.cpp measures it: the tokens are cut into chunks of {@code ctx}, each
 * read from an empty context, and the second half of each chunk is scored, so that every scored token has at least
 * {@code ctx / 2} before it. Where the vocabulary asks for a begin token, it replaces the first of each chunk.
 *
 * @param perplexity exp of the mean of -log(probability)
 * @param standardError of the perplexity
 * @param tokens scored
 * @param ctx tokens in a chunk
 * @param chunks read
 */
public record Perplexity(double perplexity, double standardError, long tokens, int ctx, int chunks) {
    /** Hears of each chunk. */
    @FunctionalInterface
    public interface Progress {
        /**
         * @param soFar over the chunks read
         * @param chunksInAll to be read
         * @return false to end here
         */
        boolean chunk(Perplexity soFar, int chunksInAll);
    }

    /**
     * Measures a text.
     *
     * @param ctx tokens in a chunk, at least 4
     * @param maxChunks to read at most; 0 for the whole text
     * @param progress called after each chunk, or null
     * @throws ModelException if the text is shorter than two chunks, or {@code ctx} is too small
     */
    public static Perplexity measure(Model model, String text, int ctx, int maxChunks, @Nullable Progress progress) {
        return measure(model, model.tokenizer().encode(text, true, false), ctx, maxChunks, progress);
    }

    /** The same for a text already encoded with its special tokens. */
    public static Perplexity measure(Model model, int[] tokens, int ctx, int maxChunks, @Nullable Progress progress) {
        if (ctx < 4) {
            throw new ModelException("perplexity needs chunks of at least 4 tokens, got " + ctx);
        }
        if (tokens.length < 2 * ctx) {
            throw new ModelException("the text has %d tokens; perplexity with chunks of %d needs at least %d"
                    .formatted(tokens.length, ctx, 2 * ctx));
        }
        int all = tokens.length / ctx;
        int chunks = maxChunks > 0 ? Math.min(maxChunks, all) : all;
        boolean begin = model.tokenizer().vocabulary().special().addBos();
        Sum sum = new Sum();
        try (Session session = model.session(ctx)) {
            for (int chunk = 0; chunk < chunks; chunk++) {
                int[] ids = Arrays.copyOfRange(tokens, chunk * ctx, (chunk + 1) * ctx);
                if (begin) {
                    ids[0] = model.tokenizer().bos();
                }
                session.reset();
                session.append(ids, ctx / 2, (i, logits) -> {
                    if (i + 1 < ctx) {
                        sum.add(Logprob.logSumExp(logits) - logits[ids[i + 1]]);
                    }
                });
                boolean goOn = progress == null || progress.chunk(sum.result(ctx, chunk + 1), chunks);
                if (!goOn) {
                    return sum.result(ctx, chunk + 1);
                }
            }
        }
        return sum.result(ctx, chunks);
    }

    /** Of negative log-likelihoods and their squares. */
    private static final class Sum {
        private double nll;
        private double squares;
        private long n;

        void add(double x) {
            nll += x;
            squares += x * x;
            n++;
        }

        Perplexity result(int ctx, int chunks) {
            double mean = nll / n;
            double variance = Math.max(0, squares / n - mean * mean);
            double perplexity = Math.exp(mean);
            double error = n > 1 ? Math.sqrt(variance / (n - 1)) * perplexity : 0;
            return new Perplexity(perplexity, error, n, ctx, chunks);
        }
    }
}
