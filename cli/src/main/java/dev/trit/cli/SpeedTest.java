package dev.trit.cli;

import dev.trit.model.Completion;
import dev.trit.model.Engine;
import dev.trit.model.EngineOptions;
import dev.trit.model.Generation;
import dev.trit.model.Model;
import dev.trit.model.Request;
import dev.trit.model.Sampling;
import dev.trit.model.Session;
import dev.trit.model.Weights;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.function.Consumer;
import java.util.stream.Collectors;

/**
 * What is timed: reading a prompt, generating token by token, or generating several texts together; each on random
 * tokens, the first two after {@code depth} others, which are not timed.
 */
sealed interface SpeedTest {
    /** A test made ready to run again and again. */
    interface Work extends AutoCloseable {
        void once();

        @Override
        void close();
    }

    /** Reads {@code tokens} at once and computes what comes after the last. */
    record Prompt(int tokens, int depth) implements SpeedTest {
        @Override
        public String name() {
            return named("pp" + tokens, depth);
        }

        @Override
        public Work work(Model model, int[] ids) {
            return new Alone(model, ids, depth, session -> session.append(ids));
        }

        @Override
        public double bytesPerToken(Model model) {
            double chunks = Math.ceilDiv(tokens, Session.CHUNK);
            Weights weights = model.weights();
            double kv = model.kvBytesPerPosition() * (depth + tokens / 2.0) / Math.min(tokens, Session.CHUNK);
            return (chunks * weights.blockBytes() + weights.head().bytes()) / tokens + kv;
        }
    }

    /** Appends {@code tokens} one by one, and finds the best next one after each. */
    record Generate(int tokens, int depth) implements SpeedTest {
        @Override
        public String name() {
            return named("tg" + tokens, depth);
        }

        @Override
        public Work work(Model model, int[] ids) {
            return new Alone(model, ids, depth, session -> {
                for (int id : ids) {
                    session.next(id);
                }
            });
        }

        @Override
        public double bytesPerToken(Model model) {
            return model.weights().bytesPerToken() + model.kvBytesPerPosition() * (depth + tokens / 2.0);
        }
    }

    /** Generates {@code length} tokens of each of {@code texts} requests through an {@link Engine}; counts all tokens. */
    record Batch(int length, int texts) implements SpeedTest {
        @Override
        public String name() {
            return "tg%dx%d".formatted(length, texts);
        }

        @Override
        public int tokens() {
            return length * texts;
        }

        @Override
        public Work work(Model model, int[] ids) {
            return new Together(model, ids, length, texts);
        }

        @Override
        public double bytesPerToken(Model model) {
            return (double) model.weights().bytesPerToken() / texts + model.kvBytesPerPosition() * (length / 2.0);
        }
    }

    /** Tokens that a run counts. */
    int tokens();

    /** As llama-bench names it, {@code tg128@d4000} after 4,000 tokens; {@code tg128x8} for eight texts together. */
    String name();

    private static String named(String name, int depth) {
        return depth > 0 ? name + "@d" + depth : name;
    }

    /** The work. @param ids random, as many as the test counts */
    Work work(Model model, int[] ids);

    /** Bytes of weights, keys and values read for a token. */
    double bytesPerToken(Model model);

    /**
     * Runs it.
     *
     * @param bound bytes per second that memory gives
     * @param warmUp how long runs that do not count go before, one in any case: compiling takes a processor for seconds
     */
    default Speed run(Model model, double bound, Duration warmUp, int repetitions) {
        int[] ids = new Random(1).ints(tokens(), 0, model.config().vocab()).toArray();
        double[] rates = new double[repetitions];
        try (Work work = work(model, ids)) {
            long begin = System.nanoTime();
            do {
                work.once();
            } while (System.nanoTime() - begin < warmUp.toNanos());
            for (int i = 0; i < repetitions; i++) {
                long began = System.nanoTime();
                work.once();
                rates[i] = tokens() / ((System.nanoTime() - began) / 1e9);
            }
        }
        double mean = 0;
        for (double rate : rates) {
            mean += rate / repetitions;
        }
        double squares = 0;
        for (double rate : rates) {
            squares += (rate - mean) * (rate - mean);
        }
        double sd = repetitions > 1 ? Math.sqrt(squares / (repetitions - 1)) : 0;
        double bytes = bytesPerToken(model);
        return new Speed(
                name(),
                model.team().size(),
                mean,
                sd,
                bytes,
                mean * bytes / 1e9,
                bound / 1e9,
                model.kernels().name(),
                model.head().word(),
                model.kv().word());
    }

    /** One session, cut back to its depth before each run. */
    final class Alone implements Work {
        private final Session session;
        private final int depth;
        private final Consumer<Session> run;

        Alone(Model model, int[] ids, int depth, Consumer<Session> run) {
            this.session =
                    model.session(Math.max(depth + ids.length, model.config().contextLength()));
            this.depth = depth;
            this.run = run;
            if (depth > 0) {
                session.append(
                        new Random(2).ints(depth, 0, model.config().vocab()).toArray());
            }
        }

        @Override
        public void once() {
            session.truncate(depth);
            run.accept(session);
        }

        @Override
        public void close() {
            session.close();
        }
    }

    /** An engine with room for all texts; each begins with a token of its own and never ends by itself. */
    final class Together implements Work {
        private final Engine engine;
        private final List<Request> requests = new ArrayList<>();

        Together(Model model, int[] ids, int length, int texts) {
            engine = new Engine(
                    model,
                    EngineOptions.defaults()
                            .withParallel(texts)
                            .withContextLength(
                                    Math.max(length + 1, model.config().contextLength())));
            Map<Integer, Float> goOn = model.tokenizer().vocabulary().special().endOfGeneration().stream()
                    .collect(Collectors.toMap(id -> id, id -> Float.NEGATIVE_INFINITY));
            Sampling sampling = Sampling.greedy().withMaxTokens(length).withLogitBias(goOn);
            for (int i = 0; i < texts; i++) {
                requests.add(Request.of(new int[] {ids[i]}, sampling));
            }
        }

        @Override
        public void once() {
            List<Completion> all = requests.stream().map(engine::submit).toList();
            try {
                for (Completion completion : all) {
                    for (Generation generation : completion.await()) {
                        if (generation.completionTokens()
                                != completion.request().sampling().maxTokens()) {
                            throw new IllegalStateException("a text ended after " + generation.completionTokens());
                        }
                    }
                }
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new IllegalStateException("interrupted", e);
            }
        }

        @Override
        public void close() {
            engine.close();
        }
    }
}
