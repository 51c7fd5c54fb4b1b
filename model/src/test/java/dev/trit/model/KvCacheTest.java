package dev.trit.model;

import static org.assertj.core.api.Assertions.assertThat;

import dev.trit.tensor.KernelsProvider;
import dev.trit.tensor.KvType;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/** Keys and values in fewer bits: the same bits everywhere, and close to what float32 gives. */
class KvCacheTest {
    private static final List<String> MODELS = List.of("bitnet-tiny", "llama-dense-tiny", "qwen3-dense-tiny");

    private static Model load(String name, String kernels, int threads, KvType kv) {
        LoadOptions options = new LoadOptions(kernels, threads, 0).withKv(kv);
        return Model.load(Fixtures.own(name), options);
    }

    private static int[] randomIds(int n) {
        return new Random(5).ints(n, 0, 256).toArray();
    }

    private static float[][] logits(String name, KvType kv, int[] ids) {
        try (Model model = load(name, "scalar", 1, kv);
                Session session = model.session()) {
            return Fixtures.logits(session, ids);
        }
    }

    static Stream<Arguments> narrow() {
        return MODELS.stream().flatMap(name -> Stream.of(KvType.F16, KvType.Q8).map(kv -> Arguments.of(name, kv)));
    }

    @ParameterizedTest
    @MethodSource("narrow")
    void neitherKernelsNorThreadsNorChunksChangeABit(String name, KvType kv) {
        int[] ids = randomIds(90);
        float[][] expected = logits(name, kv, ids);
        List<String> kernels = new ArrayList<>(List.of("vector"));
        if (KernelsProvider.nativeRefusal() == null) {
            kernels.add("native");
        }
        for (String fast : kernels) {
            for (int threads = 1; threads <= 3; threads += 2) {
                try (Model model = load(name, fast, threads, kv)) {
                    String where = fast + ", " + threads + " threads";
                    try (Session session = model.session()) {
                        assertThat(Fixtures.logits(session, ids)).as(where).isDeepEqualTo(expected);
                        session.reset();
                        for (int i = 0; i < ids.length; i++) {
                            assertThat(session.append(ids[i]))
                                    .as(where + ", token %d alone", i)
                                    .isEqualTo(expected[i]);
                        }
                        session.truncate(70); // and over what is left of old rows
                        assertThat(session.append(Arrays.copyOfRange(ids, 70, 77)))
                                .isEqualTo(expected[76]);
                        assertThat(session.append(Arrays.copyOfRange(ids, 77, 90)))
                                .isEqualTo(expected[89]);
                    }
                }
            }
        }
    }

    /**
     * The error against the logits, both as root mean squares. Ternary models round activations to eight bits, so that the
     * least change moves some of them by a whole step: even half precision is felt.
     */
    @ParameterizedTest
    @MethodSource("narrow")
    void logitsAreCloseToThoseOfFloats(String name, KvType kv) {
        int[] ids = randomIds(130);
        float[][] exact = logits(name, KvType.F32, ids);
        float[][] narrow = logits(name, kv, ids);
        double error = 0;
        double squares = 0;
        for (int i = 0; i < ids.length; i++) {
            for (int j = 0; j < exact[i].length; j++) {
                error += Math.pow(narrow[i][j] - exact[i][j], 2);
                squares += Math.pow(exact[i][j], 2);
            }
        }
        boolean dense = name.contains("dense");
        double bound = kv == KvType.F16 ? dense ? 0.002 : 0.04 : dense ? 0.03 : 0.06;
        assertThat(Math.sqrt(error / squares)).isPositive().isLessThan(bound);
    }

    @ParameterizedTest
    @EnumSource(KvType.class)
    void theBytesArePartOfWhatIsCounted(KvType kv) {
        try (Model model = load("llama-dense-tiny", "scalar", 1, kv);
                Session session = model.session()) {
            Config c = model.config();
            long position = 2L
                    * c.layers()
                    * c.kvHeads()
                    * (kv == KvType.F32 ? 4L * c.headDim() : kv == KvType.F16 ? 2L * c.headDim() : c.headDim() + 4L);
            assertThat(model.kvBytesPerPosition()).isEqualTo(position);
            session.append(randomIds(65));
            assertThat(session.cacheBytes()).isEqualTo(2 * 64 * position);
            try (Engine engine = new Engine(model, EngineOptions.defaults().withKvBudgetBytes(3 * 64 * position + 1))) {
                assertThat(engine.stats().kvBytesBudget()).isEqualTo(3 * 64 * position);
            }
        }
    }

    @ParameterizedTest
    @EnumSource(KvType.class)
    void aPageCopiedPartlyIsAsGoodAsOneComputed(KvType kv) {
        try (Model model = load("qwen3-dense-tiny", "vector", 2, kv)) {
            KvPool pool = new KvPool(model.config(), kv, 8);
            PrefixCache known = new PrefixCache(pool);
            Transformer transformer = new Transformer(model.config(), model.weights(), model.kernels(), model.team());
            int[] ids = randomIds(160);
            KvCache first = new KvCache(pool);
            transformer.forward(first, ids, 0, 160);
            known.publish(first, ids, 160);
            int[] other = ids.clone();
            other[101] ^= 1;
            KvCache second = new KvCache(pool);
            assertThat(known.attach(second, other, 159)).isEqualTo(101);
            assertThat(second.page(0)).isSameAs(first.page(0));
            transformer.forward(second, other, 101, 160);
            Rows logits = new Rows(1, model.config().vocab());
            transformer.lastLogits(logits);
            try (Session fresh = model.session()) {
                assertThat(logits.data()).isEqualTo(fresh.append(other));
            }
            transformer.forward(first, ids, 0, 1); // the first text goes on undisturbed
            try (Session fresh = model.session()) {
                fresh.append(ids);
                transformer.lastLogits(logits);
                assertThat(logits.data()).isEqualTo(fresh.append(ids[0]));
            }
        }
    }

    @Test
    void floatsAreTheDefault() {
        try (Model model = Fixtures.load(Fixtures.own("llama-dense-tiny"), "scalar", 1)) {
            assertThat(model.kv()).isEqualTo(KvType.F32);
        }
    }
}
