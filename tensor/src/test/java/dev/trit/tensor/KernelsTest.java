package dev.trit.tensor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.Named;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Vector kernels, and native kernels of every instruction set this processor has, against the specification, to the bit.
 * Surefire runs this class once for each vector width (trit.vector.bits), because a width is fixed for the life of a JVM.
 */
@ParameterizedClass
@MethodSource("fastKernels")
class KernelsTest {
    private static final int[] SIZES = {
        1, 2, 3, 7, 8, 15, 16, 17, 31, 32, 33, 63, 64, 96, 100, 255, 256, 576, 1000, 2560
    };

    private final Kernels scalar = new ScalarKernels();
    private final Kernels fast;
    private final Random random = new Random(7);

    KernelsTest(Kernels fast) {
        this.fast = fast;
    }

    static List<Named<Kernels>> fastKernels() {
        List<Kernels> all = new ArrayList<>(List.of(KernelsProvider.choose("vector")));
        if (KernelsProvider.nativeRefusal() == null) {
            all.addAll(KernelsProvider.nativeVariants());
        }
        return all.stream().map(k -> Named.of(k.description(), k)).toList();
    }

    private float[] floats(int n, float range) {
        float[] x = new float[n];
        for (int i = 0; i < n; i++) {
            x[i] = (float) random.nextGaussian() * range;
        }
        return x;
    }

    private static void sameBits(float[] actual, float[] expected) {
        for (int i = 0; i < expected.length; i++) {
            assertThat(Float.floatToRawIntBits(actual[i]))
                    .as("value %d: %s against %s", i, actual[i], expected[i])
                    .isEqualTo(Float.floatToRawIntBits(expected[i]));
        }
    }

    @Test
    void vectorKernelsRunAtTheForcedWidth() {
        assumeTrue(fast.name().equals("vector"), "native kernels have no such property");
        String forced = System.getProperty("trit.vector.bits");
        assertThat(fast.description()).contains(forced == null ? "-bit" : forced + "-bit");
    }

    @Test
    void quantizeIsTheSame() {
        for (int n : SIZES) {
            for (float range : new float[] {0f, 1e-9f, 1f, 3e4f}) {
                float[] x = floats(n + 3, range);
                ActivationRows a = new ActivationRows(2, n);
                ActivationRows b = new ActivationRows(2, n);
                a.resize(2, n);
                b.resize(2, n);
                scalar.quantize(x, 3, a, 1);
                fast.quantize(x, 3, b, 1);
                assertThat(b.codes()).isEqualTo(a.codes());
                assertThat(b.bytes()).isEqualTo(a.bytes());
                assertThat(b.sums()).isEqualTo(a.sums());
                sameBits(b.scales(), a.scales());
            }
        }
    }

