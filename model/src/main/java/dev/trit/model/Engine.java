package dev.trit.model;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Serves many requests with one model at once. A thread of its own takes them from a queue in which clients take turns,
 * and computes the next tokens of all of them in one pass over the weights ({@link Scheduler}); requests join and leave
 * between tokens. Each gets, to the bit, what it would get alone. The model stays the caller's: close the engine first.
 *
 * <pre>
 * try (Engine engine = new Engine(model, EngineOptions.defaults());
 *         Completion completion = engine.submit(Request.of(prompt, sampling))) {
 *     for (Event event = completion.next(); event != null; event = completion.next()) { ... }
 * }
 * </pre>
 */
public final class Engine implements AutoCloseable {
    private static final double AVERAGE_OVER = 16; // sequences, for how long one takes

    private final Model model;
    private final EngineOptions options;
    private final int contextLength;
    private final KvPool pool;
    private final Scheduler scheduler;
    private final Thread thread;
    private final Object lock = new Object();
    private volatile EngineStats stats;
    private volatile boolean aborted;

    // Guarded by lock.
    private final FairQueue<Sequence> queue = new FairQueue<>();
    private boolean closing;
    private int waiting; // requests of which nothing has begun
    private int running; // sequences
    private long requests;
    private long refused;
    private double meanSeconds; // that a sequence takes

    // The engine's thread only.
    private long completed;
    private long cancelled;
    private long failed;

    /**
     * Starts the engine.
     *
     * @throws ModelException if the memory for keys and values does not even hold one page
     */
    public Engine(Model model, EngineOptions options) {
        this.model = model;
        this.options = options;
        int wanted = options.contextLength() > 0 ? options.contextLength() : model.contextLength();
        int pages = pages(KvPool.pageBytes(model.config(), model.kv()), options, wanted);
        this.contextLength = Math.min(wanted, Math.multiplyExact(pages, KvPool.PAGE));
        this.pool = new KvPool(model.config(), model.kv(), pages);
        this.scheduler = new Scheduler(model, options, contextLength, pool, this::end);
        this.stats = snapshot();
        thread = new Thread(this::work, "trit-engine");
        thread.setDaemon(true);
        thread.start();
    }

    private static int pages(long page, EngineOptions options, int contextLength) {
        long full = (long) options.parallel() * Math.ceilDiv(contextLength, KvPool.PAGE);
        long budget = options.kvBudgetBytes();
        long pages =
                budget > 0 ? budget / page : Math.min(full, Runtime.getRuntime().maxMemory() / 2 / page);
        if (pages < 1) {
            throw new ModelException(
                    "%d bytes for keys and values do not hold one page of %d positions: %d bytes are needed at least"
                            .formatted(budget, KvPool.PAGE, page));
        }
        return (int) Math.min(pages, Integer.MAX_VALUE / KvPool.PAGE);
    }

    public Model model() {
        return model;
    }

    public EngineOptions options() {
        return options;
    }

    /** Positions of a sequence, prompt and answer together: fewer than asked for where the memory does not hold them. */
    public int contextLength() {
        return contextLength;
    }

    /** What is going on, as of the last pass over the weights or the last end of a sequence. */
    public EngineStats stats() {
        return stats;
    }

    /**
     * Puts a request into the queue.
     *
     * @throws ModelException if it can never be served: too long, or with tokens that are not in the vocabulary
     * @throws BusyException if the queue is full or the engine is being closed
     */
    public Completion submit(Request request) {
        check(request);
        Completion completion = new Completion(request, this::wake);
        synchronized (lock) {
            if (closing) {
                throw new BusyException("the engine is being shut down", true, Duration.ofSeconds(1));
            }
            if (waiting >= options.maxQueue() + Math.max(0, options.parallel() - running)) {
                refused++;
                throw new BusyException(
                        "%d requests are waiting already, no more may".formatted(waiting), false, retryAfter());
            }
            requests++;
            waiting++;
            Sequence leader = null;
            for (int choice = 0; choice < request.choices(); choice++) {
                Sequence sequence = new Sequence(completion, choice, leader, new KvCache(pool));
                leader = sequence.leader;
                queue.add(request.client(), sequence);
            }
            lock.notifyAll();
        }
        return completion;
    }

