package dev.trit.train.cli;

import dev.trit.model.Sampler;
import dev.trit.model.Sampling;
import dev.trit.text.Tokenizer;
import dev.trit.train.TrainableTransformer;
import dev.trit.train.TrainingListener;
import dev.trit.train.torch.Scope;
import dev.trit.train.torch.Tensor;
import dev.trit.train.torch.Torch;
import java.util.Arrays;
import java.util.List;
import java.util.function.Supplier;

/**
 * Lets the model in training continue prompts, every so many steps, through its own forward pass. The sampler is seeded, so
 * the texts change only as the model does.
 */
final class Samples implements TrainingListener {
    private static final int TOKENS = 60;
    private static final long SEED = 1;

    private final int every;
    private final List<String> prompts;
    private final Tokenizer tokenizer;
    private final Supplier<TrainableTransformer> model;
    private final List<TrainingListener> listeners;

    /** @param listeners are told of each text */
    Samples(
            int every,
            List<String> prompts,
            Tokenizer tokenizer,
            Supplier<TrainableTransformer> model,
            List<TrainingListener> listeners) {
        this.every = every;
        this.prompts = prompts;
        this.tokenizer = tokenizer;
        this.model = model;
        this.listeners = listeners;
    }

    @Override
    public void stepped(Step s) {
        if (s.step() % every == 0) {
            for (String prompt : prompts) {
                String text = continuation(prompt);
                listeners.forEach(l -> l.sampled(s.step(), prompt, text));
            }
        }
    }

    /** Some tokens after {@code prompt}, at temperature 0.7, as the engine samples. */
    String continuation(String prompt) {
        int[] ids = tokenizer.encode(prompt, true, false);
        if (ids.length == 0) {
            ids = new int[] {Math.max(0, tokenizer.bos() >= 0 ? tokenizer.bos() : tokenizer.eos())};
        }
        int given = ids.length;
        int vocab = model.get().config().vocab();
        Sampler sampler = new Sampler(Sampling.defaults().withTemperature(0.7f).withSeed(SEED), vocab);
        sampler.accept(ids);
        while (ids.length < given + TOKENS) {
            int next = sampler.sample(logits(ids, vocab));
            if (tokenizer.isEndOfGeneration(next) || next >= tokenizer.vocabularySize()) {
                break;
            }
            sampler.accept(next);
            ids = Arrays.copyOf(ids, ids.length + 1);
            ids[ids.length - 1] = next;
        }
        return tokenizer.decode(Arrays.copyOfRange(ids, given, ids.length));
    }

    /** Of the token after {@code ids}, seen as far back as the context reaches: [vocab]. */
    private float[] logits(int[] ids, int vocab) {
        int context = model.get().config().contextLength();
        int from = Math.max(0, ids.length - context);
        long[] seen = Arrays.stream(ids, from, ids.length).asLongStream().toArray();
        try (Scope scope = new Scope()) {
            return Torch.noGrad(() -> model.get()
                    .logits(Tensor.of(seen, 1, seen.length))
                    .narrow(1, seen.length - 1, 1)
                    .reshape(vocab)
                    .toFloats());
        }
    }
}
