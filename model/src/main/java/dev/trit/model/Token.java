package dev.trit.model;

import java.util.List;

/**
 * One generated token.
 *
 * @param id in the vocabulary
 * @param text what became certain with it: whole characters, and nothing that may belong to a stop text. Often, not
 *     always, the token's own text
 * @param logprob of the token over the whole vocabulary; NaN unless {@link Sampling#logprobs} asked for it
 * @param top the best alternatives, as many as asked for
 */
public record Token(int id, String text, double logprob, List<Logprob> top) {
    public Token {
        top = List.copyOf(top);
    }
}
