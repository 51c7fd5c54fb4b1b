package dev.trit.model;

import dev.trit.tensor.ThreadTeam;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.atomic.LongAdder;

/**
 * Where the time of a generated token goes: the way of the thread that asks for it, cut into the verbs of {@link
 * dev.trit.tensor.Kernels}, the meetings with other threads and sampling. The clock is read only where one kind of work
 * follows another, some thousand times a token.
 *
 * @param depth tokens of context before the first that is measured
 * @param tokens measured
 * @param wallMicros of a token, median
 * @param accounted share of the time of all tokens that a part other than {@link Part#REST} has
 * @param parts what takes time, in the order of {@link Part}; those that never happen are left out
 * @param barriers meetings of all threads for a token
 * @param barrierMicros of one with nothing to do between
 */
public record Profile(
        int depth,
        int tokens,
        double wallMicros,
        double accounted,
        List<Share> parts,
        double barriers,
        double barrierMicros) {
    /** Kinds of work. */
    public enum Part {
        TERNARY("ternary products"),
        DENSE("other products"),
        HEAD("output head"),
        SCORES("attention: scores"),
        SOFTMAX("attention: softmax"),
        MIX("attention: mix"),
        STORE("keys and values written"),
        QUANTIZE("quantize"),
        NORM("norms"),
        ROPE("rope"),
        ACTIVATION("activation"),
        RESIDUAL("residual, bias"),
        EMBEDDING("embedding"),
        HAND_OUT("barriers: handing out"),
        WAIT("barriers: waiting"),
        SAMPLING("sampling"),
        REST("everything else");

        private final String words;

        Part(String words) {
            this.words = words;
        }

        public String words() {
            return words;
        }
    }

    /**
     * @param part kind of work
     * @param micros of a token on the thread that asks for it, median over the tokens
     * @param bytes of a token that the calls of all threads read and write, once for each call
     * @param calls of a token by all threads
     */
    public record Share(Part part, double micros, double bytes, double calls) {}

    private static final int WARM_UPS = 16;
    private static final int EMPTY_TASKS = 2000;

    /**
     * Measures tokens after {@code depth} random others; each is sampled as {@link Sampling#defaults} says.
     *
     * @param warmUp how long tokens that do not count go before, some in any case: what the compiler has not seen yet is slow,
     *     and compiling takes a processor
     * @throws ModelException if there are fewer than one
     */
    public static Profile measure(Model model, int depth, int tokens, Duration warmUp) {
        if (depth < 0 || tokens < 1) {
            throw new ModelException("a profile needs a token, got %d after %d".formatted(tokens, depth));
        }
        Laps laps = new Laps(tokens);
        model.team().watch(laps);
        try (Session session = new Session(model, depth + tokens + WARM_UPS + 2, new ProfiledKernels(model, laps))) {
            return laps.measure(model, session, depth, warmUp);
        } finally {
            model.team().watch(null);
        }
    }

    /** The stopwatch of one thread, and counters of all. */
    static final class Laps implements ThreadTeam.Watch {
        private final Thread owner = Thread.currentThread();
        private final long[][] nanos; // [parts][tokens]
        private final LongAdder[] bytes = adders();
        private final LongAdder[] calls = adders();
        private boolean counting;
        private int token;
        private int meetings;
        private Part current = Part.REST;
        private long since;

        Laps(int tokens) {
            nanos = new long[Part.values().length][tokens];
        }

        private static LongAdder[] adders() {
            LongAdder[] all = new LongAdder[Part.values().length];
            Arrays.setAll(all, i -> new LongAdder());
            return all;
        }

        /** From now on it is this kind of work. */
        void enter(Part part) {
            if (Thread.currentThread() == owner && part != current) {
                long now = System.nanoTime();
                nanos[current.ordinal()][token] += now - since;
                since = now;
                current = part;
            }
        }

        /** The same for a call that reads and writes so many bytes; any thread. */
        void enter(Part part, long bytes) {
            enter(part);
            if (counting) {
                this.bytes[part.ordinal()].add(bytes);
                calls[part.ordinal()].increment();
            }
        }

        @Override
        public void handing() {
            enter(Part.HAND_OUT);
            meetings++;
        }

        @Override
        public void waiting() {
            enter(Part.WAIT);
        }

        @Override
        public void done() {
            enter(Part.REST);
        }

        Profile measure(Model model, Session session, int depth, Duration warmUp) {
            int vocab = model.config().vocab();
            Sampler sampler = new Sampler(Sampling.defaults(), vocab);
            int[] id = {1 % vocab};
            if (depth > 0) {
                session.feed(new Random(2).ints(depth, 0, vocab).toArray(), 0, depth);
            }
            long begin = System.nanoTime();
            do {
                session.truncate(depth);
                for (int i = 0; i < WARM_UPS; i++) {
                    id[0] = next(session, sampler, id);
                }
            } while (System.nanoTime() - begin < warmUp.toNanos());
            counting = true;
            meetings = 0;
            id[0] = next(session, sampler, id);
            counting = false;
            int barriers = meetings;
            session.truncate(depth);
            int tokens = nanos[0].length;
            for (long[] of : nanos) {
                Arrays.fill(of, 0);
            }
            long[] wall = new long[tokens];
            current = Part.REST;
            since = System.nanoTime();
            for (token = 0; token < tokens; token++) {
                long began = since;
                id[0] = next(session, sampler, id);
                long now = System.nanoTime();
                nanos[current.ordinal()][token] += now - since;
                since = now;
                wall[token] = now - began;
            }
            token = 0;
            return result(depth, wall, barriers, barrierMicros(model.team()));
        }

        private int next(Session session, Sampler sampler, int[] id) {
            session.feed(id, 0, 1);
            float[] logits = session.last(sampler.wanted(null));
            enter(Part.SAMPLING);
            int next = sampler.sample(logits);
            sampler.accept(next);
            enter(Part.REST);
            return next;
        }

        private Profile result(int depth, long[] wall, int barriers, double barrierMicros) {
            List<Share> shares = new ArrayList<>();
            for (Part part : Part.values()) {
                long[] of = nanos[part.ordinal()];
                int p = part.ordinal();
                if (Arrays.stream(of).sum() > 0 || calls[p].sum() > 0) {
                    shares.add(new Share(part, median(of) / 1e3, bytes[p].sum(), calls[p].sum()));
                }
            }
            long all = Arrays.stream(wall).sum();
            long rest = Arrays.stream(nanos[Part.REST.ordinal()]).sum();
            double accounted = 1 - (double) rest / all;
            return new Profile(
                    depth, wall.length, median(wall) / 1e3, accounted, List.copyOf(shares), barriers, barrierMicros);
        }

        private double barrierMicros(ThreadTeam team) {
            team.watch(null);
            long[] times = new long[EMPTY_TASKS];
            ThreadTeam.RowTask nothing = (from, to) -> {};
            for (int i = 0; i < EMPTY_TASKS; i++) {
                long began = System.nanoTime();
                team.run(team.size(), 1, nothing);
                times[i] = System.nanoTime() - began;
            }
            return team.size() == 1 ? 0 : median(times) / 1e3;
        }

        private static double median(long[] values) {
            long[] sorted = values.clone();
            Arrays.sort(sorted);
            int n = sorted.length;
            return (sorted[(n - 1) / 2] + sorted[n / 2]) / 2.0;
        }
    }
}
