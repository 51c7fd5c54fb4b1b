package dev.trit.format;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Map;
import org.junit.jupiter.api.Test;

class RopeFactorsTest {
    private static final RopeFactors LLAMA_31 = new RopeFactors(8, 1, 4, 8192);

    @Test
    void slowFrequenciesAreDividedAndFastOnesAreNot() {
        float[] divisors = LLAMA_31.divisors(128, 500_000f);
        assertThat(divisors).hasSize(64);
        assertThat(divisors[0]).isEqualTo(1f);
        assertThat(divisors[28]).isEqualTo(1f); // wavelength 1957 < 8192 / 4
        assertThat(divisors[29]).isGreaterThan(1f); // 2403
        assertThat(divisors[34]).isLessThan(8f); // 6698
        assertThat(divisors[35]).isEqualTo(8f); // 8222 > 8192
        assertThat(divisors[63]).isEqualTo(8f);
    }

    @Test
    void thePublishedTablesAreRecognized() {
        assertThat(RopeFactors.matching(LLAMA_31.divisors(128, 500_000f), 500_000f))
                .isEqualTo(LLAMA_31);
        RopeFactors llama32 = new RopeFactors(32, 1, 4, 8192);
        assertThat(RopeFactors.matching(llama32.divisors(64, 500_000f), 500_000f))
                .isEqualTo(llama32);
        assertThat(RopeFactors.matching(new RopeFactors(16, 1, 4, 8192).divisors(128, 500_000f), 500_000f))
                .isNull();
    }

    @Test
    void metadataSaysThemOrNot() {
        assertThat(RopeFactors.of(Map.of(), "llama")).isNull();
        assertThat(RopeFactors.of(Map.of("llama.rope.scaling.type", "linear"), "llama"))
                .isNull();
        Map<String, Object> metadata = Map.of(
                "llama.rope.scaling.type",
                "llama3",
                "llama.rope.scaling.factor",
                8f,
                "llama.rope.scaling.low_freq_factor",
                1f,
                "llama.rope.scaling.high_freq_factor",
                4f,
                "llama.rope.scaling.original_context_length",
                8192);
        assertThat(RopeFactors.of(metadata, "llama")).isEqualTo(LLAMA_31);
        assertThatThrownBy(() -> RopeFactors.of(Map.of("llama.rope.scaling.type", "llama3"), "llama"))
                .isInstanceOf(FormatException.class)
                .hasMessageContaining("factor");
    }
}
