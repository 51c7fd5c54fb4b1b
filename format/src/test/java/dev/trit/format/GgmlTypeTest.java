package dev.trit.format;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.trit.tensor.DType;
import java.util.Map;
import org.junit.jupiter.api.Test;

class GgmlTypeTest {
    private static final Map<GgmlType, TernaryDialect> CODECS = Map.ofEntries(
            Map.entry(GgmlType.I2_S, new I2s()),
            Map.entry(GgmlType.TL1, new Tl1(1, new TlTile(160, 64, 32))),
            Map.entry(GgmlType.TL2, new Tl2(1, new TlTile(160, 96, 32))),
            Map.entry(GgmlType.TQ1_0, new Tq1_0()),
            Map.entry(GgmlType.TQ2_0, new Tq2_0()),
            Map.entry(GgmlType.Q1_0, new Q1_0()),
            Map.entry(GgmlType.Q2_0, new Q2_0(64)),
            Map.entry(GgmlType.Q2_0_128, new Q2_0(128)),
            Map.entry(GgmlType.IQ1_BN, new Iq1Bn()),
            Map.entry(GgmlType.IQ2_BN, new Iq2Bn()));

    @Test
    void sizesAreThoseOfTheCodecs() {
        CODECS.forEach((type, codec) -> {
            int rows = 3200;
            int cols = type == GgmlType.TL1 || type == GgmlType.TL2 ? 8640 : 768;
            assertThat(type.bytes(rows, cols)).as(type.name()).isEqualTo(codec.bytes(rows, cols));
        });
    }

    @Test
    void sizesAreThoseOfTheElementTypes() {
        for (DType dtype : DType.values()) {
            assertThat(GgmlType.of(dtype).dtype()).isEqualTo(dtype);
            assertThat(GgmlType.of(dtype).bytes(3, 512)).isEqualTo(3 * dtype.rowBytes(512));
        }
    }

    @Test
    void everyTernaryTypeHasACodecOrARefusal() {
        for (GgmlType type : GgmlType.values()) {
            assertThat(CODECS.containsKey(type)).as(type.name()).isEqualTo(type.use() == GgmlType.Use.TERNARY);
        }
        assertThatThrownBy(() -> GgmlType.TQ2_0.bytes(1, 255)).isInstanceOf(FormatException.class);
        assertThatThrownBy(() -> GgmlType.F64.bytes(Integer.MAX_VALUE, 1L << 31))
                .isInstanceOf(FormatException.class);
    }
}
