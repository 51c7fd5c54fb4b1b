package dev.trit.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.trit.model.grammar.Grammar;
import dev.trit.model.grammar.TokenTrie;
import dev.trit.tensor.KvType;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class SpeculatorTest {
    private static final Map<Integer, Float> NO_END = Map.of(257, Float.NEGATIVE_INFINITY);

    /** Guesses what is known to come, with every third guess spoilt; always as many as asked for. */
    private static final class Oracle implements Drafter {
        private final int[] text;
        private int at;

        Oracle(int[] text) {
            this.text = text;
        }

        @Override
        public int look(int[] seen, int length) {
            at = length;
            return SURE;
        }

        @Override
        public int draft(int[] draft, int count) {
            for (int i = 0; i < count; i++) {
                int known = at + i < text.length ? text[at + i] : 0;
                draft[1 + i] = (at + i) % 3 == 0 ? known ^ 1 : known;
            }
            return count;
        }

        @Override
        public boolean free() {
            return true;
        }

        @Override
        public void close() {}
    }

    /** Drafts of given lengths in turn, whatever they cost, so that nothing here depends on the time. */
    private static final class Fixed extends Pace {
        private final int[] lengths;
        private int calls;

        Fixed(int... lengths) {
            this.lengths = lengths;
        }

        @Override
        int best(int kind, int limit) {
            return Math.min(limit, lengths[calls++ % lengths.length]);
        }
    }

    private static Generation generate(
            Model model, int[] prompt, Sampling sampling, @Nullable Constraint constraint, @Nullable Speculator how) {
        try (Session session = model.session()) {
            Generation g = new Generator(session, prompt, sampling, constraint, how).run(text -> {});
            assertThat(session.position())
                    .as("the session has seen all but the last token")
                    .isEqualTo(prompt.length + g.completionTokens() - 1);
            return g;
        }
    }

    private static Model load(String name) {
        return Model.load(Fixtures.own(name), LoadOptions.defaults().withThreads(1));
    }

    private static int[] ids(Generation g) {
        return g.tokens().stream().mapToInt(Token::id).toArray();
    }

    private static int[] concat(int[] a, int[] b) {
        int[] all = Arrays.copyOf(a, a.length + b.length);
        System.arraycopy(b, 0, all, a.length, b.length);
        return all;
    }

    @ParameterizedTest
    @ValueSource(strings = {"bitnet-tiny", "llama-bitlinear-tiny", "llama-dense-tiny", "qwen3-dense-tiny"})
    void theTextIsThatWithoutSpeculationTokenForToken(String name) {
        int accepted = 0;
        int rejected = 0;
        try (Model model = load(name);
                Speculator ngram = new Speculator(new NgramDrafter(), new Fixed(7, 1, 0, 23))) {
            int[] prompt = model.tokenizer().encode("abcabcabc the trits, the trits, ", true, true);
            List<Sampling> ways = List.of(
                    Sampling.greedy(),
                    Sampling.greedy().withRepetitionPenalty(1.3f).withLogprobs(2),
                    Sampling.defaults().withSeed(5),
                    Sampling.defaults().withSeed(6).withTemperature(1.6f).withTopK(0),
                    Sampling.defaults().withTemperature(0.1f));
            for (Sampling way : ways) {
                for (int length : new int[] {1, 2, 50}) {
                    Sampling sampling = way.withMaxTokens(length).withLogitBias(NO_END);
                    Generation expected = generate(model, prompt, sampling, null, null);
                    Oracle oracle = new Oracle(concat(prompt, ids(expected)));
                    try (Speculator some = new Speculator(oracle, new Fixed(3, 0, 7, 1))) {
                        for (Speculator how : List.of(some, ngram)) {
                            Generation g = generate(model, prompt, sampling, null, how);
                            assertThat(g.tokens()).isEqualTo(expected.tokens());
                            assertThat(g.text()).isEqualTo(expected.text());
                            assertThat(g.stopReason()).isEqualTo(expected.stopReason());
                            accepted += how.report().accepted();
                            rejected += how.report().drafted() - how.report().accepted();
                        }
                    }
                }
            }
        }
        assertThat(accepted).as("guesses that came true").isPositive();
        assertThat(rejected).as("guesses that did not").isPositive();
    }

    @Test
    void stopTextsGrammarsAndFullContextsEndItAtTheSamePlace() {
        try (Model model = load("llama-bitlinear-tiny")) {
            int[] prompt = model.tokenizer().encode("Trits: ", true, true);
            Sampling sampling = Sampling.defaults()
                    .withSeed(3)
                    .withTopK(0)
                    .withTemperature(1.5f)
                    .withMaxTokens(60)
                    .withLogitBias(NO_END);
            String text = generate(model, prompt, sampling, null, null).text();
            same(model, prompt, sampling.withStop(List.of("never", text.substring(20, 23))), null);

            Constraint grammar =
                    Grammar.gbnf("root ::= (\"ab\" | \"cd\")+ \"!\"").constrain(TokenTrie.of(model));
            Generation constrained =
                    same(model, prompt, sampling.withLogitBias(Map.of()).withMaxTokens(40), grammar);
            assertThat(constrained.text()).matches("(ab|cd)+!?");

            try (Session small = model.session(20);
                    Session other = model.session(20);
                    Speculator ngram = new Speculator(new NgramDrafter(), new Fixed(23))) {
                Sampling endless = sampling.withMaxTokens(0);
                Generation expected = new Generator(small, prompt, endless).run(piece -> {});
                Generation g = new Generator(other, prompt, endless, null, ngram).run(piece -> {});
                assertThat(g.tokens()).isEqualTo(expected.tokens());
            }
        }
    }

    private static Generation same(Model model, int[] prompt, Sampling sampling, @Nullable Constraint constraint) {
        Generation expected = generate(model, prompt, sampling, constraint, null);
        try (Speculator some = new Speculator(new Oracle(concat(prompt, ids(expected))), new Fixed(3, 1))) {
            Generation g = generate(model, prompt, sampling, constraint, some);
            assertThat(g.tokens()).isEqualTo(expected.tokens());
            assertThat(g.text()).isEqualTo(expected.text());
            assertThat(g.stopReason()).isEqualTo(expected.stopReason());
            assertThat(some.report().drafted()).isPositive();
            return g;
        }
    }

    /** Chi-square of what is drawn before and behind a checked guess, against the model's own probabilities. */
    @Test
    void drawsFromTheDistributionOfTheModel() {
        draw(2000);
    }

    @Test
    @Tag("slow")
    void drawsFromItMoreOften() {
        draw(30000);
    }

    private static void draw(int draws) {
        try (Model model = load("llama-dense-tiny");
                Session session = model.session()) {
            Sampling plain = new Sampling(0.4f, 0, 1f, 0f, 1f, 1f, 0f, 0f, 0, Map.of(), 0, 0, List.of(), -1);
            int[] prompt = model.tokenizer().encode("abcabcabc", true, true);
            double[] first = probabilities(session.append(prompt), plain.temperature());
            int guess = likeliest(first);
            double[] second = probabilities(session.append(guess), plain.temperature());
            int[] before = Arrays.copyOf(prompt, prompt.length - 1);
            int[] firsts = new int[first.length];
            int[] seconds = new int[first.length];
            int guessed = 0;
            int accepted = 0;
            try (Speculator how =
                    new Speculator(new Oracle(concat(prompt, new int[] {guess, guess, guess})), new Fixed(1, 0, 3))) {
                for (int i = 0; i < draws; i++) {
                    session.truncate(before.length);
                    how.begin(before);
                    Sampler sampler = new Sampler(plain.withSeed(i * 7919L), first.length);
                    int x = sampler.sample(how.append(session, prompt[prompt.length - 1], 9, null));
                    firsts[x]++;
                    guessed += how.report().drafted() > 0 ? 1 : 0;
                    int y = sampler.sample(how.append(session, x, 8, null));
                    if (x == guess) {
                        seconds[y]++;
                        accepted += how.report().accepted();
                    }
                }
            }
            assertThat(guessed).as("draws in which guesses were checked").isGreaterThan(draws / 2);
            assertThat(accepted).as("draws from logits behind a guess").isGreaterThan(draws / 60);
            assertThat(deviation(firsts, first)).isLessThan(4);
            assertThat(deviation(seconds, second)).isLessThan(4);
            assertThat(deviation(seconds, first)).as("the test can fail").isGreaterThan(20);
        }
    }

    /** How many standard deviations the chi-square statistic is from what it should be; rare tokens count as one. */
    private static double deviation(int[] counts, double[] p) {
        int n = Arrays.stream(counts).sum();
        double chiSquare = 0;
        int bins = 0;
        double restExpected = 0;
        int rest = 0;
        for (int i = 0; i < p.length; i++) {
            double expected = n * p[i];
            if (expected >= 5) {
                chiSquare += (counts[i] - expected) * (counts[i] - expected) / expected;
                bins++;
            } else {
                restExpected += expected;
                rest += counts[i];
            }
        }
        if (restExpected >= 1) {
            chiSquare += (rest - restExpected) * (rest - restExpected) / restExpected;
            bins++;
        }
        assertThat(bins).as("tokens often enough to count").isGreaterThan(4);
        return Math.abs(chiSquare - (bins - 1)) / Math.sqrt(2.0 * (bins - 1));
    }

    private static int likeliest(double[] p) {
        int best = 0;
        for (int i = 1; i < p.length; i++) {
            best = p[i] > p[best] ? i : best;
        }
        return best;
    }

    private static double[] probabilities(float[] logits, float temperature) {
        double[] p = new double[logits.length];
        double sum = 0;
        for (int i = 0; i < p.length; i++) {
            p[i] = Math.exp(logits[i] / temperature);
            sum += p[i];
        }
        for (int i = 0; i < p.length; i++) {
            p[i] /= sum;
        }
        return p;
    }

    @ParameterizedTest
    @ValueSource(strings = {"llama-dense-tiny", "qwen3-dense-tiny"})
    void aDraftModelChangesNoTokenEither(String name) {
        try (Model model = load(name);
                Model draft = load("llama-dense-tiny");
                Speculator how = new Speculator(new ModelDrafter(draft, model), new Fixed(3, 7))) {
            int[] prompt = model.tokenizer().encode("the trits", true, true);
            for (Sampling way : List.of(Sampling.greedy(), Sampling.defaults().withSeed(9))) {
                Sampling sampling = way.withMaxTokens(50).withLogitBias(NO_END);
                assertThat(generate(model, prompt, sampling, null, how).tokens())
                        .isEqualTo(generate(model, prompt, sampling, null, null).tokens());
                assertThat(how.report().drafted()).isPositive();
            }
        }
    }

    @ParameterizedTest
    @EnumSource(KvType.class)
    void aScreenedHeadAndShorterKeysAndValuesGiveTheSameTextToo(KvType kv) {
        var options =
                LoadOptions.defaults().withThreads(1).withHead(Head.SCREENED).withKv(kv);
        try (Model screened = Model.load(Fixtures.own("qwen3-dense-tiny"), options);
                Model exact = Model.load(Fixtures.own("qwen3-dense-tiny"), options.withHead(Head.EXACT));
                Model draft = Model.load(Fixtures.own("llama-dense-tiny"), options);
                Speculator ngram = new Speculator(new NgramDrafter(), new Fixed(5, 1, 23));
                Speculator model = new Speculator(new ModelDrafter(draft, screened), new Fixed(3, 7))) {
            assertThat(screened.head()).isEqualTo(Head.SCREENED);
            int[] prompt = screened.tokenizer().encode("the trits, the trits, ", true, true);
            Sampling greedy = Sampling.greedy().withMaxTokens(50).withLogitBias(NO_END);
            for (Sampling way : List.of(greedy, greedy.withRepetitionPenalty(1.2f), greedy.withTemperature(0.8f))) {
                List<Token> expected = generate(exact, prompt, way, null, null).tokens();
                assertThat(generate(screened, prompt, way, null, null).tokens()).isEqualTo(expected);
                for (Speculator how : List.of(ngram, model)) {
                    assertThat(generate(screened, prompt, way, null, how).tokens())
                            .isEqualTo(expected);
                    assertThat(how.report().drafted()).isPositive();
                }
            }
        }
    }

    @Test
    void learnsWhatPays() {
        Pace pace = new Pace();
        assertThat(pace.best(24, 23)).as("before a token's own time is known").isZero();
        time(pace, 1, 5, 0.010);
        for (int i = 0; i < 60; i++) {
            pace.guessed(24, true);
            pace.guessed(1, i % 20 == 0);
        }
        assertThat(pace.best(24, 23)).isEqualTo(23);
        assertThat(pace.best(24, 9)).isEqualTo(5);
        assertThat(pace.best(1, 23)).as("one guess in twenty comes true").isZero();
        for (int rows : Pace.ROWS) {
            time(pace, rows, 5, 0.010 * rows);
        }
        time(pace, 1, 1, 0.010);
        assertThat(pace.best(24, 23))
                .as("passes take as long as their tokens one by one")
                .isZero();
        time(pace, 6, 5, 0.030);
        time(pace, 1, 1, 0.010);
        assertThat(pace.best(24, 23)).as("six tokens in the time of three").isEqualTo(5);
    }

    @Test
    void knowsWhatATokenTakesAloneThroughoutIncludingACompilerThatWakesUpLate() {
        Pace pace = new Pace();
        time(pace, 1, 3, 0.100); // interpreted
        for (int i = 0; i < 100; i++) {
            pace.guessed(24, true);
        }
        int singles = 0;
        for (int pass = 0; pass < 300; pass++) {
            boolean alone = pace.best(24, 23) == 0;
            singles += alone ? 1 : 0;
            pace.timed(
                    alone ? 1 : 24,
                    alone ? 1 : 24,
                    alone ? pass % 11 == 0 ? 0.300 : 0.010 : 0.040); // and the machine has pauses
            if (pass == 40) {
                assertThat(pace.single()).as("soon after it has woken up").isEqualTo(0.010);
            }
        }
        assertThat(pace.single()).isEqualTo(0.010);
        assertThat(singles).isBetween(10, 30);
    }

    @Test
    void asksForMoreAfterALoss() {
        Pace pace = new Pace();
        time(pace, 1, 5, 0.010);
        time(pace, 2, 5, 0.012);
        time(pace, 1, 1, 0.010);
        for (int i = 0; i < 200; i++) {
            pace.guessed(1, i % 5 < 2); // a pass over two gives 1.4 tokens in the time of 1.2
        }
        pace.begin();
        assertThat(pace.best(1, 1)).isEqualTo(1);
        pace.timed(2, 1, 0.012);
        assertThat(pace.speedUp()).isLessThan(1);
        assertThat(pace.best(1, 1)).isZero();
        pace.timed(2, 2, 0.012);
        assertThat(pace.speedUp()).isCloseTo(3 / 2.4, within(1e-9));
        assertThat(pace.best(1, 1)).isEqualTo(1);
    }

    private static void time(Pace pace, int rows, int times, double seconds) {
        for (int i = 0; i < times; i++) {
            pace.timed(rows, 1, seconds);
        }
    }
}
