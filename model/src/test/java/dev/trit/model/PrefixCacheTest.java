package dev.trit.model;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class PrefixCacheTest {
    private static Model model;

    @BeforeAll
    static void load() {
        model = Fixtures.load(Fixtures.own("llama-dense-tiny"), "vector", 1);
    }

    @AfterAll
    static void close() {
        model.close();
    }

    private KvPool pool;
    private PrefixCache known;
    private Transformer transformer;

    @BeforeEach
    void begin() {
        pool = new KvPool(model.config(), model.kv(), 8);
        known = new PrefixCache(pool);
        transformer = new Transformer(model.config(), model.weights(), model.kernels(), model.team());
    }

    private static int[] ids(int n, long seed) {
        return new Random(seed).ints(n, 0, 256).toArray();
    }

    /** Computes a text, remembers it and lets go of it. */
    private void read(int[] ids) {
        KvCache cache = new KvCache(pool);
        transformer.forward(cache, ids, 0, ids.length);
        known.publish(cache, ids, ids.length);
        cache.clear();
    }

    @Test
    void wholePagesAreSharedAndTheRestIsCopied() {
        int[] ids = ids(200, 1);
        read(ids);
        assertThat(pool.held()).isEqualTo(4);
        assertThat(known.idle()).isEqualTo(4);

        int[] other = ids.clone();
        other[150] ^= 1;
        KvCache cache = new KvCache(pool);
        assertThat(known.attach(cache, other, 199)).isEqualTo(150);
        assertThat(cache.length()).isEqualTo(150);
        assertThat(known.idle()).as("two pages are in use").isEqualTo(2);
        assertThat(known.inUse(other, 199)).isEqualTo(2);
        assertThat(pool.held()).as("and one has been copied").isEqualTo(5);

        transformer.forward(cache, other, 150, 200);
        Rows logits = new Rows(1, model.config().vocab());
        transformer.lastLogits(logits);
        try (Session fresh = model.session()) {
            assertThat(logits.data()).isEqualTo(fresh.append(other));
            assertThat(logits.data()).isNotEqualTo(fresh.append(1));
        }
        cache.clear();
        KvCache whole = new KvCache(pool);
        assertThat(known.attach(whole, ids, 128)).isEqualTo(128);
        assertThat(known.attach(new KvCache(pool), new int[] {ids[0] ^ 1, 2, 3}, 2))
                .isZero();
    }

    @Test
    void aTextThatGrowsIsRememberedOnce() {
        int[] ids = ids(100, 2);
        KvCache cache = new KvCache(pool);
        for (int at = 0; at < 100; at += 10) {
            transformer.forward(cache, ids, at, at + 10);
            known.publish(cache, ids, at + 10);
        }
        cache.clear();
        assertThat(pool.held()).isEqualTo(2);
        assertThat(known.attach(new KvCache(pool), ids, 100)).isEqualTo(100);
    }

    @Test
    void whatTwoTextsHaveComputedIsKeptOnce() {
        int[] ids = ids(70, 3);
        KvCache one = new KvCache(pool);
        KvCache two = new KvCache(pool);
        transformer.forward(one, ids, 0, 70);
        transformer.forward(two, ids, 0, 70);
        assertThat(pool.held()).isEqualTo(4);
        known.publish(one, ids, 70);
        known.publish(two, ids, 70);
        assertThat(two.page(0)).isSameAs(one.page(0));
        assertThat(pool.held()).isEqualTo(3);
    }

    @Test
    void theLeastRecentlyUsedGoesFirstAndWhatIsUsedStays() {
        int[] a = ids(128, 4);
        int[] b = ids(128, 5);
        int[] c = ids(128, 6);
        read(a);
        read(b);
        read(c);
        KvCache user = new KvCache(pool);
        known.attach(user, a, 128);
        assertThat(known.evict()).isTrue();
        assertThat(known.evict()).isTrue();
        assertThat(known.attach(new KvCache(pool), b, 128))
                .as("b was older than c")
                .isZero();
        assertThat(pool.held()).isEqualTo(4);
        assertThat(known.evict()).isTrue();
        assertThat(known.evict()).isTrue();
        assertThat(known.evict()).as("a is in use").isFalse();
        user.clear();
        assertThat(known.evict()).isTrue();
        assertThat(known.evict()).isTrue();
        assertThat(pool.held()).isZero();
        assertThat(pool.available()).isEqualTo(8);
    }

    @Test
    void aCopyIsMadeOnlyWhereThereIsMemory() {
        read(ids(512, 7));
        int[] half = Arrays.copyOf(ids(512, 7), 100);
        KvCache cache = new KvCache(pool);
        assertThat(known.attach(cache, half, 99)).isEqualTo(99);
        assertThat(pool.held()).as("the end of the text made room for it").isEqualTo(8);
    }
}
