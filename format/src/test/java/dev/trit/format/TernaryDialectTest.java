package dev.trit.format;

import static dev.trit.format.TestMatrices.crc32;
import static dev.trit.format.TestMatrices.decode;
import static dev.trit.format.TestMatrices.encode;
import static dev.trit.format.TestMatrices.lcg;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.trit.tensor.Scales;
import dev.trit.tensor.TernaryTensor;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Every codec against the published vectors, against itself, and against bytes that no writer makes. */
class TernaryDialectTest {
    private static final Scales HALF = Scales.perTensor(0.5f);
    private static final String I2S_TAIL = "0000003f" + "00".repeat(28);

    /** Codec, bytes of 256 values of the generator as one row (four for the interleave) with scale 0.5. */
    static Stream<Arguments> vectors() {
        return Stream.of(
                Arguments.of(
                        new Tq1_0(),
                        1,
                        "ee35fe64",
                        "2b96602f65818ddb960561a4b94e1f797ef845116f7cfcfde188a579007ac33669c16108bf364558769dea9aa296dc93"
                                + "75eae7170038"),
                Arguments.of(
                        new Tq2_0(),
                        1,
                        "7f677708",
                        "548911945155a5268940112952280485152a1890a1156aaaa6656985008562a4252995426a22918445950a9625466a44"
                                + "4291822140a48a001418288848a946580038"),
                Arguments.of(
                        new I2s(),
                        1,
                        "88d7c979",
                        "1562441645555a98620144688528105254a824064a54a9aa9a5969520052891a58685681a98846125156a0965891a911"
                                + "81468248011aa20014242822216a9125"
                                + I2S_TAIL),
                Arguments.of(
                        new I2s(I2s.Layout.NEON),
                        1,
                        "2a2a5ad1",
                        "156a4204505566a669115259801924455428505a6654a9a22a2561824482212a645864908881620445468a864696a906"
                                + "81924a2485a24a081458204a81268515"
                                + I2S_TAIL),
                Arguments.of(
                        new I2s(I2s.Layout.INTERLEAVED),
                        4,
                        "03336941",
                        "164655185a5a65a04405586996280a4058a518166052a8a0a16162400046a82154a8066119506246a516088614854965"
                                + "4182822021469aa06458986a096a1569"
                                + I2S_TAIL));
    }

    @ParameterizedTest
    @MethodSource("vectors")
    void writesAndReadsTheVector(TernaryDialect dialect, int rows, String crc, String hex) {
        TernaryTensor t = TernaryTensor.of(rows, 256 / rows, lcg(256), HALF);
        byte[] blob = encode(dialect, t);
        assertThat(HexFormat.of().formatHex(blob)).isEqualTo(hex);
        assertThat(crc32(blob)).isEqualTo(crc);
        TernaryTensor back = decode(dialect, blob, rows, 256 / rows);
        assertThat(back.toBytes()).isEqualTo(t.toBytes());
        assertThat(back.scales()).isEqualTo(HALF);
    }

    @Test
    void theGeneratorIsThePublishedOne() {
        byte[] t = lcg(256);
        assertThat(Arrays.copyOf(t, 12)).containsExactly(-1, 0, 0, -1, 0, 0, 0, 1, 0, -1, 0, 0);
        assertThat(IntStream.range(0, 256).filter(i -> t[i] == -1).count()).isEqualTo(81);
        assertThat(IntStream.range(0, 256).filter(i -> t[i] == 1).count()).isEqualTo(84);
    }

    @Test
    void q1WritesAndReadsTheVector() {
        byte[] signs = lcg(256);
        for (int i = 0; i < signs.length; i++) {
            signs[i] = (byte) (signs[i] >= 0 ? 1 : -1);
        }
        byte[] blob = encode(new Q1_0(), TernaryTensor.of(1, 256, signs, HALF));
        assertThat(HexFormat.of().formatHex(blob))
                .isEqualTo("0038f69df36febe9e7affd3cffc77b93d8ef00387f7f4f6097ff60ff775a2aa7dceb77f8");
        assertThat(crc32(blob)).isEqualTo("bdd63b96");
        assertThat(decode(new Q1_0(), blob, 1, 256).toBytes()).isEqualTo(signs);
        assertThatThrownBy(() -> encode(new Q1_0(), TernaryTensor.of(1, 128, new byte[128], HALF)))
                .isInstanceOf(FormatException.class)
                .hasMessageContaining("row 0, column 0")
                .hasMessageContaining("TQ1_0");
    }

