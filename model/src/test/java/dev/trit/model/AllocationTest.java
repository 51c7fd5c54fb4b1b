package dev.trit.model;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;
import dev.trit.tensor.ActivationRows;
import dev.trit.tensor.FloatTensor;
import dev.trit.tensor.Kernels;
import dev.trit.tensor.KvRows;
import dev.trit.tensor.TernaryWeights;
import dev.trit.tensor.ThreadTeam;
import java.lang.management.ManagementFactory;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** Generating a token must not make garbage: what the forward pass itself allocates, with kernels that do nothing. */
class AllocationTest {
    private static final int BYTES_PER_TOKEN = 300;

    @Test
    void decodingATokenAllocatesNextToNothing() {
        for (String name : List.of("llama-dense-tiny")) {
            try (Model model = Fixtures.load(Fixtures.own(name), "scalar", 1);
                    ThreadTeam team = new ThreadTeam(2)) {
                KvCache cache = new KvCache(model.config(), model.kv());
                Transformer transformer = new Transformer(model.config(), model.weights(), new NoKernels(), team);
                Rows logits = new Rows(1, model.config().vocab());
                transformer.forward(cache, new int[100], 0, 100);
                decode(transformer, cache, logits, 100);
                ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
                long before = threads.getCurrentThreadAllocatedBytes();
                decode(transformer, cache, logits, 50);
                long perToken = (threads.getCurrentThreadAllocatedBytes() - before) / 50;
                assertThat(perToken)
                        .as("%s: bytes allocated for each token", name)
                        .isLessThan(BYTES_PER_TOKEN);
            }
        }
    }

    private static void decode(Transformer transformer, KvCache cache, Rows logits, int tokens) {
        int[] ids = {7};
        for (int i = 0; i < tokens; i++) {
            transformer.forward(cache, ids, 0, 1);
            transformer.lastLogits(logits);
            cache.setLength(100);
        }
    }

    private static final class NoKernels implements Kernels {
        @Override
        public String name() {
            return "none";
        }

        @Override
        public String description() {
            return "none";
        }

        @Override
        public void quantize(float[] x, int at, ActivationRows out, int row) {}

        @Override
        public void ternaryMatmul(TernaryWeights w, ActivationRows x, int from, int to, float[] y, int yStride) {}

        @Override
        public void matmul(
                FloatTensor w, float[] x, int xAt, int xStride, int tokens, int from, int to, float[] y, int yStride) {}

        @Override
        public void row(FloatTensor w, int row, float[] out, int at) {}

        @Override
        public float dot(float[] a, int aAt, float[] b, int bAt, int n) {
            return 0;
        }

        @Override
        public void axpy(float alpha, float[] x, int xAt, float[] y, int yAt, int n) {}

        @Override
        public void add(float[] x, int xAt, float[] y, int yAt, int n) {}

        @Override
        public void rmsNorm(float[] x, int xAt, float[] gain, float eps, float[] y, int yAt, int n) {}

        @Override
        public void softmax(float[] x, int at, int n) {}

        @Override
        public void rope(float[] x, int at, int n, float[] cos, float[] sin, int csAt) {}

        @Override
        public void swiglu(float[] gate, int gAt, float[] up, int uAt, float[] out, int oAt, int n) {}

        @Override
        public void relu2glu(float[] gate, int gAt, float[] up, int uAt, float[] out, int oAt, int n) {}

        @Override
        public void scores(
                float[] q,
                int qAt,
                int queries,
                KvRows keys,
                int row,
                int positions,
                float scale,
                float[] out,
                int at,
                int outStride,
                @Nullable KvRows next) {}

        @Override
        public void mix(
                float[] weights,
                int at,
                int stride,
                int queries,
                KvRows values,
                int row,
                int positions,
                float[] out,
                int oAt,
                @Nullable KvRows next) {}
    }
}
