package dev.trit.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Many requests at once on a tiny model whose tokens are bytes: each must hear what it would hear alone. */
class EngineTest {
    /** The end token never comes, so that only the limit ends a text. */
    private static final Sampling ENDLESS = Sampling.defaults()
            .withLogitBias(Map.of(257, Float.NEGATIVE_INFINITY))
            .withTopK(0)
            .withTemperature(1.5f)
            .withMaxTokens(40);

    private static Model model;

    @BeforeAll
    static void load() {
        LoadOptions options = LoadOptions.defaults().withKernels("scalar").withThreads(2);
        model = Model.load(Fixtures.own("llama-bitlinear-tiny"), options.withContextLength(600));
    }

    @AfterAll
    static void close() {
        model.close();
    }

    private static int[] prompt(int n, long seed) {
        return new Random(seed).ints(n, 0, 256).toArray();
    }

    private static Generation alone(int[] prompt, Sampling sampling) {
        try (Session session = model.session()) {
            return new Generator(session, prompt, sampling).run(text -> {});
        }
    }

    private static List<Integer> ids(Generation g) {
        return g.tokens().stream().map(Token::id).toList();
    }

    @Test
    void everyRequestGetsWhatItWouldGetAlone() throws InterruptedException {
        try (Engine engine = new Engine(model, EngineOptions.defaults())) {
            List<Completion> completions = new ArrayList<>();
            List<Generation> expected = new ArrayList<>();
            for (int i = 0; i < 20; i++) {
                Sampling sampling = ENDLESS.withSeed(i).withMaxTokens(5 + 7 * (i % 5));
                int[] prompt = prompt(1 + 23 * i % 150, i);
                completions.add(engine.submit(Request.of(prompt, sampling)));
                expected.add(alone(prompt, sampling));
            }
            for (int i = 0; i < 20; i++) {
                Generation g = completions.get(i).await().getFirst();
                assertThat(ids(g)).as("request %d", i).isEqualTo(ids(expected.get(i)));
                assertThat(g.text()).isEqualTo(expected.get(i).text());
                assertThat(g.stopReason()).isEqualTo(StopReason.LENGTH);
                assertThat(g.promptTokens()).isEqualTo(expected.get(i).promptTokens());
            }
        }
    }

    @Test
    void eventsTellTheStoryInOrder() throws InterruptedException {
        int[] prompt = prompt(50, 1);
        try (Engine engine = new Engine(model, EngineOptions.defaults());
                Completion completion = engine.submit(
                        Request.of(prompt, ENDLESS.withLogprobs(2)).withChoices(3))) {
            StringBuilder[] texts = {new StringBuilder(), new StringBuilder(), new StringBuilder()};
            Event first = completion.next();
            assertThat(first).isInstanceOfSatisfying(Event.PromptRead.class, read -> {
                assertThat(read.promptTokens()).isEqualTo(50);
                assertThat(read.queueSeconds()).isNotNegative();
                assertThat(read.promptSeconds()).isPositive();
                assertThat(read.tokens()).isEmpty();
            });
            int ends = 0;
            for (Event event = completion.next(); event != null; event = completion.next()) {
                switch (event) {
                    case Event.PromptRead again -> throw new AssertionError("twice: " + again);
                    case Event.TokenChosen chosen -> {
                        texts[chosen.choice()].append(chosen.token().text());
                        assertThat(chosen.token().top()).hasSize(2);
                    }
                    case Event.Ended ended -> {
                        ends++;
                        assertThat(ended.failure()).isNull();
                        assertThat(ended.generation().text()).isEqualTo(texts[ended.choice()].toString());
                        assertThat(ids(ended.generation()))
                                .isEqualTo(ids(alone(prompt, ENDLESS.withSeed(ended.choice()))));
                    }
                }
            }
            assertThat(ends).isEqualTo(3);
            assertThat(completion.finished()).isTrue();
            assertThat(completion.next()).isNull();
        }
    }