    private void check(Request request) {
        int[] prompt = request.prompt();
        if (prompt.length > contextLength) {
            throw new ModelException(
                    "the prompt has %d tokens, the context holds %d. Use a larger context or a shorter prompt"
                            .formatted(prompt.length, contextLength));
        }
        int vocab = model.config().vocab();
        for (int id : prompt) {
            if (id < 0 || id >= vocab) {
                throw new ModelException("token %d is not in the vocabulary: ids are 0 to %d".formatted(id, vocab - 1));
            }
        }
        Sampler.check(request.sampling(), vocab);
    }

    /** When all that wait, and one more, should have begun. */
    private Duration retryAfter() {
        double seconds = meanSeconds * (queue.size() + 1) / options.parallel();
        return Duration.ofSeconds(Math.clamp((long) Math.ceil(seconds), 1, 60));
    }

    /**
     * Takes no more requests, gives those that run and wait time to finish, and calls off what is left then.
     *
     * @return whether all could finish
     */
    public boolean shutdown(Duration grace) throws InterruptedException {
        synchronized (lock) {
            closing = true;
            lock.notifyAll();
        }
        boolean finished = thread.join(grace);
        close();
        return finished;
    }

    /** Takes no more requests and calls off those that are there. */
    @Override
    public void close() {
        synchronized (lock) {
            closing = true;
            aborted = true;
            lock.notifyAll();
        }
        boolean interrupted = false;
        while (thread.isAlive()) {
            try {
                thread.join();
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    private void wake() {
        synchronized (lock) {
            lock.notifyAll();
        }
    }

    // The engine's thread.

    private void work() {
        try {
            while (admit()) {
                scheduler.step();
                stats = snapshot();
            }
        } finally {
            List<Sequence> left = scheduler.removeAll();
            synchronized (lock) {
                closing = true;
                List<Sequence> dropped = queue.takeIf(s -> true);
                dropped.forEach(this::leftQueue);
                left.addAll(dropped);
            }
            left.forEach(s -> end(s, StopReason.CANCELLED, null));
            stats = snapshot();
        }
    }

    /** Waits for work and takes what fits; false when there is to be none any more. */
    private boolean admit() {
        List<Sequence> over = new ArrayList<>();
        boolean goOn;
        synchronized (lock) {
            goOn = admit(over);
        }
        over.forEach(s -> end(s, s.completion.cancelled() ? StopReason.CANCELLED : StopReason.TIMEOUT, null));
        return goOn;
    }

    private boolean admit(List<Sequence> over) {
        while (!aborted) {
            List<Sequence> dropped = queue.takeIf(s -> s.completion.cancelled() || s.late());
            dropped.forEach(this::leftQueue);
            over.addAll(dropped);
            for (Sequence next = queue.peek(); next != null && scheduler.fits(next); next = queue.peek()) {
                scheduler.add(queue.take());
                leftQueue(next);
                running = scheduler.size();
            }
            if (scheduler.size() > 0 || !over.isEmpty()) {
                return true;
            }
            if (closing) {
                return false;
            }
            stats = snapshot();
            try {
                lock.wait();
            } catch (InterruptedException e) {
                return false; // nobody but this class knows the thread; whoever interrupts it wants it to end
            }
        }
        return false;
    }

    private void leftQueue(Sequence s) {
        waiting -= s.choice == 0 ? 1 : 0;
    }

    /** Reports the end of a sequence, for that reason unless it has one already. */
    private void end(Sequence s, StopReason reason, @Nullable ModelException failure) {
        double seconds = s.seconds();
        synchronized (lock) {
            running = scheduler.size();
            if (seconds > 0) {
                meanSeconds += (seconds - meanSeconds) / (meanSeconds == 0 ? 1 : AVERAGE_OVER);
            }
        }
        switch (s.conclude(reason)) {
            case FAILED -> failed++;
            case CANCELLED, TIMEOUT -> cancelled++;
            case END, STOP, LENGTH -> completed++;
        }
        stats = snapshot(); // so that whoever hears of the end finds it counted
        s.tellEnd(failure);
    }

    private EngineStats snapshot() {
        synchronized (lock) {
            return scheduler.stats(waiting, requests, refused, completed, cancelled, failed);
        }
    }
}
