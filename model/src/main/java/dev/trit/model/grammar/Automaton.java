package dev.trit.model.grammar;

import dev.trit.model.ModelException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * A grammar as states over bytes: for each rule an automaton with edges that take a byte, edges that take nothing, and
 * calls, which take what another rule says. Characters are taken apart into the bytes of their UTF-8 form.
 */
final class Automaton {
    private static final int MOST_STATES = 1_000_000;
    private static final int IMPOSSIBLE = Integer.MAX_VALUE / 4;
    private static final int NONE = -1;
    private static final int EMPTY = -1;
    private static final int CALL = 1 << 16;

    private final Grammar grammar;
    private final Map<String, Integer> starts = new LinkedHashMap<>(); // rule to its first state

    // Edges of a state are chained. A byte edge takes low ... high; an empty edge and a call have neither.
    private int[] first = new int[64]; // [states], its first edge, or NONE
    private boolean[] end = new boolean[64]; // [states], whether its rule may be over here
    private int states;
    private int[] next = new int[64]; // [edges]
    private int[] target = new int[64]; // [edges], for a call where to go on after it
    private int[] label = new int[64]; // [edges]: bytes as low << 8 | high, or EMPTY, or CALL + first state of the rule
    private int edges;

    private final int[] shortest; // [states], fewest bytes to the end of the rule
    private final boolean[] over; // [states], whether the rule cannot but end here

    /** What the runtime sees of a state. */
    interface Edges {
        void bytes(int low, int high, int target);

        void empty(int target);

        void call(int start, int back);
    }

    Automaton(Grammar grammar) {
        this.grammar = grammar;
        for (String name : grammar.rules().keySet()) {
            starts.put(name, state());
        }
        grammar.rules().forEach((name, body) -> {
            int last = build(body, start(name));
            end[last] = true;
        });
        shortest = shortest();
        over = over();
        refuseLeftRecursion();
        if (shortest[root()] >= IMPOSSIBLE) {
            throw new ModelException("grammar: no finite text satisfies the rule '%s'".formatted(grammar.root()));
        }
    }

    int root() {
        return start(grammar.root());
    }

    int states() {
        return states;
    }

    /** Whether the rule of that state may be over there. */
    boolean end(int state) {
        return end[state];
    }

    /** Whether the rule of that state takes nothing more there. */
    boolean isOver(int state) {
        return over[state];
    }

    /** Fewest bytes from there to the end of the rule. */
    int shortest(int state) {
        return shortest[state];
    }

    /** Tells the edges of a state that lead somewhere. */
    void edges(int state, Edges visitor) {
        for (int e = first[state]; e != NONE; e = next[e]) {
            if (shortest[target[e]] >= IMPOSSIBLE) {
                continue;
            }
            if (label[e] == EMPTY) {
                visitor.empty(target[e]);
            } else if (label[e] < CALL) {
                visitor.bytes(label[e] >> 8, label[e] & 0xFF, target[e]);
            } else if (shortest[label[e] - CALL] < IMPOSSIBLE) {
                visitor.call(label[e] - CALL, target[e]);
            }
        }
    }

    /** Numbers bytes so that those which no edge tells apart have the same number, [256]. */
    int[] byteClasses() {
        boolean[] begins = new boolean[257];
        for (int e = 0; e < edges; e++) {
            if (label[e] >= 0 && label[e] < CALL) {
                begins[label[e] >> 8] = true;
                begins[(label[e] & 0xFF) + 1] = true;
            }
        }
        int[] classes = new int[256];
        for (int b = 1; b < 256; b++) {
            classes[b] = classes[b - 1] + (begins[b] ? 1 : 0);
        }
        return classes;
    }

    private int start(String rule) {
        Integer start = starts.get(rule);
        if (start == null) {
            throw new ModelException("grammar: there is no rule '%s'".formatted(rule));
        }
        return start;
    }

    // Building: every method adds what leads on from a state and returns where it leads.

    private int build(Expr expr, int from) {
        return switch (expr) {
            case Expr.Literal literal -> {
                int at = from;
                for (byte b : literal.text().getBytes(StandardCharsets.UTF_8)) {
                    int to = state();
                    edge(at, (b & 0xFF) << 8 | b & 0xFF, to);
                    at = to;
                }
                yield at;
            }
            case Expr.Chars chars -> {
                int to = state();
                new Utf8Edges(from, to).add(chars.ranges());
                yield to;
            }
            case Expr.Seq seq -> {
                int at = from;
                for (Expr part : seq.parts()) {
                    at = build(part, at);
                }
                yield at;
            }
            case Expr.Choice choice -> {
                int to = state();
                for (Expr option : choice.options()) {
                    int begin = state();
                    edge(from, EMPTY, begin);
                    edge(build(option, begin), EMPTY, to);
                }
                yield to;
            }
            case Expr.Repeat repeat -> build(repeat, from);
            case Expr.Rule rule -> {
                int to = state();
                edge(from, CALL + start(rule.name()), to);
                yield to;
            }
        };
    }

    private int build(Expr.Repeat repeat, int from) {
        int at = from;
        for (int i = 0; i < repeat.min(); i++) {
            at = build(repeat.part(), at);
        }
        int to = state();
        if (repeat.max() == Expr.UNLIMITED) {
            int loop = state();
            edge(at, EMPTY, loop);
            edge(build(repeat.part(), loop), EMPTY, loop);
            edge(loop, EMPTY, to);
        } else {
            for (int i = repeat.min(); i < repeat.max(); i++) {
                edge(at, EMPTY, to);
                at = build(repeat.part(), at);
            }
            edge(at, EMPTY, to);
        }
        return to;
    }