    @Test
    void scoresPrompts() throws InterruptedException {
        int[] prompt = prompt(70, 2);
        try (Engine engine = new Engine(model, EngineOptions.defaults());
                Session session = model.session()) {
            Completion completion = engine.submit(Request.of(prompt, ENDLESS.withLogprobs(3))
                    .withPromptLogprobs(true)
                    .withScoreOnly(true));
            float[][] logits = Fixtures.logits(session, prompt);
            if (!(completion.next() instanceof Event.PromptRead read)) {
                throw new AssertionError("the first event must be the prompt's");
            }
            List<Token> tokens = read.tokens();
            assertThat(tokens.stream().mapToInt(Token::id).toArray()).isEqualTo(prompt);
            assertThat(tokens.getFirst().logprob()).isNaN();
            for (int i = 1; i < prompt.length; i++) {
                assertThat(tokens.get(i).logprob())
                        .isEqualTo(logits[i - 1][prompt[i]] - Logprob.logSumExp(logits[i - 1]));
                assertThat(tokens.get(i).top()).isEqualTo(Logprob.top(logits[i - 1], 3));
            }
            Generation g = completion.await().getFirst();
            assertThat(g.tokens()).isEmpty();
            assertThat(g.stopReason()).isEqualTo(StopReason.LENGTH);
        }
    }

    @Test
    void cancelledRequestsMakeRoomForOthers() throws InterruptedException {
        try (Engine engine = new Engine(model, EngineOptions.defaults().withParallel(1))) {
            Completion endless = engine.submit(Request.of(prompt(5, 1), ENDLESS.withMaxTokens(0)));
            Completion waiting = engine.submit(Request.of(prompt(5, 2), ENDLESS));
            Completion dropped = engine.submit(Request.of(prompt(5, 3), ENDLESS));
            endless.next();
            assertThat(endless.next()).isInstanceOf(Event.TokenChosen.class);
            dropped.cancel();
            Generation none = dropped.await().getFirst();
            assertThat(none.stopReason()).isEqualTo(StopReason.CANCELLED);
            assertThat(none.completionTokens()).isZero();
            endless.cancel();
            assertThat(endless.await().getFirst().stopReason()).isEqualTo(StopReason.CANCELLED);
            assertThat(waiting.await().getFirst().completionTokens()).isEqualTo(40);
        }
    }

    @Test
    void timeIsLimited() throws InterruptedException {
        try (Engine engine = new Engine(model, EngineOptions.defaults())) {
            Generation g = engine.submit(
                            Request.of(prompt(5, 1), ENDLESS.withMaxTokens(0)).withTimeLimit(Duration.ofMillis(30)))
                    .await()
                    .getFirst();
            assertThat(g.stopReason()).isEqualTo(StopReason.TIMEOUT).hasToString("timeout");
        }
    }

    @Test
    void aFullQueueRefuses() throws InterruptedException {
        EngineOptions options = EngineOptions.defaults().withParallel(1).withMaxQueue(2);
        try (Engine engine = new Engine(model, options)) {
            List<Completion> taken = new ArrayList<>();
            assertThatThrownBy(() -> {
                        for (int i = 0; i < 10; i++) {
                            taken.add(engine.submit(Request.of(prompt(5, i), ENDLESS.withMaxTokens(500))));
                        }
                    })
                    .isInstanceOfSatisfying(BusyException.class, e -> {
                        assertThat(e.closing()).isFalse();
                        assertThat(e.retryAfter()).isGreaterThanOrEqualTo(Duration.ofSeconds(1));
                    });
            assertThat(taken.size()).isBetween(2, 4);
            taken.forEach(Completion::cancel);
            for (Completion completion : taken) {
                completion.await();
            }
            assertThat(engine.stats().refused()).isEqualTo(1);
        }
    }

    @Test
    void shutsDownGracefully() throws InterruptedException {
        Engine engine = new Engine(model, EngineOptions.defaults().withParallel(2));
        List<Completion> running = IntStream.range(0, 4)
                .mapToObj(i -> engine.submit(Request.of(prompt(5, i), ENDLESS)))
                .toList();
        running.getFirst().next();
        assertThat(engine.shutdown(Duration.ofSeconds(60))).isTrue();
        for (Completion completion : running) {
            assertThat(completion.await().getFirst().stopReason()).isEqualTo(StopReason.LENGTH);
        }
        assertThatThrownBy(() -> engine.submit(Request.of(prompt(5, 1), ENDLESS)))
                .isInstanceOfSatisfying(
                        BusyException.class, e -> assertThat(e.closing()).isTrue());
        engine.close();
    }

