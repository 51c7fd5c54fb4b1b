package dev.trit.model;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** One choice of a {@link Completion} inside the {@link Engine}; belongs to the engine's thread. */
final class Sequence {
    final Completion completion;
    final int choice;
    final int[] prompt;
    final long submitted = System.nanoTime();
    final long deadline; // System.nanoTime, or Long.MAX_VALUE from submission for none
    final Session session;
    final Continuation text;
    final List<Token> scored = new ArrayList<>();
    int read; // prompt tokens computed
    int cached;
    long began;
    long firstToken;

    Sequence(Completion completion, int choice, Session session) {
        Request request = completion.request();
        this.completion = completion;
        this.choice = choice;
        this.prompt = request.prompt();
        this.session = session;
        this.deadline = request.timeLimit() == null
                ? Long.MAX_VALUE
                : request.timeLimit().toNanos();
        Sampling sampling = request.sampling();
        this.text = new Continuation(
                session.model(), sampling.withSeed(sampling.seed() + choice), prompt, request.constraint());
    }

    boolean late() {
        return System.nanoTime() - submitted > deadline;
    }

    /** Reports its end. */
    void end(@Nullable ModelException failure) {
        long now = System.nanoTime();
        double promptSeconds = began == 0 ? 0 : ((firstToken == 0 ? now : firstToken) - began) * 1e-9;
        double completionSeconds = firstToken == 0 ? 0 : (now - firstToken) * 1e-9;
        completion.add(
                new Event.Ended(choice, text.result(prompt.length, cached, promptSeconds, completionSeconds), failure));
    }
}
