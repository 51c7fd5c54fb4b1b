package dev.trit.tensor;

import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * A fixed team of threads that splits row ranges; the caller is one of them. Workers spin for a moment after each task,
 * because the next one comes within microseconds while a token is computed, and then park, so an idle team costs nothing.
 *
 * <p>Which thread computes a row never changes its bits: every row is computed alone, in the order {@link Kernels}
 * defines.
 */
public final class ThreadTeam implements AutoCloseable {
    /** A piece of work over rows {@code from ... to-1}. */
    @FunctionalInterface
    public interface RowTask {
        void run(int from, int to);
    }

    /** Chunks per thread: small enough to even out a disturbed core, large enough to keep a stream linear. */
    private static final int CHUNKS_PER_THREAD = 8;

    /** How long a worker watches for the next task before it parks. */
    private static final long SPIN_NANOS = 50_000;

    private final Worker[] workers; // without the caller
    private final AtomicInteger next = new AtomicInteger();
    private final AtomicInteger running = new AtomicInteger();
    private volatile int epoch;
    private volatile boolean closed;
    private @Nullable RowTask task;
    private int rows;
    private int chunk;
    private volatile @Nullable Throwable failure;

    /** @param threads size of the team with the caller, at least 1 */
    public ThreadTeam(int threads) {
        if (threads < 1) {
            throw new TensorException("a team needs at least one thread, got " + threads);
        }
        workers = new Worker[threads - 1];
        for (int i = 0; i < workers.length; i++) {
            workers[i] = new Worker("trit-worker-" + (i + 1));
            workers[i].start();
        }
    }

    /** Threads with the caller. */
    public int size() {
        return workers.length + 1;
    }

    /**
     * Runs {@code task} over rows 0 ... rows-1, split at multiples of {@code granule}, and returns when all are done.
     * One caller at a time; calls do not nest.
     *
     * @throws RuntimeException what the task threw, from whichever thread
     */
    public synchronized void run(int rows, int granule, RowTask task) {
        if (closed) {
            throw new TensorException("the thread team is closed");
        }
        int granules = Math.ceilDiv(rows, granule);
        if (workers.length == 0 || granules <= 1) {
            if (rows > 0) {
                task.run(0, rows);
            }
            return;
        }
        this.task = task;
        this.rows = rows;
        this.chunk = Math.ceilDiv(granules, size() * CHUNKS_PER_THREAD) * granule;
        next.set(0);
        running.set(workers.length);
        epoch++; // publishes the fields above
        for (Worker worker : workers) {
            if (worker.parked) {
                LockSupport.unpark(worker);
            }
        }
        work();
        while (running.get() > 0) {
            Thread.onSpinWait();
        }
        this.task = null;
        Throwable thrown = failure;
        if (thrown != null) {
            failure = null;
            switch (thrown) {
                case RuntimeException e -> throw e;
                case Error e -> throw e;
                default -> throw new TensorException("a worker failed", thrown);
            }
        }
    }

    private void work() {
        RowTask current = task;
        if (current == null) {
            return;
        }
        try {
            for (int from = next.getAndAdd(chunk); from < rows && failure == null; from = next.getAndAdd(chunk)) {
                current.run(from, Math.min(from + chunk, rows));
            }
        } catch (Throwable e) { // NOPMD: handed to the caller of run
            failure = e;
        }
    }

    @Override
    public synchronized void close() {
        closed = true;
        for (Worker worker : workers) {
            LockSupport.unpark(worker);
        }
    }

    private final class Worker extends Thread {
        volatile boolean parked;

        Worker(String name) {
            super(name);
            setDaemon(true);
        }

        @Override
        public void run() {
            int seen = 0;
            while (true) {
                seen = awaitNext(seen);
                if (closed) {
                    return;
                }
                work();
                running.decrementAndGet();
            }
        }

        /** Spins, then parks, until the epoch moves on from {@code seen} or the team closes. */
        private int awaitNext(int seen) {
            long start = System.nanoTime();
            while (epoch == seen && !closed) {
                if (System.nanoTime() - start < SPIN_NANOS) {
                    Thread.onSpinWait();
                } else {
                    parked = true;
                    if (epoch == seen && !closed) {
                        LockSupport.park(this);
                    }
                    parked = false;
                }
            }
            return epoch;
        }
    }
}
