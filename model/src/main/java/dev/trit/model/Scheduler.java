package dev.trit.model;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * Decides, step by step, which tokens run through the model together: the next token of every text, and as much of the
 * prompts as does not keep the texts waiting. Older sequences come first, in prompts and in memory: where pages run out,
 * the youngest gives its own back, to be computed again later; that changes no bit of it. One thread.
 */
final class Scheduler {
    /** Hears of sequences that are over. */
    interface Ending {
        /** @param reason why, unless the sequence has a reason already */
        void end(Sequence sequence, StopReason reason, @Nullable ModelException failure);
    }

    private final Model model;
    private final EngineOptions options;
    private final KvPool pool;
    private final PrefixCache known;
    private final Ending ending;
    private final Transformer transformer;
    private final Chooser chooser;
    private final Batch batch = new Batch();
    private final List<Sequence> active = new ArrayList<>(); // oldest first
    private final List<Sequence> paused = new ArrayList<>(); // likewise; without memory
    private final List<Sequence> choosing = new ArrayList<>(); // of this step: those whose next token is wanted

    private int lastBatch;
    private long preempted;
    private long promptTokens;
    private long cachedTokens;
    private long generatedTokens;
    private long steps;
    private long stepTokens;
    private long busyNanos;

    Scheduler(Model model, EngineOptions options, int contextLength, KvPool pool, Ending ending) {
        this.model = model;
        this.options = options;
        this.pool = pool;
        this.known = new PrefixCache(pool);
        this.ending = ending;
        this.transformer = new Transformer(model.config(), model.weights(), model.kernels(), model.team());
        this.chooser = new Chooser(model, transformer, contextLength, options.parallel());
    }

    /** Sequences here. */
    int size() {
        return active.size() + paused.size();
    }

    /** Whether a new sequence can begin. */
    boolean fits(Sequence s) {
        return size() == 0 || (paused.isEmpty() && active.size() < options.parallel() && hasMemory(s));
    }

    void add(Sequence s) {
        active.add(s);
    }

    /** Takes all sequences out, without ending them. */
    List<Sequence> removeAll() {
        List<Sequence> all = new ArrayList<>(active);
        all.addAll(paused);
        active.clear();
        paused.clear();
        all.forEach(s -> s.cache.clear());
        return all;
    }

    /** One pass over the weights, and the next token of everyone whose turn it is. */
    void step() {
        long start = System.nanoTime();
        endIf(s -> s.completion.cancelled(), StopReason.CANCELLED);
        endIf(Sequence::late, StopReason.TIMEOUT);
        resume();
        compose();
        lastBatch = batch.size();
        if (lastBatch == 0) {
            return;
        }
        steps++;
        stepTokens += lastBatch;
        List<Sequence> here = active.stream().filter(s -> s.row >= 0).toList();
        try {
            compute(here);
        } catch (RuntimeException | Error e) { // whatever it is, the other requests must go on
            ModelException failure =
                    e instanceof ModelException m ? m : new ModelException("computing failed: " + e, e);
            here.forEach(s -> remove(s, StopReason.FAILED, failure));
        }
        batch.clear();
        active.forEach(s -> s.row = -1);
        busyNanos += System.nanoTime() - start;
    }

    // Who computes what.

    private void endIf(Predicate<Sequence> condition, StopReason reason) {
        for (Sequence s : active.stream().filter(condition).toList()) {
            remove(s, reason, null);
        }
        for (Sequence s : paused.stream().filter(condition).toList()) {
            remove(s, reason, null);
        }
    }

    /** Ends a sequence; what it has computed stays known, if it is sound. */
    private void remove(Sequence s, StopReason reason, @Nullable ModelException failure) {
        if (failure == null) {
            s.publish(known);
        }
        s.cache.clear();
        active.remove(s);
        paused.remove(s);
        ending.end(s, reason, failure);
    }

