package dev.trit.train;

import dev.trit.train.torch.Scope;
import dev.trit.train.torch.Tensor;
import dev.trit.train.torch.Torch;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/**
 * Threads that run micro-batches side by side, each with a replica of the model and libtorch on one thread. They meet once
 * a step. Splitting every matrix product over threads instead meets after each, and those meetings spin: with another
 * busy process on two cores a step of 8 M parameters took 40 times as long.
 */
final class Workers implements AutoCloseable {
    /** Work on one micro-batch; returns its loss. */
    interface Task {
        double run(TrainableTransformer model, int micro);
    }

    private final TrainableTransformer model;
    private final List<TrainableTransformer> replicas = new ArrayList<>(); // the first is the model
    private final ExecutorService threads;

    /** @param count threads, at least 1 */
    Workers(Recipe recipe, TrainableTransformer model, int count) {
        this.model = model;
        replicas.add(model);
        for (int i = 1; i < count; i++) {
            replicas.add(model.replica(recipe));
        }
        threads = Executors.newFixedThreadPool(
                count, Thread.ofPlatform().daemon().name("trainer-", 0).factory());
    }

    /**
     * Runs micro-batches 0 ... {@code micros} - 1, number m on thread m mod the number of threads.
     *
     * @return the sum of what {@code task} returns, in the order of micro-batches
     */
    double run(int micros, Task task) {
        double[] losses = new double[micros];
        List<Future<?>> running = new ArrayList<>();
        for (int worker = 0; worker < Math.min(replicas.size(), micros); worker++) {
            int first = worker;
            running.add(threads.submit(() -> {
                Torch.threads(1);
                for (int micro = first; micro < micros; micro += replicas.size()) {
                    try (Scope scope = new Scope()) {
                        losses[micro] = task.run(replicas.get(first), micro);
                    }
                }
            }));
        }
        RuntimeException failure = null;
        for (Future<?> future : running) { // all of them, so that none still works when this returns
            try {
                future.get();
            } catch (ExecutionException e) {
                failure = e.getCause() instanceof RuntimeException cause ? cause : new TrainException("step failed", e);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                failure = new TrainException("interrupted", e);
            }
        }
        if (failure != null) {
            throw failure;
        }
        double sum = 0;
        for (double loss : losses) {
            sum += loss;
        }
        return sum;
    }

    /** Adds the replicas' gradients to the model's, in a fixed order, and clears them. */
    void gatherGradients() {
        try (Scope scope = new Scope()) {
            Torch.noGrad(() -> {
                for (TrainableTransformer replica : replicas.subList(1, replicas.size())) {
                    for (int i = 0; i < model.parameters().size(); i++) {
                        Tensor other = replica.parameters().get(i).weights();
                        if (other.hasGrad()) {
                            model.parameters().get(i).weights().grad().add_(other.grad());
                            other.zeroGrad();
                        }
                    }
                }
            });
        }
    }

    @Override
    public void close() {
        threads.shutdown();
        replicas.subList(1, replicas.size()).forEach(TrainableTransformer::close);
    }
}
