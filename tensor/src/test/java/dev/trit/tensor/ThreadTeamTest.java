package dev.trit.tensor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.lang.management.ManagementFactory;
import java.util.concurrent.atomic.AtomicIntegerArray;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ThreadTeamTest {
    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3, 5})
    void everyRowRunsOnce(int threads) {
        try (ThreadTeam team = new ThreadTeam(threads)) {
            for (int rows : new int[] {0, 1, 7, 8, 9, 64, 1000, 12345}) {
                for (int round = 0; round < 50; round++) {
                    AtomicIntegerArray seen = new AtomicIntegerArray(rows);
                    team.run(rows, 8, (from, to) -> {
                        assertThat(from % 8).isZero();
                        assertThat(to % 8 == 0 || to == rows).isTrue();
                        for (int r = from; r < to; r++) {
                            seen.incrementAndGet(r);
                        }
                    });
                    for (int r = 0; r < rows; r++) {
                        assertThat(seen.get(r)).isEqualTo(1);
                    }
                }
            }
        }
    }

    @Test
    void aFailureReachesTheCallerAndTheTeamLivesOn() {
        try (ThreadTeam team = new ThreadTeam(3)) {
            assertThatThrownBy(() -> team.run(100, 1, (from, to) -> {
                        throw new IllegalStateException("row " + from);
                    }))
                    .isInstanceOf(IllegalStateException.class);
            int[] rows = {0};
            team.run(1, 1, (from, to) -> rows[0] += to - from);
            assertThat(rows[0]).isEqualTo(1);
        }
    }

    @Test
    void anIdleTeamUsesNoProcessorTime() throws InterruptedException {
        var threads = ManagementFactory.getThreadMXBean();
        try (ThreadTeam team = new ThreadTeam(2)) {
            team.run(16, 1, (from, to) -> {});
            Thread.sleep(50); // past the spin
            long before = workerNanos(threads);
            Thread.sleep(200);
            assertThat(workerNanos(threads) - before).isLessThan(20_000_000L);
        }
    }

    private static long workerNanos(java.lang.management.ThreadMXBean threads) {
        long sum = 0;
        for (var info : threads.getThreadInfo(threads.getAllThreadIds())) {
            if (info != null && info.getThreadName().startsWith("trit-worker")) {
                sum += Math.max(0, threads.getThreadCpuTime(info.getThreadId()));
            }
        }
        return sum;
    }

    @Test
    void aClosedTeamSaysSo() {
        ThreadTeam team = new ThreadTeam(2);
        team.close();
        assertThatThrownBy(() -> team.run(1, 1, (from, to) -> {})).isInstanceOf(TensorException.class);
    }
}