    @Test
    void hfPackedWritesAndReadsTheVector() {
        TernaryTensor t = TernaryTensor.of(8, 4, lcg(32), HALF);
        byte[] blob = encode(HfPacked.direct(0.5f), t);
        assertThat(blob).containsExactly(148, 97, 69, 68, 25, 81, 161, 38);
        assertThat(decode(HfPacked.direct(0.5f), blob, 8, 4).toBytes()).isEqualTo(t.toBytes());
        assertThat(decode(HfPacked.direct(2f), blob, 8, 4).scales()).isEqualTo(Scales.perTensor(2f));
        assertThat(decode(HfPacked.inverse(2f), blob, 8, 4).scales()).isEqualTo(HALF);
        assertThatThrownBy(() -> HfPacked.inverse(0f)).isInstanceOf(FormatException.class);
        assertThatThrownBy(() -> HfPacked.direct(Float.NaN)).isInstanceOf(FormatException.class);
        assertThatThrownBy(() -> encode(HfPacked.direct(0.25f), t)).isInstanceOf(FormatException.class);
    }

    @Test
    void tl1WritesAndReadsTheVector() {
        Tl1 tl1 = new Tl1(0.5f, new TlTile(64, 64, 32));
        TernaryTensor t = TernaryTensor.of(64, 128, lcg(64 * 128), HALF);
        byte[] blob = encode(tl1, t);
        assertThat(blob).hasSize(2048);
        assertThat(crc32(blob)).isEqualTo("ddacc94e");
        assertThat(HexFormat.of().formatHex(blob, 0, 16)).isEqualTo("13457380718143430463482653756318");
        assertThat(decode(tl1, blob, 64, 128).toBytes()).isEqualTo(t.toBytes());
    }

    @Test
    void tl2WritesAndReadsTheVector() {
        Tl2 tl2 = new Tl2(0.5f, new TlTile(64, 96, 32));
        TernaryTensor t = TernaryTensor.of(64, 224, lcg(64 * 224), HALF);
        byte[] blob = encode(tl2, t);
        byte[] content = Arrays.copyOf(blob, 3072);
        assertThat(crc32(content)).isEqualTo("d05bac75");
        assertThat(HexFormat.of().formatHex(content, 0, 16)).isEqualTo("99b11c6d057512cc6c6441d68ddda969");
        assertThat(Arrays.copyOfRange(blob, 3072, blob.length)).containsOnly(0);
        assertThat(decode(tl2, blob, 64, 224).toBytes()).isEqualTo(t.toBytes());
    }

    /** Codec, rows, columns: shapes at and beside the block. */
    static Stream<Arguments> shapes() {
        return Stream.of(
                Arguments.of(new I2s(), 3, 128),
                Arguments.of(new I2s(), 7, 640),
                Arguments.of(new I2s(I2s.Layout.NEON), 5, 192),
                Arguments.of(new I2s(I2s.Layout.INTERLEAVED), 8, 37),
                Arguments.of(new Tq1_0(), 3, 256),
                Arguments.of(new Tq1_0(), 9, 768),
                Arguments.of(new Tq2_0(), 3, 256),
                Arguments.of(new Tq2_0(), 9, 768),
                Arguments.of(new Q2_0(), 5, 192),
                Arguments.of(new Q2_0(128), 5, 384),
                Arguments.of(new Iq1Bn(), 5, 64),
                Arguments.of(new Iq1Bn(), 7, 192),
                Arguments.of(new Iq2Bn(), 5, 64),
                Arguments.of(new Iq2Bn(), 7, 192),
                Arguments.of(HfPacked.direct(0.5f), 1, 1),
                Arguments.of(HfPacked.direct(0.5f), 5, 7),
                Arguments.of(HfPacked.direct(0.5f), 7, 33),
                Arguments.of(HfPacked.inverse(2f), 8, 64),
                Arguments.of(new Tl1(0.5f, TlTile.tl1(1536, 1536)), 128, 192),
                Arguments.of(new Tl1(0.5f, TlTile.tl1(3200, 3200)), 320, 256),
                Arguments.of(new Tl1(0.5f, TlTile.tl1(1536, 4096)), 512, 128),
                Arguments.of(new Tl2(0.5f, TlTile.tl2(3200, 8640)), 320, 96),
                Arguments.of(new Tl2(0.5f, TlTile.tl2(4096, 4096)), 256, 256),
                Arguments.of(new Tl2(0.5f, TlTile.tl2(3200, 3200)), 320, 320));
    }

