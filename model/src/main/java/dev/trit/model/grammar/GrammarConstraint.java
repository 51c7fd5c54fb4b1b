package dev.trit.model.grammar;

import dev.trit.model.Constraint;
import dev.trit.model.ModelException;
import dev.trit.model.grammar.Configurations.Configuration;
import dev.trit.model.grammar.Configurations.Frame;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A grammar over a vocabulary. The tokens that a configuration allows are found in two parts: what each of its states
 * allows without leaving its rule is found by one walk through all tokens and kept, since the inside of a string, say, is
 * the same wherever the string stands; tokens that leave the rule are followed further, and they are few.
 */
final class GrammarConstraint implements Constraint {
    private static final int KEPT = 1024; // sets of tokens of either kind

    private final Configurations configurations;
    private final TokenTrie trie;
    private final int words;
    private final Map<Integer, Inside> insides = new Recent<>();
    private final Map<Configuration, long[]> masks = new Recent<>();
    private Configuration[] path = new Configuration[16]; // by depth in the trie

    /**
     * What a state allows by itself.
     *
     * @param tokens a bit for each
     * @param leaves nodes of the trie at which its rule may be over, with tokens behind them
     */
    private record Inside(long[] tokens, int[] leaves) {}

    private static final class Recent<K, V> extends LinkedHashMap<K, V> {
        Recent() {
            super(64, 0.75f, true);
        }

        @Override
        protected boolean removeEldestEntry(Map.Entry<K, V> eldest) {
            return size() > KEPT;
        }
    }

    GrammarConstraint(Configurations configurations, TokenTrie trie) {
        this.configurations = configurations;
        this.trie = trie;
        this.words = Math.ceilDiv(trie.ids(), Long.SIZE);
    }

    @Override
    public synchronized Guide begin() {
        return new Following(configurations.start());
    }

    private synchronized long[] allowed(Configuration at) {
        long[] mask = masks.get(at);
        if (mask == null) {
            mask = find(at);
            masks.put(at, mask);
        }
        return mask;
    }

    private long[] find(Configuration at) {
        long[] mask = new long[words];
        for (int i = 0; i < at.states.length; i++) {
            Inside inside = inside(at.states[i]);
            for (int w = 0; w < words; w++) {
                mask[w] |= inside.tokens[w];
            }
            Frame frame = at.frames[i];
            Configuration after = configurations.after(frame);
            if (after != null) {
                for (int node : inside.leaves) {
                    walk(after, node, mask, null);
                }
            }
        }
        if (at.complete) {
            for (int id : trie.ends()) {
                mask[id >> 6] |= 1L << id;
            }
        }
        return mask;
    }

    private Inside inside(int state) {
        Inside inside = insides.get(state);
        if (inside == null) {
            long[] tokens = new long[words];
            Nodes leaves = new Nodes();
            walk(configurations.relative(state), 0, tokens, leaves);
            inside = new Inside(tokens, leaves.toArray());
            insides.put(state, inside);
        }
        return inside;
    }

    /** Follows all tokens below a node, and marks those that survive. */
    private void walk(Configuration from, int node, long[] mask, @Nullable Nodes leaves) {
        int end = trie.skip(node);
        path(trie.depth(node), from);
        for (int i = node + 1; i < end; ) {
            int depth = trie.depth(i);
            Configuration to = configurations.step(path[depth - 1], trie.label(i));
            if (to.dead()) {
                i = trie.skip(i);
                continue;
            }
            for (int id = trie.token(i); id >= 0; id = trie.alike(id)) {
                mask[id >> 6] |= 1L << id;
            }
            boolean leaf = trie.skip(i) == i + 1;
            if (leaves != null && to.complete && !leaf) {
                leaves.add(i);
            }
            if (to.over()) {
                i = trie.skip(i);
            } else {
                path(depth, to);
                i++;
            }
        }
    }

    private void path(int depth, Configuration configuration) {
        if (depth >= path.length) {
            path = Arrays.copyOf(path, 2 * depth);
        }
        path[depth] = configuration;
    }

    private synchronized Configuration after(Configuration at, byte[] text) {
        Configuration to = at;
        for (byte b : text) {
            to = configurations.step(to, b & 0xFF);
        }
        return to;
    }

    /** The token that goes furthest on the shortest way to the end; -1 if the vocabulary has none. */
    private synchronized int closing(Configuration at) {
        int found = at.shortest == 0 && trie.ends().length > 0 ? trie.ends()[0] : -1;
        int node = 0;
        Configuration here = at;
        while (here.shortest > 0 && node >= 0) {
            Configuration nearer = null;
            int via = -1;
            for (int child = node + 1; child < trie.skip(node) && nearer == null; child = trie.skip(child)) {
                Configuration to = configurations.step(here, trie.label(child));
                if (!to.dead() && to.shortest < here.shortest) {
                    nearer = to;
                    via = child;
                }
            }
            if (nearer == null) {
                break;
            }
            here = nearer;
            node = via;
            found = trie.token(node) >= 0 ? trie.token(node) : found;
        }
        return found;
    }

    /** Node numbers, as many as come. */
    private static final class Nodes {
        private int[] nodes = new int[16];
        private int size;

        void add(int node) {
            if (size == nodes.length) {
                nodes = Arrays.copyOf(nodes, 2 * size);
            }
            nodes[size++] = node;
        }

        int[] toArray() {
            return Arrays.copyOf(nodes, size);
        }
    }

    /** One text. */
    private final class Following implements Guide {
        private Configuration at;
        private boolean ended;

        Following(Configuration start) {
            this.at = start;
        }

        @Override
        public long[] allowed() {
            return GrammarConstraint.this.allowed(at);
        }

        @Override
        public int within(int id, int remaining) {
            boolean hopeless = at.shortest > remaining;
            if (hopeless || trie.isEnd(id) || after(at, trie.text(id)).shortest < remaining) {
                return id;
            }
            int closing = closing(at);
            return closing < 0 ? id : closing;
        }

        @Override
        public void accept(int id) {
            if (ended) {
                throw new ModelException("the text has ended already");
            }
            if (trie.isEnd(id)) {
                ended = true;
                return;
            }
            byte[] text = id < trie.ids() ? trie.text(id) : new byte[0];
            Configuration to = after(at, text);
            if (text.length == 0 || to.dead()) {
                throw new ModelException("token %d is not what the grammar allows here".formatted(id));
            }
            at = to;
        }

        @Override
        public boolean finished() {
            return ended || at.over();
        }
    }
}
