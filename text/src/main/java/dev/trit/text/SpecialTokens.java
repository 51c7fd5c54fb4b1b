package dev.trit.text;

import java.util.Collections;
import java.util.Set;
import java.util.TreeSet;

/**
 * The tokens with a role. An id is {@link #NONE} where the vocabulary has no such token.
 *
 * @param bos begin of sequence
 * @param eos end of sequence
 * @param eot end of a chat turn
 * @param unk stands for text without a token
 * @param pad fills up batches
 * @param addBos whether encoding "with special tokens" begins with {@code bos}
 * @param addEos whether encoding "with special tokens" ends with {@code eos}
 * @param endOfGeneration every id after which generation stops, ascending: eos, eot and the tokens known for it by name
 */
public record SpecialTokens(
        int bos, int eos, int eot, int unk, int pad, boolean addBos, boolean addEos, Set<Integer> endOfGeneration) {
    /** No such token. */
    public static final int NONE = -1;

    public SpecialTokens {
        endOfGeneration = Collections.unmodifiableSet(new TreeSet<>(endOfGeneration));
        if (addBos && bos == NONE) {
            addBos = false;
        }
        if (addEos && eos == NONE) {
            addEos = false;
        }
    }

    /** No token with a role at all. */
    public static SpecialTokens none() {
        return new SpecialTokens(NONE, NONE, NONE, NONE, NONE, false, false, Set.of());
    }

    /** The same with more ids after which generation stops (a list in {@code generation_config.json}, say). */
    public SpecialTokens stoppingAlsoAt(Iterable<Integer> ids) {
        Set<Integer> all = new TreeSet<>(endOfGeneration);
        ids.forEach(all::add);
        return new SpecialTokens(bos, eos, eot, unk, pad, addBos, addEos, all);
    }
}
