package dev.trit.train;

import dev.trit.model.Config;

/**
 * Everything that decides how a training run goes, apart from its data: two runs of one recipe on one data set take the
 * same steps.
 *
 * @param model the shape, as the engine reads it
 * @param weights how the linears of the blocks see their latent weights: {@code b1.58}, {@code b1} or {@code full}
 * @param steps optimizer steps in all
 * @param batch sequences per optimizer step, over all processes and micro-batches
 * @param microBatch sequences per forward and backward pass; divides {@code batch}
 * @param sequence tokens of a sequence
 * @param precision how the matrix products of steps round
 * @param schedule {@code two-stage} (linear, b1.58's training tips), {@code cosine} (2B4T's form of it), {@code linear}
 * @param peak learning rate the first stage starts from
 * @param peak2 learning rate that the second stage's line belongs to; equal to {@code peak} in one-stage schedules
 * @param warmup steps of linear warm-up
 * @param weightDecay of the first half; nothing in the second half of {@code two-stage} and {@code cosine}
 * @param beta1 AdamW
 * @param beta2 AdamW
 * @param adamEps AdamW
 * @param clip largest norm of the gradient; 0: not clipped
 * @param initStd standard deviation of initial weights; residual outputs are divided by sqrt(2 layers)
 * @param seed of the initial weights and of the order of the data
 */
public record Recipe(
        Config model,
        String weights,
        int steps,
        int batch,
        int microBatch,
        int sequence,
        Precision precision,
        String schedule,
        double peak,
        double peak2,
        int warmup,
        double weightDecay,
        double beta1,
        double beta2,
        double adamEps,
        double clip,
        double initStd,
        long seed) {

    /** @throws TrainException naming the field that is out of range */
    public Recipe {
        require(steps > 0, "steps", "at least 1", steps);
        require(microBatch > 0, "microBatch", "at least 1", microBatch);
        require(batch > 0 && batch % microBatch == 0, "batch", "a multiple of microBatch " + microBatch, batch);
        require(
                sequence > 1 && sequence <= model.contextLength(),
                "sequence",
                "2 ... " + model.contextLength(),
                sequence);
        require(peak > 0 && peak < 1, "peak", "between 0 and 1", peak);
        require(peak2 > 0 && peak2 <= 1, "peak2", "between 0 and 1", peak2);
        require(warmup >= 0 && warmup <= steps, "warmup", "0 ... " + steps, warmup);
        require(weightDecay >= 0 && weightDecay < 1, "weightDecay", "0 ... 1", weightDecay);
        require(beta1 >= 0 && beta1 < 1, "beta1", "0 ... 1", beta1);
        require(beta2 >= 0 && beta2 < 1, "beta2", "0 ... 1", beta2);
        require(adamEps > 0, "adamEps", "above 0", adamEps);
        require(clip >= 0, "clip", "at least 0", clip);
        require(initStd > 0, "initStd", "above 0", initStd);
    }

    /** Tokens that one optimizer step sees. */
    public long tokensPerStep() {
        return (long) batch * sequence;
    }

    private static void require(boolean holds, String field, String expected, Number got) {
        if (!holds) {
            throw new TrainException("recipe: %s must be %s, got %s".formatted(field, expected, got));
        }
    }
}
