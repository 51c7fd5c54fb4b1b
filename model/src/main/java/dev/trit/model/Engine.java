package dev.trit.model;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Serves many requests with one model at once. A thread of its own takes them from a fair queue and computes; requests
 * join and leave between tokens. The model stays the caller's: close the engine first.
 */
public final class Engine implements AutoCloseable {
    private final Model model;
    private final EngineOptions options;
    private final int contextLength;
    private final Object lock = new Object();
    private final FairQueue<Sequence> queue = new FairQueue<>(); // guarded by lock
    private final List<Sequence> active = new ArrayList<>();
    private final Thread thread;
    private volatile EngineStats stats;
    private boolean closing; // guarded by lock
    private long requests;
    private long refused;
    private long completed;
    private long cancelled;
    private long failed;
    private long promptTokens;
    private long generatedTokens;
    private long steps;

    /** Starts the engine. */
    public Engine(Model model, EngineOptions options) {
        this.model = model;
        this.options = options;
        this.contextLength = options.contextLength() > 0
                ? options.contextLength()
                : model.session().contextLength();
        this.stats = snapshot();
        thread = new Thread(this::work, "trit-engine");
        thread.setDaemon(true);
        thread.start();
    }

    public Model model() {
        return model;
    }

    /** Positions of a sequence, prompt and answer together. */
    public int contextLength() {
        return contextLength;
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
        List<Sequence> sequences = new ArrayList<>();
        for (int i = 0; i < request.choices(); i++) {
            sequences.add(new Sequence(completion, i, model.session(contextLength)));
        }
        synchronized (lock) {
            if (closing) {
                throw new BusyException("the engine is being shut down", true, Duration.ofSeconds(1));
            }
            if (queue.size() >= options.maxQueue() + options.parallel()) {
                refused++;
                throw new BusyException(
                        "%d requests are waiting already".formatted(queue.size()), false, Duration.ofSeconds(1));
            }
            requests++;
            sequences.forEach(s -> queue.add(request.client(), s));
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
    }

    /** What is going on. */
    public EngineStats stats() {
        return stats;
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
            queue.takeIf(s -> true).forEach(s -> end(s, StopReason.CANCELLED, null));
            lock.notifyAll();
        }
        thread.interrupt();
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

    private void work() {
        while (admit()) {
            for (Iterator<Sequence> i = active.iterator(); i.hasNext(); ) {
                Sequence s = i.next();
                if (step(s)) {
                    i.remove();
                    s.session.close();
                }
            }
            stats = snapshot();
        }
        active.forEach(s -> end(s, StopReason.CANCELLED, null));
        active.clear();
        stats = snapshot();
    }

    /** Waits for work and takes what fits; false when there is to be none any more. */
    private boolean admit() {
        synchronized (lock) {
            while (true) {
                queue.takeIf(s -> s.completion.cancelled()).forEach(s -> end(s, StopReason.CANCELLED, null));
                while (active.size() < options.parallel() && queue.size() > 0) {
                    active.add(queue.take());
                }
                if (Thread.interrupted() || (closing && active.isEmpty())) {
                    return false;
                }
                if (!active.isEmpty()) {
                    return true;
                }
                try {
                    lock.wait();
                } catch (InterruptedException e) {
                    return false;
                }
            }
        }
    }

    /** One chunk of the prompt or one token; true if it ended. */
    private boolean step(Sequence s) {
        try {
            if (s.completion.cancelled()) {
                return end(s, StopReason.CANCELLED, null);
            }
            if (s.late()) {
                return end(s, StopReason.TIMEOUT, null);
            }
            steps++;
            if (s.firstToken == 0) {
                return readPrompt(s);
            }
            return choose(s, s.session.append(s.text.lastId()));
        } catch (ModelException e) {
            return end(s, StopReason.FAILED, e);
        }
    }

    private boolean readPrompt(Sequence s) {
        Request request = s.completion.request();
        if (s.began == 0) {
            s.began = System.nanoTime();
        }
        if (request.promptLogprobs()) {
            score(s, request);
            s.read = s.prompt.length;
        } else {
            int to = Math.min(s.read + options.promptTokensPerStep(), s.prompt.length);
            s.session.feed(s.prompt, s.read, to);
            s.read = to;
        }
        if (s.read < s.prompt.length) {
            return false;
        }
        s.firstToken = System.nanoTime();
        if (s.choice == 0) {
            promptTokens += s.prompt.length;
            s.completion.add(new Event.PromptRead(
                    s.prompt.length,
                    s.cached,
                    (s.began - s.submitted) * 1e-9,
                    (s.firstToken - s.began) * 1e-9,
                    s.scored));
        }
        return request.scoreOnly() ? end(s, StopReason.LENGTH, null) : choose(s, s.session.last());
    }

    private void score(Sequence s, Request request) {
        int top = Math.max(0, request.sampling().logprobs());
        s.scored.add(new Token(s.prompt[0], piece(s.prompt[0]), Double.NaN, List.of()));
        s.session.append(s.prompt, 0, (i, logits) -> {
            if (i + 1 < s.prompt.length) {
                s.scored.add(Logprob.token(s.prompt[i + 1], piece(s.prompt[i + 1]), logits, top));
            }
        });
    }

    private String piece(int id) {
        return model.tokenizer().decode(new int[] {id}, true);
    }

    private boolean choose(Sequence s, float[] logits) {
        Token token = s.text.choose(logits, s.session.remaining() + 1);
        generatedTokens++;
        s.completion.add(new Event.TokenChosen(s.choice, token));
        return s.text.stopReason() != null && end(s, StopReason.CANCELLED, null);
    }

    /** Ends a sequence, for that reason unless it has one already. */
    private boolean end(Sequence s, StopReason reason, @Nullable ModelException failure) {
        s.text.stop(reason);
        StopReason why = s.text.stopReason();
        if (why == StopReason.FAILED) {
            failed++;
        } else if (why == StopReason.CANCELLED || why == StopReason.TIMEOUT) {
            cancelled++;
        } else {
            completed++;
        }
        s.end(failure);
        return true;
    }

    private EngineStats snapshot() {
        long used = active.stream().mapToLong(s -> s.session.cacheBytes()).sum();
        int queued;
        synchronized (lock) {
            queued = queue.size();
        }
        return new EngineStats(
                queued,
                active.size(),
                active.size(),
                requests,
                refused,
                completed,
                cancelled,
                failed,
                0,
                promptTokens,
                0,
                generatedTokens,
                steps,
                steps,
                0,
                used,
                0,
                options.kvBudgetBytes());
    }
}
