package dev.trit.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class SamplerTest {
    /** No step narrows anything down, temperature 1. */
    private static final Sampling PLAIN = Sampling.defaults()
            .withTemperature(1)
            .withTopK(0)
            .withTopP(1)
            .withMinP(0)
            .withSeed(11);

    private static float[] randomLogits(int n, long seed) {
        Random random = new Random(seed);
        float[] logits = new float[n];
        for (int i = 0; i < n; i++) {
            logits[i] = (float) random.nextGaussian() * 3;
        }
        return logits;
    }

    /** How often each token comes up in {@code n} draws. */
    private static double[] frequencies(Sampling sampling, float[] logits, int n) {
        Sampler sampler = new Sampler(sampling, logits.length);
        double[] counts = new double[logits.length];
        for (int i = 0; i < n; i++) {
            counts[sampler.sample(logits)] += 1.0 / n;
        }
        return counts;
    }

    private static double[] softmax(float[] logits, double temperature) {
        double max = IntStream.range(0, logits.length)
                .mapToDouble(i -> logits[i])
                .max()
                .orElseThrow();
        double[] p = IntStream.range(0, logits.length)
                .mapToDouble(i -> Math.exp((logits[i] - max) / temperature))
                .toArray();
        double sum = Arrays.stream(p).sum();
        return Arrays.stream(p).map(x -> x / sum).toArray();
    }

    /** Ids by falling probability, equal ones by id. */
    private static int[] order(double[] p) {
        return IntStream.range(0, p.length)
                .boxed()
                .sorted(Comparator.<Integer>comparingDouble(i -> -p[i]).thenComparing(i -> i))
                .mapToInt(i -> i)
                .toArray();
    }

    private static int[] drawn(Sampling sampling, float[] logits) {
        double[] f = frequencies(sampling, logits, 4000);
        return IntStream.range(0, f.length).filter(i -> f[i] > 0).toArray();
    }

    private static int[] sorted(int[] order, int n) {
        return Arrays.stream(order).limit(n).sorted().toArray();
    }

    @Test
    void temperatureZeroTakesTheBestAndTheLowerOfEquals() {
        float[] logits = {1, 5, 3, 5, -2};
        assertThat(new Sampler(Sampling.greedy(), 5).sample(logits)).isEqualTo(1);
        assertThat(logits).containsExactly(1, 5, 3, 5, -2);
    }

    @Test
    void drawsAsOftenAsTheProbabilitiesSay() {
        float[] logits = {0, 1, 2, -1, 0.5f};
        for (float temperature : new float[] {0.5f, 1, 2}) {
            double[] p = softmax(logits, temperature);
            double[] f = frequencies(PLAIN.withTemperature(temperature), logits, 100_000);
            for (int i = 0; i < p.length; i++) {
                assertThat(f[i])
                        .as("token %d at temperature %s", i, temperature)
                        .isCloseTo(p[i], within(0.006));
            }
        }
    }

    @Test
    void topKKeepsTheBest() {
        float[] logits = {1, 1.1f, 0.9f, 1.2f, 1.1f, 1};
        assertThat(drawn(PLAIN.withTopK(1), logits)).containsExactly(3);
        assertThat(drawn(PLAIN.withTopK(2), logits))
                .as("of equals the lower id")
                .containsExactly(1, 3);
        assertThat(drawn(PLAIN.withTopK(4), logits)).containsExactly(0, 1, 3, 4);
        assertThat(drawn(PLAIN.withTopK(100), logits)).containsExactly(0, 1, 2, 3, 4, 5);
    }

    @Test
    void topPKeepsTheSmallestSetThatReachesIt() {
        float[] logits = {(float) Math.log(0.5), (float) Math.log(0.3), (float) Math.log(0.15), (float) Math.log(0.05)};
        assertThat(drawn(PLAIN.withTopP(0.45f), logits)).containsExactly(0);
        assertThat(drawn(PLAIN.withTopP(0.79f), logits)).containsExactly(0, 1);
        assertThat(drawn(PLAIN.withTopP(0.81f), logits)).containsExactly(0, 1, 2);
        assertThat(drawn(PLAIN.withTopP(0.999f), logits)).containsExactly(0, 1, 2, 3);
    }

    @Test
    void minPKeepsWhatIsLikelyEnoughBesideTheBest() {
        float[] logits = {(float) Math.log(0.5), (float) Math.log(0.3), (float) Math.log(0.15), (float) Math.log(0.05)};
        assertThat(drawn(PLAIN.withMinP(0.61f), logits)).containsExactly(0);
        assertThat(drawn(PLAIN.withMinP(0.59f), logits)).containsExactly(0, 1);
        assertThat(drawn(PLAIN.withMinP(0.11f), logits)).containsExactly(0, 1, 2);
    }

    @Test
    void typicalKeepsWhatIsAsSurprisingAsExpected() {
        // Entropy 1.14 nats; surprises 0.69, 1.20, 1.90, 3.00: nearest are 1, 0, 2, 3.
        float[] logits = {(float) Math.log(0.5), (float) Math.log(0.3), (float) Math.log(0.15), (float) Math.log(0.05)};
        assertThat(drawn(PLAIN.withTypicalP(0.29f), logits)).containsExactly(1);
        assertThat(drawn(PLAIN.withTypicalP(0.79f), logits)).containsExactly(0, 1);
        assertThat(drawn(PLAIN.withTypicalP(0.94f), logits)).containsExactly(0, 1, 2);
    }

    @Test
    void partialSelectionEqualsASortOfTheWholeVocabulary() {
        for (int n : new int[] {1, 2, 63, 64, 65, 500, 3000}) {
            float[] logits = randomLogits(n, n);
            for (int i = 0; i < n; i += 7) {
                logits[i] = logits[0]; // ties
            }
            double[] p = softmax(logits, 1);
            int[] order = order(p);
            for (int k : new int[] {1, 5, 64, n}) {
                Candidates c = new Candidates(n);
                c.fillBest(logits, k);
                assertThat(IntStream.range(0, c.size()).map(c::id).toArray())
                        .isEqualTo(Arrays.copyOf(order, Math.min(k, n)));
            }
            float[] some = logits.clone();
            for (int i = 0; i < n; i += 5) {
                some[i] = Float.NEGATIVE_INFINITY;
            }
            int[] allowed = IntStream.of(order).filter(id -> id % 5 != 0).toArray();
            for (int k : new int[] {1, 5, 64, n}) {
                Candidates c = new Candidates(n);
                c.fillBest(some, k);
                assertThat(IntStream.range(0, c.size()).map(c::id).toArray())
                        .isEqualTo(Arrays.copyOf(allowed, Math.min(k, allowed.length)));
            }
            for (float topP : new float[] {0.1f, 0.5f, 0.9f, 0.999f}) {
                Candidates c = new Candidates(n);
                c.fill(logits);
                c.keepProbable(topP);
                double sum = 0;
                int expected = 0;
                while (expected < n && sum < topP) {
                    sum += p[order[expected++]];
                }
                assertThat(IntStream.range(0, c.size()).map(c::id).sorted().toArray())
                        .as("%d tokens, top-p %s", n, topP)
                        .isEqualTo(sorted(order, expected));
            }
        }
    }

    @Test
    void penaltiesFollowTheWindow() {
        Sampling s = Sampling.greedy().withPenaltyWindow(3);
        float[] logits = {2, 1.9f, -1, 0};
        Sampler repetition = new Sampler(s.withRepetitionPenalty(1.5f), 4);
        repetition.accept(0);
        assertThat(repetition.sample(logits)).as("2 / 1.5 < 1.9").isEqualTo(1);
        repetition.accept(2, 2, 2);
        assertThat(repetition.sample(logits)).as("0 has left the window").isZero();

        Sampler frequency = new Sampler(s.withFrequencyPenalty(0.06f), 4);
        frequency.accept(0);
        assertThat(frequency.sample(logits)).as("2 - 0.06 > 1.9").isZero();
        frequency.accept(0);
        assertThat(frequency.sample(logits)).as("2 - 2 * 0.06 < 1.9").isEqualTo(1);
        assertThat(frequency.sample(logits)).as("sampling changes nothing").isEqualTo(1);

        Sampler presence = new Sampler(s.withPresencePenalty(0.06f), 4);
        presence.accept(0, 0, 0);
        assertThat(presence.sample(logits)).as("2 - 0.06 > 1.9, however often").isZero();

        Sampler negative = new Sampler(s.withRepetitionPenalty(3f), 2);
        negative.accept(0);
        assertThat(negative.sample(new float[] {-1, -2})).as("-1 * 3 < -2").isEqualTo(1);
        Sampler all = new Sampler(s.withPenaltyWindow(-1).withFrequencyPenalty(0.06f), 4);
        all.accept(0, 2, 2, 2, 2, 2, 2, 0);
        assertThat(all.sample(logits)).isEqualTo(1);
    }

    @Test
    void logitBiasForbidsAndForces() {
        float[] logits = {1, 2, 3};
        assertThat(drawn(PLAIN.withLogitBias(Map.of(2, Float.NEGATIVE_INFINITY)), logits))
                .containsExactly(0, 1);
        assertThat(drawn(PLAIN.withLogitBias(Map.of(0, 100f)), logits)).containsExactly(0);
        assertThat(new Sampler(Sampling.greedy().withLogitBias(Map.of(0, 5f)), 3).sample(logits))
                .isZero();
    }

    @Test
    void theSameSeedDrawsTheSameTokens() {
        float[] logits = randomLogits(500, 3);
        Sampler a = new Sampler(Sampling.defaults().withSeed(5), 500);
        Sampler b = new Sampler(Sampling.defaults().withSeed(5), 500);
        Sampler c = new Sampler(Sampling.defaults().withSeed(6), 500);
        int[] first = IntStream.range(0, 50).map(i -> a.sample(logits)).toArray();
        assertThat(IntStream.range(0, 50).map(i -> b.sample(logits)).toArray()).isEqualTo(first);
        assertThat(IntStream.range(0, 50).map(i -> c.sample(logits)).toArray()).isNotEqualTo(first);
    }

    @Test
    void refusesWhatMakesNoSense() {
        Sampler sampler = new Sampler(Sampling.defaults(), 3);
        assertThatThrownBy(() -> sampler.sample(new float[] {1, Float.NaN, 0}))
                .isInstanceOf(ModelException.class)
                .hasMessageContaining("NaN");
        assertThatThrownBy(() -> new Sampler(Sampling.defaults().withLogitBias(Map.of(3, 1f)), 3))
                .hasMessageContaining("token 3");
        assertThatThrownBy(() -> Sampling.defaults().withTopP(0)).hasMessageContaining("top-p must be");
        assertThatThrownBy(() -> Sampling.defaults().withTemperature(-1)).hasMessageContaining("temperature");
        assertThatThrownBy(() -> Sampling.defaults().withTemperature(Float.NaN)).hasMessageContaining("temperature");
        Map<Integer, Float> none = Map.of(0, Float.NEGATIVE_INFINITY, 1, Float.NEGATIVE_INFINITY);
        Sampler forbidden = new Sampler(Sampling.defaults().withLogitBias(none), 2);
        assertThatThrownBy(() -> forbidden.sample(new float[] {1, 2})).hasMessageContaining("every token is forbidden");
    }

    @Test
    void logProbabilitiesCoverTheWholeVocabulary() {
        float[] logits = randomLogits(300, 9);
        double[] p = softmax(logits, 1);
        int[] order = order(p);
        List<Logprob> top = Logprob.top(logits, 7);
        assertThat(top).hasSize(7);
        for (int i = 0; i < 7; i++) {
            assertThat(top.get(i).id()).isEqualTo(order[i]);
            assertThat(top.get(i).value()).isCloseTo(Math.log(p[order[i]]), within(1e-9));
        }
    }
}
