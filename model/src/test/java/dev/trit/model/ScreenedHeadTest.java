package dev.trit.model;

import static org.assertj.core.api.Assertions.assertThat;

import dev.trit.tensor.DType;
import dev.trit.tensor.FloatTensor;
import dev.trit.tensor.HeadScreen;
import dev.trit.tensor.Kernels;
import dev.trit.tensor.KernelsProvider;
import dev.trit.tensor.ThreadTeam;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Screened against exact: the same tokens, the same bits, on heads that were made to mislead the screen. */
class ScreenedHeadTest {
    /** Heads and hidden states. */
    enum Case {
        /** Normal noise throughout. */
        NOISE,
        /** Rows in groups of four that differ by a ten-thousandth: near-ties everywhere, the winner's too. */
        NEAR_TIES,
        /** A few columns and hidden coordinates are a hundred times larger. */
        OUTLIERS,
        /** One coordinate alone in each hidden state and rows of few weights: nothing to average over before rotation. */
        SPARSE,
        /** Rows of lengths from a thousandth to a thousand. */
        UNEVEN;

        void fill(float[] head, int cols, Random random) {
            int rows = head.length / cols;
            for (int r = 0; r < rows; r++) {
                double length = this == UNEVEN ? Math.pow(10, 6 * random.nextDouble() - 3) : 1;
                for (int c = 0; c < cols; c++) {
                    double x = random.nextGaussian() * length;
                    if (this == NEAR_TIES && r % 4 != 0) {
                        x = head[(r & -4) * cols + c] + 1e-4 * x;
                    } else if (this == OUTLIERS && c % 100 == 7) {
                        x *= 100;
                    } else if (this == SPARSE && random.nextInt(50) != 0) {
                        x = 0;
                    }
                    head[r * cols + c] = (float) x;
                }
            }
        }

        void fill(float[] hidden, Random random) {
            for (int c = 0; c < hidden.length; c++) {
                hidden[c] = (float) random.nextGaussian() * (this == OUTLIERS && c % 90 == 3 ? 100 : 1);
            }
            if (this == SPARSE) {
                int kept = random.nextInt(hidden.length);
                for (int c = 0; c < hidden.length; c++) {
                    hidden[c] = c == kept ? 3 : 0;
                }
            }
        }
    }

    private final Kernels kernels = KernelsProvider.choose(null);
    private final ThreadTeam team = new ThreadTeam(2);
    private final Arena arena = Arena.ofShared();

    @AfterEach
    void close() {
        team.close();
        arena.close();
    }

    private ScreenedHead screened(FloatTensor head, float bar) {
        HeadScreen screen = HeadScreen.pack(head, kernels, arena, team);
        return new ScreenedHead(new Linear.Dense(head, null), screen, bar, kernels, team);
    }

    private float[] exact(FloatTensor head, float[] hidden) {
        float[] logits = new float[head.rows()];
        kernels.matmul(head, hidden, 0, hidden.length, 1, 0, head.rows(), logits, logits.length);
        return logits;
    }

    @ParameterizedTest
    @EnumSource
    void choosesTheSameTokens(Case shape) {
        int cols = 200;
        int rows = 3001;
        Random random = new Random(shape.ordinal());
        float[] values = new float[rows * cols];
        shape.fill(values, cols, random);
        FloatTensor head = FloatTensor.of(rows, cols, values);
        ScreenedHead screened = screened(head, 8);
        long[] allowed = random.longs(rows / 64).toArray(); // the last ids have no bit
        Sampling base = Sampling.defaults();
        Sampling[] samplings = {
            Sampling.greedy(),
            base,
            base.withTopK(3).withTopP(1).withMinP(0),
            base.withTopK(0).withTopP(1).withMinP(0.02f),
            base.withTopK(40).withTopP(1).withMinP(0.3f).withTemperature(2),
            base.withRepetitionPenalty(1.4f).withFrequencyPenalty(0.3f).withTypicalP(0.9f),
            Sampling.greedy().withLogitBias(Map.of(5, 30f, 6, Float.NEGATIVE_INFINITY, 7, -2f)),
        };
        int computed = 0;
        for (int i = 0; i < 40; i++) {
            float[] hidden = new float[2 * cols]; // two tokens
            float[] one = new float[cols];
            for (int t = 0; t < 2; t++) {
                shape.fill(one, random);
                System.arraycopy(one, 0, hidden, t * cols, cols);
            }
            for (Sampling sampling : samplings) {
                for (long[] mask : new long[][] {null, allowed}) {
                    Sampler a = new Sampler(sampling.withSeed(i), rows);
                    Sampler b = new Sampler(sampling.withSeed(i), rows);
                    int[] prompt = random.ints(10, 0, rows).toArray();
                    a.accept(prompt);
                    b.accept(prompt);
                    Wanted wanted = b.wanted(mask);
                    assertThat(wanted).isNotNull();
                    float[][] out = new float[2][rows];
                    screened.logits(new Rows(hidden, 0, cols), 2, new Wanted[] {wanted, wanted}, out);
                    for (int t = 0; t < 2; t++) {
                        System.arraycopy(hidden, t * cols, one, 0, cols);
                        float[] all = exact(head, one);
                        for (int id = 0; id < rows; id++) {
                            if (out[t][id] != Float.NEGATIVE_INFINITY) {
                                computed++;
                                assertThat(Float.floatToIntBits(out[t][id])).isEqualTo(Float.floatToIntBits(all[id]));
                            }
                        }
                        assertThat(b.sample(out[t], mask)).isEqualTo(a.sample(all, mask));
                    }
                }
            }
        }
        if (shape == Case.NOISE) {
            assertThat(computed).as("rows read, of %d", 40 * 14 * 2 * rows).isLessThan(40 * 14 * 2 * rows / 3);
        }
    }