    @ParameterizedTest
    @MethodSource("shapes")
    void readsBackWhatItWrites(TernaryDialect dialect, int rows, int cols) {
        TernaryTensor random = TestMatrices.random(rows, cols, HALF, 11);
        byte[] minus = Bytes.repeated(-1, rows * cols);
        byte[] plus = Bytes.repeated(1, rows * cols);
        for (TernaryTensor t : List.of(
                random,
                TernaryTensor.of(rows, cols, minus, HALF),
                TernaryTensor.of(rows, cols, plus, HALF),
                TernaryTensor.of(rows, cols, new byte[rows * cols], HALF))) {
            byte[] blob = encode(dialect, t);
            assertThat((long) blob.length).isEqualTo(dialect.bytes(rows, cols));
            TernaryTensor back = decode(dialect, blob, rows, cols);
            assertThat(back.toBytes()).isEqualTo(t.toBytes());
            assertThat(back.scales()).isEqualTo(HALF);
            assertThat(dialect.lossless(t)).isTrue();
        }
    }

    @ParameterizedTest
    @MethodSource("shapes")
    void readsAnyRowsToAnyPlace(TernaryDialect dialect, int rows, int cols) {
        TernaryTensor t = TestMatrices.random(rows, cols, HALF, 12);
        TernaryTensor back = decode(dialect, encode(dialect, t), rows, cols);
        byte[] all = t.toBytes();
        for (int from = 0; from < rows; from += Math.max(1, rows / 5)) {
            int to = Math.min(rows, from + 2);
            byte[] out = Bytes.repeated(99, (to - from) * cols + 6);
            back.trits().read(from, to, out, 3);
            assertThat(Arrays.copyOfRange(out, 3, out.length - 3))
                    .isEqualTo(Arrays.copyOfRange(all, from * cols, to * cols));
            assertThat(out[2]).isEqualTo((byte) 99); // nothing is written beside the rows
            assertThat(out[out.length - 3]).isEqualTo((byte) 99);
        }
    }

    @ParameterizedTest
    @MethodSource("shapes")
    void refusesABlobThatIsCutOff(TernaryDialect dialect, int rows, int cols) {
        byte[] blob = encode(dialect, TestMatrices.random(rows, cols, HALF, 13));
        assertThatThrownBy(() -> decode(dialect, Arrays.copyOf(blob, blob.length - 1), rows, cols))
                .isInstanceOf(FormatException.class)
                .hasMessageContaining("cut off")
                .hasMessageContaining("expected " + blob.length);
    }