    @Test
    void quantizeRoundsTiesToEven() {
        // bitnet-family worked value: s = 63.5, 63.5 goes to 64
        ActivationRows q = new ActivationRows(1, 4);
        q.resize(1, 4);
        for (Kernels k : List.of(scalar, fast)) {
            k.quantize(new float[] {0.1f, -0.5f, 1f, 2f}, 0, q, 0);
            assertThat(Arrays.copyOf(q.codes(), 4)).containsExactly(6, -32, 64, 127);
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 8, 31, 32, 33, 128, 200, 1000, 2560, 4096, 6912, 9000})
    void ternaryProductIsTheSame(int cols) {
        for (int rows : new int[] {1, 7, 8, 9, 24, 70}) {
            TernaryTensor a = random(rows, cols, random.nextBoolean() ? Scales.perTensor(0.37f) : perRow(rows));
            checkTernary(List.of(a), cols, false);
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {64, 128, 256, 48, 32})
    void groupedTernaryProductIsTheSame(int group) {
        for (int cols : new int[] {group, 4 * group, 4 * group + 16}) {
            int groups = Math.ceilDiv(cols, group);
            TernaryTensor a = random(19, cols, Scales.perGroup(group, floats(19 * groups, 1)));
            checkTernary(List.of(a), cols, false);
        }
    }

    @Test
    void fusedMatricesKeepTheirOwnScales() {
        TernaryTensor q = random(24, 96, Scales.perTensor(1f));
        TernaryTensor k = random(9, 96, perRow(9));
        TernaryTensor v = random(5, 96, Scales.perGroup(32, floats(15, 1)));
        checkTernary(List.of(q, k), 96, false);
        checkTernary(List.of(q, k, v), 96, false);
    }

    @ParameterizedTest
    @ValueSource(ints = {-1, 0, 1})
    void extremesDoNotWrap(int trit) {
        for (int cols : new int[] {4096, 28672}) {
            for (int rows : new int[] {9, 10}) {
                byte[] trits = new byte[rows * cols];
                Arrays.fill(trits, (byte) trit);
                checkTernary(List.of(TernaryTensor.of(rows, cols, trits, Scales.perTensor(1f))), cols, true);
            }
        }
    }

    @Test
    void theLowestCodeDoesNotWrap() {
        int cols = 4160; // more than a panel holds
        for (int trit = -1; trit <= 1; trit++) {
            byte[] trits = new byte[16 * cols];
            Arrays.fill(trits, (byte) trit);
            try (Arena arena = Arena.ofShared();
                    ThreadTeam team = new ThreadTeam(1)) {
                for (TernaryWeights.Layout layout : fast.layouts()) {
                    lowestCode(
                            TernaryWeights.pack(
                                    List.of(TernaryTensor.of(16, cols, trits, Scales.perTensor(1f))),
                                    layout,
                                    arena,
                                    team),
                            trit);
                }
            }
        }
    }

    private void lowestCode(TernaryWeights w, int trit) {
        for (int tokens : new int[] {1, 2, 3, 4, 30}) {
            ActivationRows x = new ActivationRows(tokens, w.cols());
            x.resize(tokens, w.cols());
            for (int t = 0; t < tokens; t++) {
                Arrays.fill(x.codes(), t * x.stride(), t * x.stride() + w.cols(), (short) -128);
                Arrays.fill(x.bytes(), t * x.stride(), t * x.stride() + w.cols(), (byte) -128);
                x.sums()[t] = -128 * w.cols();
                x.scales()[t] = 1;
            }
            float[] y = new float[tokens * w.rows()];
            fast.ternaryMatmul(w, x, 0, w.rows(), y, w.rows());
            for (float value : y) {
                assertThat(value).isEqualTo(-128f * w.cols() * trit);
            }
        }
    }

    private Scales perRow(int rows) {
        return Scales.perRow(floats(rows, 1));
    }

    private TernaryTensor random(int rows, int cols, Scales scales) {
        byte[] trits = new byte[rows * cols];
        for (int i = 0; i < trits.length; i++) {
            trits[i] = (byte) (random.nextInt(3) - 1);
        }
        return TernaryTensor.of(rows, cols, trits, scales);
    }

    /** Scalar against an independent sum, the others against scalar in every layout they take, few tokens and many. */
    private void checkTernary(List<TernaryTensor> parts, int cols, boolean extreme) {
        int rows = parts.stream().mapToInt(TernaryTensor::rows).sum();
        int tokens = rows % 2 == 0 ? 29 : 9; // many take another way through the kernels than few
        ActivationRows x = new ActivationRows(tokens, cols + 40);
        x.resize(tokens, cols);
        for (int t = 0; t < tokens; t++) {
            float[] row = floats(cols, 2);
            if (extreme) {
                Arrays.fill(row, t % 2 == 0 ? 5f : -5f);
            }
            scalar.quantize(row, 0, x, t);
        }
        float[] expected = new float[tokens * rows];
        try (Arena arena = Arena.ofShared();
                ThreadTeam team = new ThreadTeam(2)) {
            TernaryWeights w = TernaryWeights.pack(parts, fast.layout(), arena, team);
            scalar.ternaryMatmul(w, x, 0, rows, expected, rows);
            plausible(parts, x, expected, rows);
            for (TernaryWeights.Layout layout : layouts(parts)) {
                checkTernary(TernaryWeights.pack(parts, layout, arena, team), x, expected);
            }
        }
    }

    private List<TernaryWeights.Layout> layouts(List<TernaryTensor> parts) {
        return parts.stream().anyMatch(part -> part.scales().grouped()) ? List.of(fast.layout()) : fast.layouts();
    }

    private void checkTernary(TernaryWeights w, ActivationRows x, float[] expected) {
        int rows = w.rows();
        int most = x.rows();
        for (int tokens : new int[] {most, 8, 7, 6, 5, 4, 3, 2, 1}) { // in this order: the first rows stay
            x.resize(tokens, w.cols());
            float[] wanted = Arrays.copyOf(expected, tokens * rows);
            float[] actual = new float[tokens * rows];
            fast.ternaryMatmul(w, x, 0, rows, actual, rows);
            sameBits(actual, wanted);
            Arrays.fill(actual, Float.NaN);
            int half = rows / 2 / w.layout().rows() * w.layout().rows();
            fast.ternaryMatmul(w, x, half, rows, actual, rows);
            fast.ternaryMatmul(w, x, 0, half, actual, rows);
            sameBits(actual, wanted);
        }
        x.resize(most, w.cols());
    }

    @ParameterizedTest
    @EnumSource
    void packedTritsAreThoseThatCame(TernaryWeights.Layout layout) {
        for (int cols : new int[] {1, 7, 8, 63, 64, 65, 200}) {
            TernaryTensor a = random(41, cols, Scales.perTensor(1));
            TernaryTensor b = random(10, cols, Scales.perTensor(2));
            try (Arena arena = Arena.ofShared();
                    ThreadTeam team = new ThreadTeam(2)) {
                TernaryWeights w = TernaryWeights.pack(List.of(a, b), layout, arena, team);
                assertThat(w.bytes() - 4 * w.scales().values().length)
                        .isEqualTo(Math.round(
                                layout.bitsPerWeight() / 8 * w.rowGroups() * layout.rows() * w.paddedCols()));
                for (int c = 0; c < cols; c++) {
                    for (int r = 0; r < 51; r++) {
                        TernaryTensor part = r < 41 ? a : b;
                        assertThat(w.trit(r, c))
                                .as("row %d, column %d of %d", r, c, cols)
                                .isEqualTo(part.toBytes()[(r < 41 ? r : r - 41) * cols + c]);
                    }
                }
            }
        }
    }

    @Test
    void layoutsAreForcedOrMeasured() {
        try (ThreadTeam team = new ThreadTeam(2)) {
            assertThat(LayoutProbe.choose(fast, team, 1000).layout()).isEqualTo(fast.layout());
            LayoutProbe large = LayoutProbe.choose(fast, team, Long.MAX_VALUE);
            assertThat(fast.layouts()).contains(large.layout());
            assertThat(large.reason()).contains(fast.layouts().size() == 1 ? "no other" : "measured");
            System.setProperty(LayoutProbe.PROPERTY, "heaps");
            assertThatThrownBy(() -> LayoutProbe.choose(fast, team, 1000)).hasMessageContaining("no layout 'heaps'");
        } finally {
            System.clearProperty(LayoutProbe.PROPERTY);
        }
    }

    /** The definition, straight from the trits and in double. */
    private static void plausible(List<TernaryTensor> parts, ActivationRows x, float[] y, int rows) {
        int row = 0;
        for (TernaryTensor part : parts) {
            byte[] trits = part.toBytes();
            for (int r = 0; r < part.rows(); r++, row++) {
                for (int t = 0; t < x.rows(); t++) {
                    double sum = 0;
                    for (int c = 0; c < part.cols(); c++) {
                        Scales s = part.scales();
                        double scale = s.grouped()
                                ? s.values()[r * Math.ceilDiv(part.cols(), s.groupSize()) + c / s.groupSize()]
                                : s.ofRow(r);
                        sum += scale * trits[r * part.cols() + c] * x.codes()[t * x.stride() + c];
                    }
                    double expected = sum * x.scales()[t];
                    assertThat((double) y[t * rows + row])
                            .isCloseTo(expected, Offset.offset(1e-4 + Math.abs(expected) * 1e-5));
                }
            }
        }
    }

    @ParameterizedTest
    @EnumSource(DType.class)
    void ordinaryProductsAreTheSame(DType type) {
        int block = type.blockElements();
        for (int cols : new int[] {block, 3 * block, type == DType.F32 ? 17 : 5 * block, 512}) {
            for (int rows : new int[] {1, 2, 5, 18, 33}) {
                FloatTensor w = random(type, rows, cols);
                for (int tokens : new int[] {1, 2, 3, 7}) {
                    int stride = cols + 5;
                    float[] x = floats(tokens * stride + 2, 1);
                    float[] expected = new float[tokens * rows];
                    float[] actual = new float[tokens * rows];
                    scalar.matmul(w, x, 2, stride, tokens, 0, rows, expected, rows);
                    fast.matmul(w, x, 2, stride, tokens, 0, rows, actual, rows);
                    sameBits(actual, expected);
                    Arrays.fill(actual, Float.NaN);
                    fast.matmul(w, x, 2, stride, tokens, rows / 2, rows, actual, rows);
                    fast.matmul(w, x, 2, stride, tokens, 0, rows / 2, actual, rows);
                    sameBits(actual, expected);
                }
                float[] a = new float[cols + 1];
                float[] b = new float[cols + 1];
                scalar.row(w, rows - 1, a, 1);
                fast.row(w, rows - 1, b, 1);
                sameBits(b, a);
            }
        }
    }

    /** Random bits in every field; scales of ordinary size, so that no infinity hides a difference. */
    private FloatTensor random(DType type, int rows, int cols) {
        byte[] bytes = new byte[(int) (rows * type.rowBytes(cols))];
        random.nextBytes(bytes);
        MemorySegment data = MemorySegment.ofArray(bytes);
        if (type == DType.F32 || type == DType.F16 || type == DType.BF16) {
            int size = type.blockBytes();
            for (int i = 0; i < bytes.length; i += size) {
                int top = i + size - 1; // sign and high exponent bits: magnitude about 1, some subnormal halves
                bytes[top] = (byte) (bytes[top] & 0x80 | (type == DType.F16 ? bytes[top] & 0x3f : 0x3f));
            }
        } else {
            short d = Float.floatToFloat16(0.013f);
            for (int i = 0; i < bytes.length; i += type.blockBytes()) {
                int at = type == DType.Q6_K ? i + 208 : i;
                bytes[at] = (byte) d;
                bytes[at + 1] = (byte) (d >> 8);
                if (type != DType.Q6_K && type != DType.Q8_0 && type != DType.Q4_0 && type != DType.Q5_0) {
                    bytes[i + 2] = (byte) (d + 77);
                    bytes[i + 3] = (byte) (d + 77 >> 8);
                }
            }
        }
        return new FloatTensor(type, rows, cols, data);
    }

    @Test
    void sixBitProductsAreTheSameAtTheirExtremes() {
        int cols = 768;
        FloatTensor w = random(DType.Q6_K, 7, cols);
        for (int block = 0; block < 3; block++) { // rows 0 and 1: weights of -32 by scales of -128 and of 127
            for (int i = 0; i < 210; i++) {
                byte b = i < 192 ? 0 : i < 208 ? -128 : w.data().get(ValueLayout.JAVA_BYTE, i);
                w.data().set(ValueLayout.JAVA_BYTE, 210L * block + i, b);
                w.data().set(ValueLayout.JAVA_BYTE, 630 + 210L * block + i, b == -128 ? 127 : b);
            }
        }
        float[] x = new float[5 * cols];
        Arrays.fill(x, 0, cols, 3f); // sums come within 2^16 of 2^31
        Arrays.fill(x, cols, 2 * cols, -3f);
        System.arraycopy(floats(cols, 1e-38f), 0, x, 2 * cols, cols);
        System.arraycopy(floats(2 * cols, 1e30f), 0, x, 3 * cols, 2 * cols);
        x[3 * cols + 300] = Float.NaN;
        x[4 * cols + 700] = Float.NEGATIVE_INFINITY;
        for (int tokens : new int[] {1, 5}) {
            float[] expected = new float[7 * tokens];
            float[] actual = new float[7 * tokens];
            for (int first = 0; first + tokens <= 5; first++) {
                scalar.matmul(w, x, first * cols, cols, tokens, 0, 7, expected, 7);
                fast.matmul(w, x, first * cols, cols, tokens, 0, 7, actual, 7);
                assertThat(actual).isEqualTo(expected);
                if (first == 3) {
                    assertThat(expected).containsOnly(Float.NaN);
                }
            }
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 15, 64, 65, 576, 1000, 2560})
    void screensAreTheSame(int cols) {
        for (int rows : new int[] {1, 8, 21}) {
            try (Arena arena = Arena.ofShared();
                    ThreadTeam team = new ThreadTeam(2)) {
                float[] head = floats(rows * cols, 0.1f);
                Arrays.fill(head, 0, cols, 0f); // a row of zeros has no scale
                HeadScreen a = HeadScreen.pack(FloatTensor.of(rows, cols, head), scalar, arena, team);
                HeadScreen b = HeadScreen.pack(FloatTensor.of(rows, cols, head), fast, arena, team);
                assertThat(b.codes().mismatch(a.codes())).isEqualTo(-1);
                sameBits(b.scales(), a.scales());
                sameBits(b.deviations(), a.deviations());
                ActivationRows x = new ActivationRows(2, cols);
                x.resize(2, cols);
                float[] extreme = new float[cols];
                for (int c = 0; c < cols; c++) {
                    extreme[c] =
                            a.level(rows - 1, c); // every product positive, the largest levels by the largest codes
                }
                scalar.quantize(extreme, 0, x, 0);
                scalar.quantize(floats(cols, 3), 0, x, 1);
                float[] expected = new float[2 * (rows + 1)];
                float[] actual = new float[2 * (rows + 1)];
                scalar.screen(a, x, 0, rows, expected, rows + 1);
                fast.screen(a, x, 0, rows, actual, rows + 1);
                sameBits(actual, expected);
            }
        }
    }

    @Test
    void theTransformIsTheSameAndItsOwnInverse() {
        for (int n = 1; n <= 4096; n *= 2) {
            float[] x = floats(n + 3, 2);
            float[] a = x.clone();
            float[] b = x.clone();
            scalar.hadamard(a, 3, n);
            fast.hadamard(b, 3, n);
            sameBits(b, a);
            fast.hadamard(b, 3, n);
            for (int i = 0; i < n; i++) {
                assertThat(b[3 + i] / n).isCloseTo(x[3 + i], Offset.offset(1e-4f));
            }
        }
    }

    @Test
    void halvesOfEveryKindAreTheSame() {
        short[] kinds = {0, (short) 0x8000, 1, (short) 0x83ff, 0x400, 0x7bff, (short) 0xfbff, 0x3c00};
        for (short special : new short[] {0x3c00, 0x7c00, (short) 0xfc00, 0x7e01}) {
            byte[] bytes = new byte[2 * 6 * 32];
            for (int i = 0; i < bytes.length / 2; i++) {
                short h = i == 4 * 32 + 7 ? special : kinds[random.nextInt(kinds.length)];
                bytes[2 * i] = (byte) h;
                bytes[2 * i + 1] = (byte) (h >> 8);
            }
            FloatTensor w = new FloatTensor(DType.F16, 6, 32, MemorySegment.ofArray(bytes));
            float[] x = floats(32, 1);
            float[] expected = new float[6];
            float[] actual = new float[6];
            scalar.matmul(w, x, 0, 32, 1, 0, 6, expected, 6);
            fast.matmul(w, x, 0, 32, 1, 0, 6, actual, 6);
            assertThat(actual).isEqualTo(expected);
        }
    }

    @Test
    void dotIsTheSame() {
        for (int n : SIZES) {
            float[] a = floats(n + 1, 1);
            float[] b = floats(n + 2, 1);
            sameBits(new float[] {fast.dot(a, 1, b, 2, n)}, new float[] {scalar.dot(a, 1, b, 2, n)});
        }
    }

    @Test
    void elementwiseVerbsAreTheSame() {
        for (int n : SIZES) {
            float[] x = floats(n + 3, 4);
            float[] up = floats(n + 3, 1);
            float[] gain = floats(n, 1);
            float[] a = floats(n + 5, 1);
            float[] b = a.clone();
            scalar.axpy(0.7f, x, 3, a, 5, n);
            fast.axpy(0.7f, x, 3, b, 5, n);
            sameBits(b, a);
            scalar.add(x, 3, a, 5, n);
            fast.add(x, 3, b, 5, n);
            sameBits(b, a);
            scalar.rmsNorm(x, 3, gain, 1e-5f, a, 5, n);
            fast.rmsNorm(x, 3, gain, 1e-5f, b, 5, n);
            sameBits(b, a);
            scalar.swiglu(x, 3, up, 3, a, 5, n);
            fast.swiglu(x, 3, up, 3, b, 5, n);
            sameBits(b, a);
            scalar.relu2glu(x, 3, up, 3, a, 5, n);
            fast.relu2glu(x, 3, up, 3, b, 5, n);
            sameBits(b, a);
            scalar.softmax(a, 5, n);
            fast.softmax(b, 5, n);
            sameBits(b, a);
            int even = n & -2;
            scalar.rope(a, 5, even, x, up, 3);
            fast.rope(b, 5, even, x, up, 3);
            sameBits(b, a);
        }
    }

    @ParameterizedTest
    @EnumSource(KvType.class)
    void attentionVerbsAreTheSame(KvType type) {
        for (int n : new int[] {1, 8, 16, 20, 40, 64, 80, 96, 128}) {
            for (int queries : new int[] {1, 2, 3, 4, 5, 8}) {
                for (int positions : new int[] {1, 3, 4, 63, 64}) {
                    int stride = 70;
                    float[] q = floats(queries * n + 3, 1);
                    KvRows keys = random(type, positions + 5, n);
                    float[] a = floats(queries * stride + 2, 1);
                    float[] b = a.clone();
                    scalar.scores(q, 3, queries, keys, 5, positions, 0.3f, a, 2, stride, null);
                    fast.scores(q, 3, queries, keys, 5, positions, 0.3f, b, 2, stride, queries % 2 == 0 ? keys : null);
                    sameBits(b, a);
                    float[] outA = floats(queries * n + 7, 1);
                    float[] outB = outA.clone();
                    scalar.mix(a, 2, stride, queries, keys, 5, positions, outA, 7, null);
                    fast.mix(a, 2, stride, queries, keys, 5, positions, outB, 7, queries % 2 == 0 ? keys : null);
                    sameBits(outB, outA);
                }
            }
        }
    }

    /** Rows stored by these kernels, of every magnitude and some of zeros, that must be what the specification stores. */
    private KvRows random(KvType type, int rows, int n) {
        KvRows expected = new KvRows(type, rows, n);
        KvRows actual = new KvRows(type, rows, n);
        float[] ranges = {1, 0, 1e-42f, 1e-20f, 3e4f, 100};
        for (int r = 0; r < rows; r++) {
            float[] x = floats(n + 2, ranges[r % ranges.length]);
            scalar.store(x, 2, expected, r);
            fast.store(x, 2, actual, r);
        }
        assertThat(actual.halves()).isEqualTo(expected.halves());
        assertThat(actual.codes()).isEqualTo(expected.codes());
        sameBits(actual.floats(), expected.floats());
        sameBits(actual.scales(), expected.scales());
        return actual;
    }

    @Test
    void expIsAccurateAndTheSameEverywhere() {
        int n = 40_000;
        float[] g = new float[n];
        float[] ones = new float[n];
        Arrays.fill(ones, 1f);
        for (int i = 0; i < n; i++) {
            g[i] = -110 + 220f * i / n;
            double exact = Math.exp(g[i]);
            float e = ScalarMath.exp(g[i]);
            if (exact < Float.MAX_VALUE && exact > 1e-37) {
                assertThat(Math.abs(e - exact)).isLessThanOrEqualTo(2 * Math.ulp((float) exact));
            } else if (exact < 1e-46) {
                assertThat(e).isEqualTo(0f);
            }
        }
        float[] a = new float[n];
        float[] b = new float[n];
        scalar.swiglu(g, 0, ones, 0, a, 0, n);
        fast.swiglu(g, 0, ones, 0, b, 0, n);
        sameBits(b, a);
        assertThat(ScalarMath.exp(0f)).isEqualTo(1f);
        assertThat(ScalarMath.exp(Float.NEGATIVE_INFINITY)).isEqualTo(0f);
        assertThat(ScalarMath.exp(100f)).isEqualTo(Float.POSITIVE_INFINITY);
        assertThat(ScalarMath.exp(Float.NaN)).isNaN();
    }

    @Test
    void wrongShapesAreRefused() {
        try (Arena arena = Arena.ofShared();
                ThreadTeam team = new ThreadTeam(1)) {
            TernaryWeights w =
                    TernaryWeights.pack(List.of(random(16, 64, Scales.perTensor(1f))), fast.layout(), arena, team);
            ActivationRows x = new ActivationRows(1, 96);
            x.resize(1, 96);
            for (Kernels k : List.of(scalar, fast)) {
                assertThatThrownBy(() -> k.ternaryMatmul(w, x, 0, 16, new float[16], 16))
                        .isInstanceOf(TensorException.class)
                        .hasMessageContaining("[16, 64]")
                        .hasMessageContaining("96");
            }
            x.resize(1, 64);
            assertThatThrownBy(() -> fast.ternaryMatmul(w, x, 3, 16, new float[16], 16))
                    .isInstanceOf(TensorException.class);
        }
        assertThatThrownBy(() -> KernelsProvider.choose("avx1024")).hasMessageContaining("native, vector or scalar");
    }
}
