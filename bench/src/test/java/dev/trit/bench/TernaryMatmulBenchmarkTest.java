package dev.trit.bench;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class TernaryMatmulBenchmarkTest {
    /** The check inside the benchmark's set-up runs in every build, on an odd shape. */
    @ParameterizedTest
    @ValueSource(strings = {"scalar", "vector"})
    void computesWhatTheScalarKernelsDo(String kernels) {
        var benchmark = new TernaryMatmulBenchmark();
        benchmark.kernels = kernels;
        benchmark.shape = "37x129";
        benchmark.tokens = 3;
        benchmark.setUp();
        assertThat(benchmark.matmul()).hasSize(3 * 37).isNotEqualTo(new float[3 * 37]);
        benchmark.tearDown();
    }
}
