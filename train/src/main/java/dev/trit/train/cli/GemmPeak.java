package dev.trit.train.cli;

import dev.trit.train.TrainException;
import dev.trit.train.torch.Torch;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/** The yardstick of a training step: matrix products side by side on as many cores as training uses. */
final class GemmPeak {
    private GemmPeak() {}

    /** Floating-point operations per second (a multiply-add counts two) of {@code threads} products, or of the GPU. */
    static double measure(int threads) {
        int together = Torch.onGpu() ? 1 : threads;
        double sum = 0;
        try (var pool = Executors.newFixedThreadPool(together)) {
            List<Future<Double>> running = new ArrayList<>();
            for (int i = 0; i < together; i++) {
                running.add(pool.submit(() -> {
                    Torch.threads(1);
                    return Torch.gemmFlops();
                }));
            }
            for (Future<Double> one : running) {
                sum += one.get();
            }
        } catch (ExecutionException e) {
            throw new TrainException("libtorch's matrix product failed: " + e.getMessage(), e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new TrainException("interrupted", e);
        }
        return sum;
    }
}
