package dev.trit.train;

import dev.trit.model.Activation;
import dev.trit.model.Config;
import dev.trit.model.RopeScaling;
import java.util.Random;

/** Small models and texts for tests. */
final class Small {
    private Small() {}

    /** 2B4T's family in miniature: squared ReLU, sub-norms, grouped queries, tied head. */
    static Config shape(String architecture, int vocab) {
        return new Config(
                architecture,
                32,
                2,
                4,
                2,
                8,
                48,
                vocab,
                64,
                1e-5f,
                10_000f,
                8,
                RopeScaling.NONE,
                architecture.equals("bitnet-b1.58") ? Activation.RELU2 : Activation.SILU,
                architecture.startsWith("bitnet"),
                false,
                true);
    }

    static Recipe recipe(String architecture, String weights, int steps) {
        return recipe(architecture, weights, steps, Precision.F32);
    }

    static Recipe recipe(String architecture, String weights, int steps, Precision precision) {
        return new Recipe(
                shape(architecture, 40),
                weights,
                steps,
                4,
                2,
                16,
                precision,
                "two-stage",
                3e-3,
                2e-3,
                2,
                0.1,
                0.9,
                0.95,
                1e-8,
                1.0,
                0.02,
                7);
    }

    /** Tokens with something to learn: mostly the previous one plus three. */
    static TokenSource tokens(int vocab, int count, long seed) {
        Random random = new Random(seed);
        int[] ids = new int[count];
        for (int i = 1; i < count; i++) {
            ids[i] = random.nextInt(4) == 0 ? random.nextInt(vocab) : (ids[i - 1] + 3) % vocab;
        }
        return new TokenSource() {
            @Override
            public int vocab() {
                return vocab;
            }

            @Override
            public long tokens() {
                return count;
            }

            @Override
            public void read(long from, int[] out, int at, int n) {
                System.arraycopy(ids, Math.toIntExact(from), out, at, n);
            }
        };
    }
}
