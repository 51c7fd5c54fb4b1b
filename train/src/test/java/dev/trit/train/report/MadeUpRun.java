package dev.trit.train.report;

import dev.trit.train.Recipe;
import dev.trit.train.RecipeDraft;
import dev.trit.train.RecipeField;
import dev.trit.train.TrainingListener;
import java.nio.file.Path;
import java.util.List;

/** Tells a listener of steps that nobody took. */
final class MadeUpRun {
    private MadeUpRun() {}

    static Recipe recipe(String size) {
        return new RecipeDraft().set(RecipeField.SIZE, "test", size).resolve(4096);
    }

    /** Steps {@code from + 1 ... to}: validation every 10th, codes every 5th, a sample and a checkpoint every 20th. */
    static void tell(TrainingListener listener, Recipe recipe, int from, int to, double offset) {
        listener.started(recipe, from, 5_000_000, 3e7);
        for (int s = from + 1; s <= to; s++) {
            double loss = 8 * Math.pow(s, -0.2) + offset + 0.05 * Math.sin(s * 7.1);
            listener.stepped(
                    new TrainingListener.Step(s, loss, 1 + 1.0 / s, 3e-3 * (1 - s / 200.0), 0.1, s * 8192L, 0.5));
            if (s % 5 == 0) {
                listener.codes(
                        s,
                        List.of(
                                new TrainingListener.Codes(
                                        "model.layers.0.self_attn.q_proj.weight", .3, .4, .3, 1.0 / s),
                                new TrainingListener.Codes(
                                        "model.layers.1.mlp.down_proj.weight", .35, .3, .35, .5 / s)));
            }
            if (s % 10 == 0) {
                listener.validated(new TrainingListener.Validation(s, loss + 0.1, (loss + 0.1) / 2.9));
            }
            if (s % 20 == 0) {
                listener.sampled(s, "Once <upon>", " a time & \"then\"\nnothing");
                listener.checkpointed(s, Path.of("step-%08d".formatted(s)));
            }
        }
        listener.ended(to, "stopped");
    }
}
