package dev.trit.model.grammar;

import dev.trit.model.Model;
import dev.trit.text.TokenType;
import dev.trit.text.Tokenizer;
import java.util.Arrays;
import java.util.Comparator;
import java.util.stream.IntStream;

/**
 * The texts of all tokens of a vocabulary, as a tree over their bytes. Built once for a model; immutable.
 *
 * <p>Nodes are numbered so that a node's whole subtree follows it; node 0 is the root.
 */
public final class TokenTrie {
    private final byte[][] texts; // [ids], empty where a token is not text
    private final int[] ends; // ids of end-of-generation tokens
    private final byte[] labels; // [nodes], the byte that leads there
    private final short[] depths; // [nodes]
    private final int[] skips; // [nodes], the first node behind the subtree
    private final int[] firsts; // [nodes], a token that is exactly this path, or -1
    private final int[] nexts; // [ids], another token of the same text, or -1
    private final int nodes;

    /**
     * @param vocab ids that the model knows, 0 ... vocab-1
     */
    private TokenTrie(Tokenizer tokenizer, int vocab) {
        int ids = Math.min(vocab, tokenizer.vocabularySize());
        texts = new byte[ids][];
        int bytes = 0;
        for (int id = 0; id < ids; id++) {
            TokenType type = tokenizer.vocabulary().tokens().type(id);
            boolean text = !tokenizer.isSpecial(id) && !tokenizer.isEndOfGeneration(id) && type != TokenType.UNUSED;
            texts[id] = text ? tokenizer.tokenBytes(id) : new byte[0];
            bytes += texts[id].length;
        }
        ends = IntStream.range(0, ids).filter(tokenizer::isEndOfGeneration).toArray();
        int[] order = IntStream.range(0, ids)
                .filter(id -> texts[id].length > 0 && texts[id].length < Short.MAX_VALUE)
                .boxed()
                .sorted(Comparator.comparing(id -> texts[id], Arrays::compareUnsigned))
                .mapToInt(Integer::intValue)
                .toArray();
        byte[] label = new byte[bytes + 1];
        short[] depth = new short[bytes + 1];
        int[] first = new int[bytes + 1];
        nexts = new int[ids];
        Arrays.fill(first, -1);
        Arrays.fill(nexts, -1);
        int[] path = new int[Arrays.stream(texts).mapToInt(t -> t.length).max().orElse(0) + 1]; // nodes by depth
        byte[] before = {};
        int n = 1;
        for (int id : order) {
            byte[] text = texts[id];
            int same = Arrays.mismatch(before, text);
            for (int d = same < 0 ? text.length : same; d < text.length; d++) {
                label[n] = text[d];
                depth[n] = (short) (d + 1);
                path[d + 1] = n++;
            }
            int node = path[text.length];
            nexts[id] = first[node];
            first[node] = id;
            before = text;
        }
        nodes = n;
        labels = Arrays.copyOf(label, n);
        depths = Arrays.copyOf(depth, n);
        firsts = Arrays.copyOf(first, n);
        skips = skips(depths);
    }

    private static int[] skips(short[] depths) {
        int n = depths.length;
        int[] skips = new int[n];
        for (int i = n - 1; i >= 0; i--) {
            int next = i + 1;
            while (next < n && depths[next] > depths[i]) {
                next = skips[next];
            }
            skips[i] = next;
        }
        return skips;
    }

    /** The tokens of a model. @throws dev.trit.model.ModelException if it has no tokenizer */
    public static TokenTrie of(Model model) {
        return new TokenTrie(model.tokenizer(), model.config().vocab());
    }

    /** The tokens of a tokenizer. */
    public static TokenTrie of(Tokenizer tokenizer) {
        return new TokenTrie(tokenizer, tokenizer.vocabularySize());
    }

    int ids() {
        return texts.length;
    }

    /** The bytes of a token; none where it is not text. */
    byte[] text(int id) {
        return texts[id];
    }

    int[] ends() {
        return ends;
    }

    boolean isEnd(int id) {
        return Arrays.binarySearch(ends, id) >= 0;
    }

    int nodes() {
        return nodes;
    }

    int label(int node) {
        return labels[node] & 0xFF;
    }

    int depth(int node) {
        return depths[node];
    }

    int skip(int node) {
        return skips[node];
    }

    /** A token that is the path to that node, or -1. */
    int token(int node) {
        return firsts[node];
    }

    /** Another token of the same text, or -1. */
    int alike(int id) {
        return nexts[id];
    }

    /** The child that a byte leads to, or -1. */
    int child(int node, int b) {
        for (int i = node + 1; i < skips[node]; i = skips[i]) {
            if (label(i) == b) {
                return i;
            }
        }
        return -1;
    }
}
