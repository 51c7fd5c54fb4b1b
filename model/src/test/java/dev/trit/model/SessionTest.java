package dev.trit.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.FieldSource;

class SessionTest {
    static final List<String> MODELS = Fixtures.OWN;

    private static Model model;

    @BeforeAll
    static void load() {
        model = Fixtures.load(Fixtures.own("llama-dense-tiny"), "vector", 2);
    }

    @AfterAll
    static void close() {
        model.close();
    }

    private static int[] randomIds(int n) {
        return new Random(5).ints(n, 0, 256).toArray();
    }

    @ParameterizedTest
    @FieldSource("MODELS")
    void neitherKernelsNorThreadsNorChunksChangeABit(String name) {
        int[] ids = randomIds(200);
        float[][] expected;
        try (Model scalar = Fixtures.load(Fixtures.own(name), "scalar", 1);
                Session session = scalar.session()) {
            expected = Fixtures.logits(session, ids);
        }
        for (int threads = 1; threads <= 3; threads++) {
            try (Model vector = Fixtures.load(Fixtures.own(name), "vector", threads)) {
                try (Session session = vector.session()) {
                    assertThat(Fixtures.logits(session, ids))
                            .as("vector, %d threads, whole", threads)
                            .isDeepEqualTo(expected);
                }
                try (Session session = vector.session()) {
                    for (int i = 0; i < ids.length; i++) {
                        assertThat(session.append(ids[i]))
                                .as("vector, %d threads, token %d alone", threads, i)
                                .isEqualTo(expected[i]);
                    }
                }
                try (Session session = vector.session()) {
                    int at = 0;
                    for (int size : new int[] {1, 2, 7, 65, 64, 61}) {
                        int[] chunk = Arrays.copyOfRange(ids, at, at + size);
                        at += size;
                        assertThat(session.append(chunk))
                                .as("vector, %d threads, up to token %d in uneven chunks", threads, at)
                                .isEqualTo(expected[at - 1]);
                    }
                }
            }
        }
    }

    @Test
    void sessionsDoNotDisturbEachOther() {
        int[] ids = randomIds(100);
        float[][] expected;
        try (Session alone = model.session()) {
            expected = Fixtures.logits(alone, ids);
        }
        IntStream.range(0, 4).parallel().forEach(i -> {
            try (Session session = model.session()) {
                assertThat(Fixtures.logits(session, ids)).isDeepEqualTo(expected);
            }
        });
    }

    @Test
    void goesBackAndOnAsIfNothingHadHappened() {
        int[] ids = randomIds(150);
        try (Session session = model.session()) {
            float[][] expected = Fixtures.logits(session, ids);
            session.truncate(70);
            assertThat(session.position()).isEqualTo(70);
            session.append(1, 2, 3);
            session.truncate(70);
            for (int i = 70; i < ids.length; i++) {
                assertThat(session.append(ids[i])).isEqualTo(expected[i]);
            }
            session.reset();
            assertThat(session.append(ids)).isEqualTo(expected[149]);
            assertThat(session.tokens()).isEqualTo(ids);
        }
    }

    @Test
    void reusesTheCommonBeginning() {
        try (Session session = model.session()) {
            session.append(10, 20, 30, 40);
            assertThat(session.reuse(new int[] {10, 20, 31, 40})).isEqualTo(2);
            assertThat(session.position()).isEqualTo(2);
            session.append(30, 40);
            assertThat(session.reuse(new int[] {10, 20, 30, 40}))
                    .as("one is left over")
                    .isEqualTo(3);
            assertThat(session.reuse(new int[] {9})).isZero();
        }
    }

    @Test
    void refusesWhatDoesNotFitAndStaysUsable() {
        try (Session session = model.session(10)) {
            session.append(randomIds(8));
            assertThatThrownBy(() -> session.append(1, 2, 3))
                    .isInstanceOf(ModelException.class)
                    .hasMessageContaining("3 tokens do not fit")
                    .hasMessageContaining("holds 10, 8 are taken");
            assertThat(session.position()).isEqualTo(8);
            float[] logits = session.append(1, 2).clone();
            try (Session fresh = model.session()) {
                fresh.append(randomIds(8));
                assertThat(fresh.append(1, 2)).isEqualTo(logits);
            }
            assertThatThrownBy(() -> session.append(1)).isInstanceOf(ModelException.class);
            session.reset();
            session.append(1);
        }
    }

    @Test
    void refusesTokensThatAreNotInTheVocabulary() {
        try (Session session = model.session()) {
            session.append(1);
            for (int id : new int[] {-1, 258, Integer.MAX_VALUE}) {
                assertThatThrownBy(() -> session.append(1, id))
                        .isInstanceOf(ModelException.class)
                        .hasMessageContaining("token %d is not in the vocabulary: ids are 0 to 257".formatted(id));
            }
            assertThatThrownBy(() -> session.append()).isInstanceOf(ModelException.class);
            assertThat(session.position()).isEqualTo(1);
            session.close();
            assertThatThrownBy(() -> session.append(1)).hasMessageContaining("closed");
        }
    }

    @Test
    void theCacheGrowsByPages() {
        Config c = model.config();
        long page = 2L * c.layers() * c.kvDim() * KvCache.PAGE * Float.BYTES;
        try (Session session = model.session()) {
            assertThat(session.cacheBytes()).isZero();
            session.append(randomIds(64));
            assertThat(session.cacheBytes()).isEqualTo(page);
            session.append(1);
            assertThat(session.cacheBytes()).isEqualTo(2 * page);
            session.reset();
            assertThat(session.cacheBytes()).isEqualTo(2 * page);
        }
    }
}