    private void resume() {
        while (!paused.isEmpty()) {
            Sequence oldest = paused.getFirst();
            boolean stuck = active.stream().allMatch(Sequence::waits);
            if (!stuck && (active.size() >= options.parallel() || !hasMemory(oldest))) {
                return;
            }
            paused.remove(oldest);
            active.add(oldest);
            active.sort(Comparator.comparingLong(Sequence::submitted));
        }
    }

    /** Whether it could run beside the others, and everyone could fill a page more. */
    private boolean hasMemory(Sequence s) {
        int wanted = s.need(known) + active.size() + 1;
        for (Sequence other : active) {
            wanted += other.cache.missing(other.cache.length() + other.pending());
        }
        return wanted <= pool.available() + known.idle();
    }

    private void compose() {
        boolean streaming = active.stream().anyMatch(Sequence::decoding);
        int budget = streaming ? options.promptTokensPerStep() : Session.CHUNK; // of prompt tokens
        for (int i = 0; i < active.size(); i++) { // whoever gives memory back is younger, so comes later
            Sequence s = active.get(i);
            if (s.waits() || (budget == 0 && !s.decoding())) {
                continue;
            }
            try {
                s.attach(known, model);
            } catch (RuntimeException e) {
                ModelException failure =
                        e instanceof ModelException m ? m : new ModelException("cannot begin: " + e, e);
                remove(s, StopReason.FAILED, failure);
                i--;
                continue;
            }
            boolean prompt = !s.decoding();
            int n = prompt ? Math.min(budget, s.pending()) : 1;
            if (!reserve(s, s.cache.length() + n)) {
                return;
            }
            s.compute(batch, n);
            budget -= prompt ? n : 0;
        }
    }

    /** Makes room for it, at the cost of what is only remembered, then of the youngest; false if that is itself. */
    private boolean reserve(Sequence s, int positions) {
        while (pool.available() < s.cache.missing(positions)) {
            if (!known.evict()) {
                Sequence youngest = active.removeLast();
                youngest.pause(known);
                paused.add(youngest);
                paused.sort(Comparator.comparingLong(Sequence::submitted));
                preempted++;
                if (youngest == s) {
                    return false;
                }
            }
        }
        s.cache.reserve(positions);
        return true;
    }

    // The computing.

    private void compute(List<Sequence> here) {
        transformer.forward(batch);
        choosing.clear();
        for (Sequence s : here) {
            if (s.request.promptLogprobs() && s.leader == s && !s.promptRead()) {
                chooser.score(s);
            }
            if (s.pending() > 0) {
                continue;
            }
            if (!s.promptRead()) {
                readPrompt(s);
            }
            if (!s.request.scoreOnly()) {
                choosing.add(s);
            }
        }
        chooser.choose(choosing);
        generatedTokens += choosing.size();
        for (Sequence s : here) {
            finish(s);
        }
    }

    private void readPrompt(Sequence s) {
        int cached = s.tellPromptRead();
        if (s.choice == 0) {
            promptTokens += s.promptLength;
            cachedTokens += cached;
        }
        s.publish(known);
    }

    private void finish(Sequence s) {
        Token token = s.chosen;
        s.chosen = null;
        if (s.failure != null) {
            remove(s, StopReason.FAILED, s.failure);
        } else if (token != null && s.accept(token)) {
            remove(s, StopReason.CANCELLED, null);
        } else if (s.promptRead() && s.request.scoreOnly()) {
            remove(s, StopReason.LENGTH, null);
        } else if (s.cache.length() / KvPool.PAGE > (s.cache.length() - s.rows) / KvPool.PAGE) {
            s.publish(known);
        }
    }

    EngineStats stats(int queued, long requests, long refused, long completed, long cancelled, long failed) {
        long page = pool.pageBytes();
        int idle = known.idle();
        return new EngineStats(
                queued,
                size(),
                size() == 0 ? 0 : lastBatch,
                requests,
                refused,
                completed,
                cancelled,
                failed,
                preempted,
                promptTokens,
                cachedTokens,
                generatedTokens,
                steps,
                stepTokens,
                busyNanos * 1e-9,
                (pool.held() - idle) * page,
                idle * page,
                pool.limit() * page);
    }
}