    @Test
    void closingEndsWhatRuns() throws InterruptedException {
        Engine engine = new Engine(model, EngineOptions.defaults().withParallel(1));
        Completion running = engine.submit(Request.of(prompt(5, 1), ENDLESS.withMaxTokens(0)));
        Completion waiting = engine.submit(Request.of(prompt(5, 2), ENDLESS.withMaxTokens(0)));
        running.next();
        engine.close();
        assertThat(running.await().getFirst().stopReason()).isEqualTo(StopReason.CANCELLED);
        assertThat(waiting.await().getFirst().stopReason()).isEqualTo(StopReason.CANCELLED);
    }

    @Test
    void oneFailureHurtsNobodyElse() throws InterruptedException {
        Map<Integer, Float> nothing = new HashMap<>();
        for (int id = 0; id < model.config().vocab(); id++) {
            nothing.put(id, Float.NEGATIVE_INFINITY);
        }
        try (Engine engine = new Engine(model, EngineOptions.defaults())) {
            Completion good = engine.submit(Request.of(prompt(5, 1), ENDLESS));
            Completion bad = engine.submit(Request.of(prompt(5, 1), ENDLESS.withLogitBias(nothing)));
            assertThatThrownBy(bad::await).isInstanceOf(ModelException.class).hasMessageContaining("forbidden");
            assertThat(good.await().getFirst().completionTokens()).isEqualTo(40);
            assertThat(engine.stats().failed()).isEqualTo(1);
        }
    }

    @Test
    void refusesWhatCanNeverBeServed() {
        try (Engine engine = new Engine(model, EngineOptions.defaults().withContextLength(20))) {
            assertThatThrownBy(() -> engine.submit(Request.of(new int[21], ENDLESS)))
                    .isInstanceOf(ModelException.class)
                    .hasMessageContaining("the prompt has 21 tokens, the context holds 20");
            assertThatThrownBy(() -> engine.submit(Request.of(new int[] {1_000_000}, ENDLESS)))
                    .isInstanceOf(ModelException.class)
                    .hasMessageContaining("not in the vocabulary");
            assertThatThrownBy(() -> Request.of(new int[0], ENDLESS)).isInstanceOf(ModelException.class);
        }
    }

    @Test
    void promptsThatBeginAlikeArePaidForOnce() throws InterruptedException {
        int[] prompt = prompt(200, 1);
        int[] longer = Arrays.copyOf(prompt, 260);
        try (Engine engine = new Engine(model, EngineOptions.defaults())) {
            Generation first =
                    engine.submit(Request.of(prompt, ENDLESS)).await().getFirst();
            assertThat(first.cachedTokens()).isZero();
            Generation again =
                    engine.submit(Request.of(prompt, ENDLESS)).await().getFirst();
            assertThat(again.cachedTokens()).isEqualTo(199);
            assertThat(ids(again)).isEqualTo(ids(first));
            Generation more = engine.submit(Request.of(longer, ENDLESS)).await().getFirst();
            assertThat(more.cachedTokens()).isEqualTo(200);
            assertThat(ids(more)).isEqualTo(ids(alone(longer, ENDLESS)));
            int[] conversation = Stream.of(
                            IntStream.of(longer), more.tokens().stream().mapToInt(Token::id), IntStream.of(1, 2, 3))
                    .flatMapToInt(x -> x)
                    .toArray();
            Generation turn =
                    engine.submit(Request.of(conversation, ENDLESS)).await().getFirst();
            assertThat(turn.cachedTokens())
                    .as("all but the last token of the answer")
                    .isEqualTo(299);
            assertThat(ids(turn)).isEqualTo(ids(alone(conversation, ENDLESS)));
            assertThat(engine.stats().promptTokens()).isEqualTo(200 + 200 + 260 + 303);
            assertThat(engine.stats().cachedTokens()).isEqualTo(199 + 200 + 299);
            assertThat(engine.stats().kvBytesUsed()).isZero();
            assertThat(engine.stats().kvBytesCached()).isPositive();
        }
    }

