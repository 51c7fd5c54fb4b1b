package dev.trit.train;

import java.util.List;

/** The processes that train one model together: each sees its share of every batch, and gradients are averaged. */
public interface Replicas extends AutoCloseable {
    /** This process's number, 0 ... {@link #count} - 1; number 0 writes checkpoints and reports. */
    int rank();

    /** How many processes there are. */
    int count();

    /**
     * Replaces every gradient by its mean over all processes.
     *
     * @throws ReplicaLostException if a process is gone
     */
    void averageGradients(List<Parameter> parameters);

    /** The mean of {@code value} over all processes. */
    double average(double value);

    /** Whether any process says so; all get the same answer at the same step. */
    default boolean any(boolean wish) {
        return average(wish ? 1 : 0) > 0;
    }

    @Override
    void close();

    /** One process alone. */
    Replicas ALONE = new Replicas() {
        @Override
        public int rank() {
            return 0;
        }

        @Override
        public int count() {
            return 1;
        }

        @Override
        public void averageGradients(List<Parameter> parameters) {}

        @Override
        public double average(double value) {
            return value;
        }

        @Override
        public void close() {}
    };
}
