package dev.trit.model;

import java.util.List;

/**
 * What a generation gave.
 *
 * @param text all of it, without stop texts
 * @param tokens all tokens, an end token included
 * @param stopReason why it ended
 * @param promptTokens tokens of the prompt
 * @param cachedTokens of these, how many the session already had
 * @param promptSeconds time until the first token could be chosen
 * @param completionSeconds time for all others
 */
public record Generation(
        String text,
        List<Token> tokens,
        StopReason stopReason,
        int promptTokens,
        int cachedTokens,
        double promptSeconds,
        double completionSeconds) {
    public Generation {
        tokens = List.copyOf(tokens);
    }

    /** Tokens generated, an end token included. */
    public int completionTokens() {
        return tokens.size();
    }

    /** Prompt tokens computed (not those the session already had) in a second. */
    public double promptTokensPerSecond() {
        return rate(promptTokens - cachedTokens, promptSeconds);
    }

    /** Tokens in a second, without the first, which the prompt pays for; 0 for a single one. */
    public double completionTokensPerSecond() {
        return rate(tokens.size() - 1, completionSeconds);
    }

    private static double rate(int n, double seconds) {
        return n <= 0 || seconds <= 0 ? 0 : n / seconds;
    }
}