    /** Codec, shape, a byte to spoil, the spoilt value, the place it stands for. */
    static Stream<Arguments> unusedCodes() {
        return Stream.of(
                Arguments.of(new I2s(), 2, 256, 64 + 32 + 5, 0b00_11_00_00, "row 1, column 165"),
                Arguments.of(new I2s(I2s.Layout.NEON), 2, 128, 16 + 1, 0b00_00_00_11, "row 0, column 113"),
                Arguments.of(new I2s(I2s.Layout.INTERLEAVED), 4, 10, 3, 0b00_00_11_00, "row 2, column 3"),
                Arguments.of(new Tq2_0(), 2, 256, 66 + 32 + 7, 0b11_00_00_00, "row 1, column 231"),
                Arguments.of(new Q2_0(), 1, 128, 18 + 2 + 1, 0b00_00_11_00, "row 0, column 69"),
                Arguments.of(new Iq2Bn(), 2, 64, 20 + 4 + 3, 0b00_11_00_00, "row 1, column 35"),
                Arguments.of(HfPacked.direct(0.5f), 6, 9, 9 + 8, 0b00_00_11_00, "row 3, column 8"),
                Arguments.of(new Tl1(0.5f, TlTile.tl1(1536, 1536)), 128, 64, 0, 0x49, "row 0, column 2"),
                Arguments.of(new Tl2(0.5f, TlTile.tl2(4096, 4096)), 128, 96, 0, 0xe0, "row 0, column 0"));
    }

    @ParameterizedTest
    @MethodSource("unusedCodes")
    void namesThePlaceOfACodeThatIsNoTrit(
            TernaryDialect dialect, int rows, int cols, int at, int spoilt, String place) {
        byte[] blob = encode(dialect, TernaryTensor.of(rows, cols, new byte[rows * cols], HALF));
        blob[at] = (byte) spoilt;
        TernaryTensor t = decode(dialect, blob, rows, cols);
        assertThatThrownBy(t::toBytes).isInstanceOf(FormatException.class).hasMessageContaining(place);
    }

    @Test
    void refusesShapesThatDoNotFillBlocks() {
        record Case(TernaryDialect dialect, int rows, int cols) {}
        for (Case c : List.of(
                new Case(new I2s(), 4, 64),
                new Case(new I2s(), 4, 8640), // bitnet_b1_58-3B: bitnet.cpp has no I2_S of it either
                new Case(new Tq1_0(), 4, 3200),
                new Case(new Tq2_0(), 4, 128),
                new Case(new Q1_0(), 4, 64),
                new Case(new Q2_0(), 4, 65),
                new Case(new Iq1Bn(), 4, 100),
                new Case(new Iq2Bn(), 4, 100),
                new Case(new Tl1(1, new TlTile(64, 64, 32)), 32, 64),
                new Case(new Tl1(1, new TlTile(64, 64, 32)), 64, 96),
                new Case(new Tl2(1, new TlTile(64, 96, 32)), 64, 100),
                new Case(HfPacked.direct(1), 0, 5))) {
            assertThatThrownBy(() -> c.dialect.bytes(c.rows, c.cols))
                    .isInstanceOf(FormatException.class)
                    .hasMessageContaining(c.dialect.name())
                    .hasMessageContaining("got [%d, %d]".formatted(c.rows, c.cols));
        }
        assertThatThrownBy(() -> encode(new I2s(), TestMatrices.random(2, 100, HALF, 1)))
                .isInstanceOf(FormatException.class);
        assertThatThrownBy(() -> TlTile.tl2(2560, 6912))
                .isInstanceOf(FormatException.class)
                .hasMessageContaining("I2_S");
    }

    @Test
    void refusesScalesItCannotKeep() {
        TernaryTensor twoScales = TestMatrices.random(2, 256, Scales.perRow(1, 2), 1);
        for (TernaryDialect one : List.of(new I2s(), HfPacked.direct(1))) {
            assertThatThrownBy(() -> encode(one, twoScales))
                    .isInstanceOf(FormatException.class)
                    .hasMessageContaining("one scale");
        }
        TernaryTensor groups = TestMatrices.random(1, 256, Scales.perGroup(64, new float[] {1, 2, 2, 2}), 1);
        for (TernaryDialect wide : List.of(new Tq1_0(), new Tq2_0(), new Iq1Bn(), new Iq2Bn())) {
            assertThatThrownBy(() -> encode(wide, groups)).isInstanceOf(FormatException.class);
        }
        assertThat(decode(new Q2_0(), encode(new Q2_0(), groups), 1, 256).scales())
                .isEqualTo(groups.scales());
        for (float scale : new float[] {1e9f, 1e-9f}) {
            TernaryTensor t = TestMatrices.random(1, 256, Scales.perTensor(scale), 1);
            assertThatThrownBy(() -> encode(new Tq2_0(), t))
                    .isInstanceOf(FormatException.class)
                    .hasMessageContaining("half precision");
        }
    }

