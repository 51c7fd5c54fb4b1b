package dev.trit.model.grammar;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Where one can be in a grammar: sets of (state, calls to return from), made as texts reach them and remembered, so that
 * a byte that has been seen before costs one look into a table. Not thread-safe.
 *
 * <p>Beside the configurations of whole texts there are relative ones, which know their state but not who called its
 * rule: what a state allows by itself is computed once, wherever it is called from.
 */
final class Configurations {
    /** Remembered at most; what is older is forgotten as a whole, and made again if need be. */
    private static final int MOST = 50_000;

    /** Where to go on when a rule is over, below other such frames. */
    static final class Frame {
        private final int id;
        private final int state;
        private final @Nullable Frame below;
        private final int shortest; // bytes to the end of everything
        private @Nullable Configuration after; // made when first wanted

        private Frame(int id, int state, @Nullable Frame below, int shortest) {
            this.id = id;
            this.state = state;
            this.below = below;
            this.shortest = shortest;
        }
    }

    /** A set of states that wait for a byte, each with its frame. */
    static final class Configuration {
        final int[] states;
        final Frame[] frames;
        /** Whether the text may end here (or, for a relative one, whether the rule may). */
        final boolean complete;
        /** Fewest bytes to the end of the text. */
        final int shortest;

        private final @Nullable Configuration[] next; // [byte classes]

        private Configuration(int[] states, Frame[] frames, boolean complete, int shortest, int classes) {
            this.states = states;
            this.frames = frames;
            this.complete = complete;
            this.shortest = shortest;
            this.next = new Configuration[classes];
        }

        /** Whether no byte may follow. */
        boolean over() {
            return states.length == 0;
        }

        /** Whether nothing leads here: no text goes on like this. */
        boolean dead() {
            return states.length == 0 && !complete;
        }
    }

    private record FrameKey(int state, int below) {}

    private record Key(long[] threads, boolean complete) {
        @Override
        public boolean equals(@Nullable Object other) {
            return other instanceof Key key && complete == key.complete && Arrays.equals(threads, key.threads);
        }

        @Override
        public int hashCode() {
            return Arrays.hashCode(threads) * 2 + (complete ? 1 : 0);
        }
    }

    private final Automaton automaton;
    private final int[] classes; // [256]
    private final int classCount;
    private final Frame bottom = new Frame(0, -1, null, 0); // of whole texts
    private final Frame unknown = new Frame(1, -1, null, 0); // of relative configurations
    private final Map<FrameKey, Frame> frames = new HashMap<>();
    private final Map<Key, Configuration> all = new HashMap<>();
    private int frameIds = 2;

    // Of the set being made.
    private final Set<Long> seen = new HashSet<>();
    private final ArrayDeque<Integer> openStates = new ArrayDeque<>();
    private final ArrayDeque<Frame> openFrames = new ArrayDeque<>();
    private final List<Integer> waiting = new ArrayList<>();
    private final List<Frame> waitingFrames = new ArrayList<>();
    private boolean complete;
    private boolean takesBytes;

    Configurations(Automaton automaton) {
        this.automaton = automaton;
        this.classes = automaton.byteClasses();
        this.classCount = classes[255] + 1;
    }

    /** The beginning of a text. */
    Configuration start() {
        reach(automaton.root(), bottom);
        return made();
    }

    /** That state alone, whoever called its rule. */
    Configuration relative(int state) {
        reach(state, unknown);
        return made();
    }

    /** After the rule that a frame waits for; null where that is the end of the text. */
    @Nullable Configuration after(Frame frame) {
        if (frame.below == null) {
            return null;
        }
        Configuration after = frame.after;
        if (after == null) {
            reach(frame.state, frame.below);
            after = made();
            frame.after = after;
        }
        return after;
    }

    Configuration step(Configuration from, int b) {
        int c = classes[b];
        Configuration to = from.next[c];
        if (to == null) {
            for (int i = 0; i < from.states.length; i++) {
                Frame frame = from.frames[i];
                automaton.edges(from.states[i], new Automaton.Edges() {
                    @Override
                    public void bytes(int low, int high, int target) {
                        if (b >= low && b <= high) {
                            reach(target, frame);
                        }
                    }

                    @Override
                    public void empty(int target) {}

                    @Override
                    public void call(int start, int back) {}
                });
            }
            to = made();
            from.next[c] = to;
        }
        return to;
    }

    /** Adds a state and what can be reached from it without a byte to the set being made. */
    private void reach(int state, Frame frame) {
        open(state, frame);
        while (!openStates.isEmpty()) {
            int s = openStates.removeLast();
            Frame f = openFrames.removeLast();
            if (automaton.end(s)) {
                if (f.below == null) {
                    complete = true;
                } else {
                    open(f.state, f.below);
                }
            }
            takesBytes = false;
            automaton.edges(s, new Automaton.Edges() {
                @Override
                public void bytes(int low, int high, int target) {
                    takesBytes = true;
                }

                @Override
                public void empty(int target) {
                    open(target, f);
                }

                @Override
                public void call(int start, int back) {
                    open(start, automaton.isOver(back) ? f : frame(back, f)); // a last call needs no return
                }
            });
            if (takesBytes) {
                waiting.add(s);
                waitingFrames.add(f);
            }
        }
    }

    private void open(int state, Frame frame) {
        if (seen.add((long) state << 32 | frame.id)) {
            openStates.addLast(state);
            openFrames.addLast(frame);
        }
    }

    private Frame frame(int state, Frame below) {
        return frames.computeIfAbsent(
                new FrameKey(state, below.id),
                key -> new Frame(frameIds++, state, below, automaton.shortest(state) + below.shortest));
    }

    /** The set that has been made, the one and only of its kind. */
    private Configuration made() {
        int n = waiting.size();
        long[] threads = new long[n];
        for (int i = 0; i < n; i++) {
            threads[i] = (long) waiting.get(i) << 32 | waitingFrames.get(i).id;
        }
        long[] sorted = threads.clone();
        Arrays.sort(sorted);
        Key key = new Key(sorted, complete);
        Configuration known = all.get(key);
        if (known == null) {
            int shortest = complete ? 0 : Integer.MAX_VALUE;
            int[] states = new int[n];
            Frame[] of = new Frame[n];
            for (int i = 0; i < n; i++) {
                states[i] = waiting.get(i);
                of[i] = waitingFrames.get(i);
                shortest = Math.min(shortest, automaton.shortest(states[i]) + of[i].shortest);
            }
            known = new Configuration(states, of, complete, shortest, classCount);
            if (all.size() >= MOST) {
                all.clear();
                frames.clear();
            }
            all.put(key, known);
        }
        seen.clear();
        waiting.clear();
        waitingFrames.clear();
        complete = false;
        return known;
    }
}