    @Test
    void choicesShareTheirPrompt() throws InterruptedException {
        int[] prompt = prompt(250, 9);
        try (Engine engine = new Engine(model, EngineOptions.defaults().withParallel(3))) {
            List<Generation> choices =
                    engine.submit(Request.of(prompt, ENDLESS).withChoices(7)).await();
            for (int i = 0; i < 7; i++) {
                assertThat(ids(choices.get(i))).isEqualTo(ids(alone(prompt, ENDLESS.withSeed(i))));
                assertThat(choices.get(i).cachedTokens()).isEqualTo(i == 0 ? 0 : 249);
            }
            assertThat(engine.stats().promptTokens()).isEqualTo(250);
        }
    }

    /** Memory for 6 pages, asked to hold six texts of up to 4: older ones push younger ones out, who come back. */
    @Test
    void scarceMemoryChangesNothingButTime() throws InterruptedException {
        long page = KvPool.pageBytes(model.config(), model.kv());
        EngineOptions options =
                EngineOptions.defaults().withParallel(6).withContextLength(256).withKvBudgetBytes(6 * page);
        try (Engine engine = new Engine(model, options)) {
            assertThat(engine.contextLength()).isEqualTo(256);
            List<Completion> completions = new ArrayList<>();
            Sampling sampling = ENDLESS.withMaxTokens(120);
            for (int i = 0; i < 6; i++) {
                completions.add(engine.submit(Request.of(prompt(20 + 30 * i % 90, i), sampling.withSeed(i))));
            }
            for (int i = 0; i < 6; i++) {
                assertThat(ids(completions.get(i).await().getFirst()))
                        .as("request %d", i)
                        .isEqualTo(ids(alone(prompt(20 + 30 * i % 90, i), sampling.withSeed(i))));
            }
            EngineStats stats = engine.stats();
            assertThat(stats.preempted()).isPositive();
            assertThat(stats.kvBytesUsed()).isZero();
            assertThat(stats.kvBytesCached()).isLessThanOrEqualTo(6 * page);
            assertThat(stats.kvBytesBudget()).isEqualTo(6 * page);
        }
        try (Engine small = new Engine(model, options.withKvBudgetBytes(2 * page + 1))) {
            assertThat(small.contextLength()).isEqualTo(128);
            Completion several = small.submit(
                    Request.of(prompt(100, 1), ENDLESS.withMaxTokens(0)).withChoices(4));
            for (Generation g : several.await()) {
                assertThat(g.completionTokens()).isEqualTo(29);
            }
        }
        assertThatThrownBy(() -> new Engine(model, options.withKvBudgetBytes(page - 1)))
                .isInstanceOf(ModelException.class)
                .hasMessageContaining("one page");
    }

    @Test
    void longPromptsDoNotStallWhatRuns() throws InterruptedException {
        EngineOptions options = EngineOptions.defaults().withPromptTokensPerStep(16);
        try (Engine engine = new Engine(model, options)) {
            Completion running = engine.submit(Request.of(prompt(5, 1), ENDLESS.withMaxTokens(0)));
            running.next();
            running.next();
            long before = engine.stats().generatedTokens();
            Completion big = engine.submit(Request.of(prompt(400, 2), ENDLESS.withMaxTokens(1)));
            big.next();
            assertThat(engine.stats().generatedTokens() - before)
                    .as("tokens of the other while 400 are read, 16 at a time")
                    .isGreaterThanOrEqualTo(24);
            running.cancel();
        }
    }

    @Test
    void aConstraintDecidesWhatIsSaid() throws InterruptedException {
        int[] script = {72, 105, 33};
        Constraint hi = () -> new Constraint.Guide() {
            private int at;

            @Override
            public long[] allowed() {
                long[] mask = new long[5];
                mask[script[at] / 64] = 1L << script[at];
                return mask;
            }

            @Override
            public int within(int id, int remaining) {
                return id;
            }

            @Override
            public void accept(int id) {
                at++;
            }

            @Override
            public boolean finished() {
                return at == script.length;
            }
        };
        try (Engine engine = new Engine(model, EngineOptions.defaults())) {
            Generation g = engine.submit(Request.of(prompt(5, 1), ENDLESS).withConstraint(hi))
                    .await()
                    .getFirst();
            assertThat(g.tokens().stream().mapToInt(Token::id).toArray()).isEqualTo(script);
            assertThat(g.stopReason()).isEqualTo(StopReason.END);
        }
    }
}
