package dev.trit.cli;

import dev.trit.model.Model;
import dev.trit.model.Session;
import dev.trit.model.Weights;
import java.util.Random;

/** What is timed: reading a prompt, or generating token by token; each from an empty cache, on random tokens. */
sealed interface SpeedTest {
    /** Reads {@code tokens} at once and computes what comes after the last. */
    record Prompt(int tokens) implements SpeedTest {
        @Override
        public String name() {
            return "pp" + tokens;
        }

        @Override
        public void once(Session session, int[] ids) {
            session.append(ids);
        }

        @Override
        public double bytesPerToken(Weights weights) {
            double head = weights.head().bytes();
            double chunks = Math.ceilDiv(tokens, Session.CHUNK);
            return (chunks * (weights.bytesPerToken() - head) + head) / tokens;
        }
    }

    /** Appends {@code tokens} one by one, with logits after each. */
    record Generation(int tokens) implements SpeedTest {
        @Override
        public String name() {
            return "tg" + tokens;
        }

        @Override
        public void once(Session session, int[] ids) {
            for (int id : ids) {
                session.append(id);
            }
        }

        @Override
        public double bytesPerToken(Weights weights) {
            return weights.bytesPerToken();
        }
    }

    int tokens();

    /** As llama-bench names it. */
    String name();

    /** The work. */
    void once(Session session, int[] ids);

    /** Bytes of weights read for a token. */
    double bytesPerToken(Weights weights);

    /**
     * Runs it.
     *
     * @param bound bytes per second that memory gives
     * @param warmUps runs not counted, so that the compiler has seen the kernels
     */
    default Speed run(Model model, double bound, int warmUps, int repetitions) {
        int[] ids = new Random(1).ints(tokens(), 0, model.config().vocab()).toArray();
        double[] rates = new double[repetitions];
        try (Session session = model.session(Math.max(tokens(), model.config().contextLength()))) {
            for (int i = -warmUps; i < repetitions; i++) {
                session.reset();
                long began = System.nanoTime();
                once(session, ids);
                if (i >= 0) {
                    rates[i] = tokens() / ((System.nanoTime() - began) / 1e9);
                }
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
        double bytes = bytesPerToken(model.weights());
        return new Speed(
                name(),
                model.team().size(),
                mean,
                sd,
                bytes,
                mean * bytes / 1e9,
                bound / 1e9,
                model.kernels().name());
    }
}