    @Test
    void keepsAScaleForEachRowOrBlockWhereTheTypeCan() {
        Scales rows = Scales.perRow(0.5f, 0.25f, 3);
        Scales blocks = Scales.perGroup(256, new float[] {1, 2, 3, 4, 5, 6});
        for (TernaryDialect d : List.of(new Tq1_0(), new Tq2_0(), new Iq1Bn(), new Iq2Bn(), new Q2_0())) {
            byte[] blob = encode(d, TestMatrices.random(3, 512, rows, 5));
            assertThat(decode(d, blob, 3, 512).scales()).isEqualTo(rows);
        }
        for (TernaryDialect d : List.of(new Tq1_0(), new Tq2_0())) {
            byte[] blob = encode(d, TestMatrices.random(3, 512, blocks, 5));
            assertThat(decode(d, blob, 3, 512).scales()).isEqualTo(blocks);
        }
    }

    @Test
    void saysWhetherHalfPrecisionKeepsAScale() {
        TernaryTensor t = TestMatrices.random(1, 256, Scales.perTensor(0.1f), 1);
        for (TernaryDialect half : List.of(new Tq1_0(), new Tq2_0(), new Q2_0(), new Iq1Bn())) {
            assertThat(half.lossless(t)).isFalse();
            float back = decode(half, encode(half, t), 1, 256).scales().ofRow(0);
            assertThat(back).isEqualTo(Float.float16ToFloat(Float.floatToFloat16(0.1f)));
        }
        for (TernaryDialect full : List.of(new I2s(), new Iq2Bn(), HfPacked.direct(0.1f))) {
            assertThat(full.lossless(t)).isTrue();
            assertThat(decode(full, encode(full, t), 1, 256).scales()).isEqualTo(t.scales());
        }
    }

    @Test
    void readsBlocksOfZerosWithScaleZeroAsTheirNeighbours() {
        // ggml writes scale 0 for a block of zeros; that must not cost the matrix its one scale
        byte[] trits = TestMatrices.random(3, 768, HALF, 3).toBytes();
        for (int block : new int[] {0, 4, 8}) {
            Arrays.fill(trits, block * 256, block * 256 + 256, (byte) 0);
        }
        TernaryTensor t = TernaryTensor.of(3, 768, trits, HALF);
        byte[] tq2 = encode(new Tq2_0(), t);
        byte[] tq1 = encode(new Tq1_0(), t);
        for (int block : new int[] {0, 4, 8}) {
            tq2[block * 66 + 65] = 0; // 0x3800 becomes 0
            tq1[block * 54 + 53] = 0;
        }
        assertThat(decode(new Tq2_0(), tq2, 3, 768).scales()).isEqualTo(HALF);
        assertThat(decode(new Tq1_0(), tq1, 3, 768).scales()).isEqualTo(HALF);
        tq2[66 + 65] = 0; // scale 0 with codes that are not zero: the weights are 0, and stay so
        assertThat(decode(new Tq2_0(), tq2, 3, 768).scales().values()).contains(0f);
    }

    @Test
    void refusesScalesThatAreNoNumbers() {
        byte[] i2s = encode(new I2s(), TestMatrices.random(1, 128, HALF, 1));
        i2s[34] = (byte) 0x80;
        i2s[35] = 0x7f;
        assertThatThrownBy(() -> decode(new I2s(), i2s, 1, 128)).isInstanceOf(FormatException.class);
        byte[] tq2 = encode(new Tq2_0(), TestMatrices.random(2, 512, HALF, 1));
        tq2[3 * 66 + 65] = 0x7c;
        assertThatThrownBy(() -> decode(new Tq2_0(), tq2, 2, 512))
                .isInstanceOf(FormatException.class)
                .hasMessageContaining("row 1, column 256");
        assertThatThrownBy(() -> new Tl1(Float.NaN, TlTile.tl1(1536, 1536))).isInstanceOf(FormatException.class);
    }
}
