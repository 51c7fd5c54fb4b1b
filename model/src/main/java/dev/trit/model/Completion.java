package dev.trit.model;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * A request that an {@link Engine} has taken, and what comes of it. Events are read by one thread (a virtual one will do);
 * an engine never waits for its readers.
 */
public final class Completion implements AutoCloseable {
    private final Request request;
    private final BlockingQueue<Event> events = new LinkedBlockingQueue<>();
    private final Runnable wake;
    private volatile boolean cancelled;
    private int ended; // choices whose end has been read

    /** @param wake tells the engine that something has been cancelled */
    Completion(Request request, Runnable wake) {
        this.request = request;
        this.wake = wake;
    }

    public Request request() {
        return request;
    }

    /** The next event, as soon as there is one; null when all choices have ended. */
    public @Nullable Event next() throws InterruptedException {
        return finished() ? null : taken(events.take());
    }

    /** The same, but null also when nothing has happened for {@code timeout}; {@link #finished} tells which. */
    public @Nullable Event next(Duration timeout) throws InterruptedException {
        Event event = finished() ? null : events.poll(timeout.toNanos(), TimeUnit.NANOSECONDS);
        return event == null ? null : taken(event);
    }

    /** Whether all events have been read. */
    public boolean finished() {
        return ended == request.choices();
    }

    /**
     * Reads all events that are left.
     *
     * @return what every choice gave, in order; those whose end was read before are absent
     * @throws ModelException if one of them failed
     */
    public List<Generation> await() throws InterruptedException {
        List<Event.Ended> ends = new ArrayList<>();
        for (Event event = next(); event != null; event = next()) {
            if (event instanceof Event.Ended end) {
                ends.add(end);
            }
        }
        ends.sort((a, b) -> Integer.compare(a.choice(), b.choice()));
        for (Event.Ended end : ends) {
            if (end.failure() != null) {
                throw end.failure();
            }
        }
        return ends.stream().map(Event.Ended::generation).toList();
    }

    /** Calls it off, from any thread: every choice that has not ended ends at the next token. */
    public void cancel() {
        cancelled = true;
        wake.run();
    }

    boolean cancelled() {
        return cancelled;
    }

    /** {@link #cancel}, for a try statement; does nothing to what has ended. */
    @Override
    public void close() {
        if (!finished()) {
            cancel();
        }
    }

    void add(Event event) {
        events.add(event);
    }

    private Event taken(Event event) {
        if (event instanceof Event.Ended) {
            ended++;
        }
        return event;
    }
}
