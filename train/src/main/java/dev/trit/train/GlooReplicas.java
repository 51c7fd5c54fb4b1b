package dev.trit.train;

import dev.trit.train.torch.GlooGroup;
import dev.trit.train.torch.Scope;
import dev.trit.train.torch.Tensor;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Data-parallel training over several processes, which find each other through the environment that torchrun and
 * Kubernetes' training operators set: RANK, WORLD_SIZE, MASTER_ADDR, MASTER_PORT.
 */
public final class GlooReplicas implements Replicas {
    private final int rank;
    private final int count;
    private final GlooGroup group;

    /** @throws TrainException if the processes do not meet in time */
    public GlooReplicas(int rank, int count, String host, int port, Duration timeout) {
        this.rank = rank;
        this.count = count;
        try {
            this.group = new GlooGroup(rank, count, host, port, timeout);
        } catch (RuntimeException e) {
            throw new TrainException(
                    "rank %d of %d did not meet the others at %s:%d within %s: check that all are started with the same MASTER_ADDR, MASTER_PORT and WORLD_SIZE (%s)"
                            .formatted(rank, count, host, port, timeout, firstLine(e)),
                    e);
        }
    }

    /**
     * The processes that the environment names; none where WORLD_SIZE is not set or 1.
     *
     * @throws TrainException if a variable is missing or not a number, or the processes do not meet in time
     */
    public static Optional<Replicas> fromEnvironment(Map<String, String> environment, Duration timeout) {
        if (environment.getOrDefault("WORLD_SIZE", "1").equals("1")) {
            return Optional.empty();
        }
        int count = number(environment, "WORLD_SIZE", 1, 1 << 16);
        int rank = number(environment, "RANK", 0, count - 1);
        int port = number(environment, "MASTER_PORT", 1, 65_535);
        String host = environment.get("MASTER_ADDR");
        if (host == null || host.isEmpty()) {
            throw new TrainException("WORLD_SIZE is set and MASTER_ADDR is not: set it to the host of rank 0");
        }
        return Optional.of(new GlooReplicas(rank, count, host, port, timeout));
    }

    private static int number(Map<String, String> environment, String name, int low, int high) {
        String text = environment.getOrDefault(name, "");
        if (text.matches("\\d{1,9}")) {
            int value = Integer.parseInt(text);
            if (value >= low && value <= high) {
                return value;
            }
        }
        throw new TrainException("environment: %s must be %d ... %d, got '%s'".formatted(name, low, high, text));
    }

    @Override
    public int rank() {
        return rank;
    }

    @Override
    public int count() {
        return count;
    }

    @Override
    public void averageGradients(List<Parameter> parameters) {
        exchange(parameters.stream().map(p -> p.weights().grad()).toList());
    }

    @Override
    public double average(double value) {
        try (Scope scope = new Scope()) {
            Tensor one = Tensor.of(new float[] {(float) value}, 1);
            exchange(List.of(one));
            return one.item();
        }
    }

    private void exchange(List<Tensor> tensors) {
        try {
            group.average(tensors);
        } catch (RuntimeException e) {
            throw new ReplicaLostException(
                    "rank %d of %d: another process is gone or hangs: %s".formatted(rank, count, firstLine(e)), e);
        }
    }

    private static String firstLine(RuntimeException e) {
        return String.valueOf(e.getMessage()).lines().findFirst().orElse("");
    }

    @Override
    public void close() {
        group.close();
    }
}
