package dev.trit.serve;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.Test;

class LoadTest {
    @Test
    void manyStreamsAtOnceAllComeToTheirEnd() throws InterruptedException {
        try (Served served = Served.with(Served.options().withParallel(8), "llama-dense-tiny")) {
            Load.Report report = new Load(served.uri("/")).run(16, Duration.ofSeconds(2), 0);
            assertThat(report.errors()).isEmpty();
            assertThat(report.answers()).isGreaterThan(16);
            assertThat(report.tokens()).isGreaterThan(report.answers());
            assertThat(report.first99()).isPositive();
            assertThat(served.metric("trit_active")).isZero();
            assertThat(served.metric("trit_queue")).isZero();
        }
    }
}
