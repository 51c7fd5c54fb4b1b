package dev.trit.serve;

import java.time.Duration;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;

/** Interrupts the thread that made it unless it is closed in time: what a slow client's connection is ended by. */
final class Deadline implements AutoCloseable {
    private static final ScheduledThreadPoolExecutor CLOCK = new ScheduledThreadPoolExecutor(
            1, Thread.ofPlatform().daemon().name("trit-deadlines").factory());

    static {
        CLOCK.setRemoveOnCancelPolicy(true); // or requests that were quick would be remembered for a while
    }

    private final Thread thread = Thread.currentThread();
    private final Future<?> alarm;
    private boolean passed;
    private boolean closed;

    Deadline(Duration patience) {
        alarm = CLOCK.schedule(this::ring, patience.toNanos(), TimeUnit.NANOSECONDS);
    }

    private synchronized void ring() {
        if (!closed) {
            passed = true;
            thread.interrupt();
        }
    }

    synchronized boolean passed() {
        return passed;
    }

    /** To be called by the same thread, which is then no longer interrupted. */
    @Override
    public synchronized void close() {
        closed = true;
        alarm.cancel(false);
        if (passed) {
            Thread.interrupted(); // it was meant for what is over now
        }
    }
}