    private int state() {
        if (states == first.length) {
            if (states >= MOST_STATES) {
                throw new ModelException(
                        "grammar: it needs more than %d states; use smaller limits of lengths and counts"
                                .formatted(MOST_STATES));
            }
            first = Arrays.copyOf(first, 2 * states);
            end = Arrays.copyOf(end, 2 * states);
        }
        first[states] = NONE;
        return states++;
    }

    private void edge(int from, int what, int to) {
        if (edges == next.length) {
            next = Arrays.copyOf(next, 2 * edges);
            target = Arrays.copyOf(target, 2 * edges);
            label = Arrays.copyOf(label, 2 * edges);
        }
        next[edges] = first[from];
        target[edges] = to;
        label[edges] = what;
        first[from] = edges++;
    }

    /** Characters as bytes, the tails of characters shared. */
    private final class Utf8Edges {
        private final int from;
        private final int to;
        private final Map<Long, Integer> tails = new HashMap<>(); // (range, target) to the state before it

        Utf8Edges(int from, int to) {
            this.from = from;
            this.to = to;
        }

        void add(Ranges ranges) {
            int[] limits = {0x7F, 0x7FF, 0xFFFF, 0x10FFFF}; // the last characters of one to four bytes
            for (int i = 0; i < ranges.bounds().length; i += 2) {
                int at = ranges.bounds()[i];
                int last = ranges.bounds()[i + 1];
                for (int length = 1; length <= 4; length++) {
                    int stop = Math.min(last, limits[length - 1]);
                    if (at <= stop) {
                        split(at, stop, length);
                        at = stop + 1;
                    }
                }
            }
        }

        /** Splits until all bytes but those at the end of the form run through whole ranges. */
        private void split(int low, int high, int length) {
            for (int tail = 1; tail < length; tail++) {
                int mask = (1 << 6 * tail) - 1; // what the last bytes hold
                if ((low & ~mask) != (high & ~mask)) {
                    if ((low & mask) != 0) {
                        split(low, low | mask, length);
                        split((low | mask) + 1, high, length);
                        return;
                    }
                    if ((high & mask) != mask) {
                        split(low, (high & ~mask) - 1, length);
                        split(high & ~mask, high, length);
                        return;
                    }
                }
            }
            int at = to;
            for (int i = length - 1; i > 0; i--) {
                at = before(range(low, high, length, i), at);
            }
            edge(from, range(low, high, length, 0), at);
        }

        private int range(int low, int high, int length, int index) {
            return utf8(low, length, index) << 8 | utf8(high, length, index);
        }

        private int utf8(int c, int length, int index) {
            int bits = c >> 6 * (length - 1 - index);
            if (index > 0) {
                return 0x80 | bits & 0x3F;
            }
            return length == 1 ? bits : 0xFF00 >> length & 0xFF | bits;
        }

        private int before(int range, int target) {
            return tails.computeIfAbsent((long) range << 32 | target, key -> {
                int state = state();
                edge(state, range, target);
                return state;
            });
        }
    }

    // Checks.

    /** Relaxes until nothing changes; edges mostly lead to later states, so few rounds do. */
    private int[] shortest() {
        int[] least = new int[states];
        Arrays.fill(least, IMPOSSIBLE);
        boolean changed = true;
        while (changed) {
            changed = false;
            for (int s = states - 1; s >= 0; s--) {
                int best = end[s] ? 0 : least[s];
                for (int e = first[s]; e != NONE; e = next[e]) {
                    int cost = label[e] == EMPTY ? 0 : label[e] < CALL ? 1 : least[label[e] - CALL];
                    best = Math.min(best, Math.min(IMPOSSIBLE, cost + least[target[e]]));
                }
                if (best < least[s]) {
                    least[s] = best;
                    changed = true;
                }
            }
        }
        return least;
    }

    private boolean[] over() {
        boolean[] over = new boolean[states];
        for (int s = states - 1; s >= 0; s--) {
            over[s] = end[s] || first[s] != NONE;
            for (int e = first[s]; e != NONE; e = next[e]) {
                over[s] &= label[e] == EMPTY && over[target[e]];
            }
        }
        return over;
    }

    private void refuseLeftRecursion() {
        int[] mark = new int[states]; // 0 unseen, 1 on the way, 2 done; of first states of rules
        boolean[] seen = new boolean[states]; // rules have no states in common, and each is visited once
        for (Map.Entry<String, Integer> rule : starts.entrySet()) {
            visit(rule.getValue(), mark, seen);
        }
    }

    /** All rules that may be called from a rule before it has taken a byte, and from those, and so on. */
    private void visit(int start, int[] mark, boolean[] seen) {
        if (mark[start] == 2) {
            return;
        }
        mark[start] = 1;
        List<Integer> open = new ArrayList<>(List.of(start));
        while (!open.isEmpty()) {
            int s = open.removeLast();
            if (seen[s]) {
                continue;
            }
            seen[s] = true;
            for (int e = first[s]; e != NONE; e = next[e]) {
                if (label[e] == EMPTY) {
                    open.add(target[e]);
                } else if (label[e] >= CALL) {
                    int callee = label[e] - CALL;
                    if (mark[callee] == 1) {
                        throw new ModelException(
                                "grammar: the rule '%s' calls itself before it says anything (left recursion); put what it says first"
                                        .formatted(nameOf(callee)));
                    }
                    visit(callee, mark, seen);
                    if (shortest[callee] == 0) {
                        open.add(target[e]);
                    }
                }
            }
        }
        mark[start] = 2;
    }

    private String nameOf(int start) {
        return starts.entrySet().stream()
                .filter(e -> e.getValue() == start)
                .map(Map.Entry::getKey)
                .findFirst()
                .orElse("?");
    }
}
