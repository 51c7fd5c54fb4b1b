package dev.trit.bench;

import dev.trit.tensor.ActivationRows;
import dev.trit.tensor.Kernels;
import dev.trit.tensor.KernelsProvider;
import dev.trit.tensor.Scales;
import dev.trit.tensor.TernaryTensor;
import dev.trit.tensor.TernaryWeights;
import dev.trit.tensor.ThreadTeam;
import java.lang.foreign.Arena;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.NullUnmarked;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/**
 * The product that a ternary model spends its time in, one thread, weights larger than the caches or not. Time is per
 * call; rows x cols x tokens / time is multiply-adds per second.
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(1)
@NullUnmarked // JMH fills the fields
public class TernaryMatmulBenchmark {
    @Param({"vector", "native"})
    public String kernels;

    /** Rows x columns: the attention output and the feed-forward of the 2B4T shape. */
    @Param({"2560x2560", "6912x2560"})
    public String shape;

    /** 1 is a decode step, 16 a piece of a prompt. */
    @Param({"1", "16"})
    public int tokens;

    private Arena arena;
    private Kernels verbs;
    private TernaryWeights weights;
    private ActivationRows activations;
    private float[] y; // [tokens, rows]
    private int rows;

    /**
     * Packs seeded weights and checks the kernels under test against the scalar ones, bit for bit.
     *
     * @throws AssertionError if they differ: then there is nothing to measure
     */
    @Setup
    public void setUp() {
        String[] sides = shape.split("x", 2);
        rows = Integer.parseInt(sides[0]);
        int cols = Integer.parseInt(sides[1]);
        var random = new Random(20261123);
        var codes = new byte[rows * cols]; // [rows, cols] of -1, 0, 1
        for (int i = 0; i < codes.length; i++) {
            codes[i] = (byte) (random.nextInt(3) - 1);
        }
        var x = new float[tokens * cols]; // [tokens, cols]
        for (int i = 0; i < x.length; i++) {
            x[i] = (float) random.nextGaussian();
        }
        arena = Arena.ofShared();
        verbs = KernelsProvider.choose(kernels);
        try (var team = new ThreadTeam(1)) {
            var tensor = TernaryTensor.of(rows, cols, codes, Scales.perTensor(0.7f));
            weights = TernaryWeights.pack(List.of(tensor), verbs.layout(), arena, team);
        }
        activations = new ActivationRows(tokens, cols);
        activations.resize(tokens, cols);
        for (int t = 0; t < tokens; t++) {
            verbs.quantize(x, t * cols, activations, t);
        }
        y = new float[tokens * rows];
        float[] expected = new float[tokens * rows];
        KernelsProvider.choose("scalar").ternaryMatmul(weights, activations, 0, rows, expected, rows);
        if (!Arrays.equals(matmul(), expected)) {
            throw new AssertionError(kernels + " kernels differ from the scalar ones at " + shape + ", " + tokens);
        }
    }

    /** y = T q over all rows. */
    @Benchmark
    public float[] matmul() {
        verbs.ternaryMatmul(weights, activations, 0, rows, y, rows);
        return y;
    }

    @TearDown
    public void tearDown() {
        arena.close();
    }
}