    @Test
    void aBarTooShortMissesTokens() {
        Random random = new Random(3);
        float[] values = new float[3000 * 200];
        Case.NOISE.fill(values, 200, random);
        FloatTensor head = FloatTensor.of(3000, 200, values);
        ScreenedHead screened = screened(head, 0.05f);
        int missed = 0;
        for (int i = 0; i < 300; i++) {
            float[] hidden = new float[200];
            Case.NOISE.fill(hidden, random);
            float[][] out = new float[1][3000];
            screened.logits(new Rows(hidden, 0, 200), 1, new Wanted[] {Wanted.GREEDY}, out);
            missed += Fixtures.argmax(out[0]) == Fixtures.argmax(exact(head, hidden)) ? 0 : 1;
        }
        assertThat(missed).isBetween(3, 200);
    }

    @Test
    void topPAloneNeedsAllLogits() {
        assertThat(new Sampler(Sampling.defaults().withTopK(0), 10).wanted(null))
                .isNull();
    }

    /** The bar is chosen by this: how long it would have to be for 100,000 tokens, over cases and the shape of 2B4T. */
    @Test
    @Tag("slow")
    void noneOfManyTokensDiffers() {
        for (Case shape : Case.values()) {
            report(shape.name(), 8192, 576, shape, 20_000);
        }
        report("2B4T", 128_256, 2560, Case.NOISE, Integer.getInteger("trit.test.tokens", 1_000));
    }

    /** The same with hidden states of a real model on real text. */
    @Test
    @Tag("slow")
    void noneOfARealModelsTokensDiffers() throws IOException {
        Path text = Fixtures.shared("eval/wikitext-2-raw.test.txt");
        try (Model model = Model.load(Fixtures.shared("models/smollm2-135m-instruct.q4_1.gguf"));
                Session session = model.session()) {
            Linear.Dense head = (Linear.Dense) model.weights().head();
            Needed needed = new Needed(head.weights(), model.kernels(), arena, model.team());
            int[] ids = model.tokenizer().encode(Files.readString(text).substring(0, 200_000), false, false);
            int wanted = Math.min(ids.length, Integer.getInteger("trit.test.tokens", 1_000));
            for (int at = 0; at < wanted; at += 128) {
                session.reset();
                List<float[]> hidden = new ArrayList<>();
                session.hidden(
                        Arrays.copyOfRange(ids, at, Math.min(at + 128, wanted)),
                        (i, state) -> hidden.add(state.clone()));
                hidden.forEach(state -> needed.add(state, 0));
            }
            System.out.println("SmolLM2: " + needed);
            assertThat(needed.most()).isLessThan(ScreenedHead.BAR);
        }
    }

    private void report(String name, int rows, int cols, Case shape, int tokens) {
        Random random = new Random(rows);
        try (Arena memory = Arena.ofShared()) {
            float[] row = new float[cols * 4];
            MemorySegment data = memory.allocate(2L * rows * cols, 64);
            for (int r = 0; r < rows; r += 4) {
                shape.fill(row, cols, random);
                for (int i = 0; i < row.length; i++) {
                    data.set(ValueLayout.JAVA_SHORT, 2L * ((long) r * cols + i), Float.floatToFloat16(row[i]));
                }
            }
            FloatTensor head = new FloatTensor(DType.F16, rows, cols, data);
            float[] hidden = new float[cols];
            Needed needed = new Needed(head, kernels, arena, team);
            for (int i = 0; i < tokens; i++) {
                shape.fill(hidden, random);
                needed.add(hidden, 0);
            }
            System.out.println(name + ": " + needed);
            assertThat(needed.most()).as(name).isLessThan(ScreenedHead.BAR);
        }
    }
}
