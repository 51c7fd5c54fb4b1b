package dev.trit.tensor;

import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicIntegerArray;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * A fixed team of threads that splits row ranges; the caller is one of them. Each thread has a range of its own, so that it
 * reads one address after the other, and takes pieces from the others' ranges when it is done. Workers spin for a moment after each task,
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

    /** Hears how the caller of {@link #run} gets on, on its thread. For profiles; while nobody listens it costs a comparison. */
    public interface Watch {
        /** A task is being handed to the workers; then the caller does its part. */
        void handing();

        /** The caller has no more to do and waits for the others. */
        void waiting();

        /** The task is done. */
        void done();
    }

    /** A piece is this part of what is left of a range: large at first, small at the end, where threads must meet. */
    private static final int PART_OF_REST = 4;

    /** The smallest piece, as a part of a range: below it a call costs more than waiting. */
    private static final int PART_OF_RANGE = 24;

    /** Distance between two threads' counters: they must not share a cache line, nor two that are fetched together. */
    private static final int SPACING = 32;

    /** How long a worker watches for the next task before it parks. */
    private static final long SPIN_NANOS = 50_000;

    private final Worker[] workers; // without the caller
    private final AtomicIntegerArray next; // first row of each thread's range that nobody has taken
    private final AtomicInteger running = new AtomicInteger();
    private volatile int epoch;
    private volatile boolean closed;
    private @Nullable RowTask task;
    private int rows;
    private int granule;
    private int range; // rows of a thread, the last one's may be fewer
    private volatile @Nullable Throwable failure;
    private @Nullable Watch watch;

    /** @param threads size of the team with the caller, at least 1 */
    public ThreadTeam(int threads) {
        if (threads < 1) {
            throw new TensorException("a team needs at least one thread, got " + threads);
        }
        workers = new Worker[threads - 1];
        next = new AtomicIntegerArray(threads * SPACING);
        for (int i = 0; i < workers.length; i++) {
            workers[i] = new Worker(i + 1);
            workers[i].start();
        }
    }

    /** Threads with the caller. */
    public int size() {
        return workers.length + 1;
    }

    /** Who hears of the tasks to come, null for nobody. Not while one runs. */
    public synchronized void watch(@Nullable Watch watch) {
        this.watch = watch;
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
            if (watch != null) {
                watch.done();
            }
            return;
        }
        if (watch != null) {
            watch.handing();
        }
        this.task = task;
        this.rows = rows;
        this.granule = granule;
        this.range = Math.ceilDiv(granules, size()) * granule;
        for (int i = 0; i < size(); i++) {
            next.setPlain(i * SPACING, i * range);
        }
        running.set(workers.length);
        epoch++; // publishes the fields above
        for (Worker worker : workers) {
            if (worker.parked) {
                LockSupport.unpark(worker);
            }
        }
        work(0);
        if (watch != null) {
            watch.waiting();
        }
        while (running.get() > 0) {
            Thread.onSpinWait();
        }
        if (watch != null) {
            watch.done();
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

    /** What thread {@code self} does: its own range, then what is left of the others'. */
    private void work(int self) {
        RowTask current = task;
        if (current == null) {
            return;
        }
        try {
            for (int i = 0; i < size(); i++) {
                int owner = (self + i) % size();
                int end = Math.min((owner + 1) * range, rows);
                int from = next.get(owner * SPACING);
                while (from < end && failure == null) {
                    int piece = Math.max(range / PART_OF_RANGE, (end - from) / PART_OF_REST);
                    int to = Math.min(from + Math.ceilDiv(Math.max(piece, 1), granule) * granule, end);
                    if (next.compareAndSet(owner * SPACING, from, to)) {
                        current.run(from, to);
                    }
                    from = next.get(owner * SPACING);
                }
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

        private final int number;

        Worker(int number) {
            super("trit-worker-" + number);
            this.number = number;
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
                work(number);
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
