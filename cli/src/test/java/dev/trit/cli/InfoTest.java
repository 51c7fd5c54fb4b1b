package dev.trit.cli;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

class InfoTest {
    @ParameterizedTest
    @ValueSource(strings = {"scalar", "vector"})
    void namesTheKernelsThatWereAskedFor(String kernels) {
        Captured run = Captured.trit("info", "--json", "--kernels", kernels);
        assertThat(run.status()).isZero();
        JsonNode facts = JsonMapper.shared().readTree(run.out());
        assertThat(facts.propertyNames()).containsExactly("trit", "jdk", "machine", "kernels", "kernels_reason");
        assertThat(facts.get("kernels").asString()).isEqualTo(kernels);
        assertThat(facts.get("machine").get("processors").asInt()).isPositive();
        assertThat(facts.get("machine").get("heap_bytes").asLong()).isPositive();
    }

    @Test
    void speaksToPeople() {
        Captured run = Captured.trit("info", "--kernels", "scalar");
        assertThat(run.status()).isZero();
        assertThat(run.out().lines())
                .anyMatch(line -> line.startsWith("machine "))
                .anyMatch(line -> line.startsWith("kernels    scalar"));
        assertThat(run.err()).isEmpty();
    }

    @Test
    void unknownKernelsAreAMistakeOfTheCaller() {
        Captured run = Captured.trit("info", "--kernels", "gpu");
        assertThat(run.status()).isEqualTo(ExitCode.USAGE.status());
        assertThat(run.err()).isEqualTo("trit: --kernels: expected scalar or vector, got 'gpu'\n");
    }
}
