package dev.trit.train;

import dev.trit.train.torch.Scope;
import dev.trit.train.torch.Tensor;
import dev.trit.train.torch.Torch;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/**
 * A training run: steps, validation, checkpoints. The same recipe on the same tokens with the same number of threads takes
 * the same steps to the bit, whether it ran through or was stopped and resumed.
 */
public final class Trainer implements AutoCloseable {
    /**
     * What to do between steps; 0 turns a habit off.
     *
     * @param checkpointEvery steps between checkpoints; one is always written at the end
     * @param validateEvery steps between looks at the held-out tokens
     * @param validationTokens held-out tokens looked at, from their beginning
     * @param codesEvery steps between reports of the quantized codes
     * @param threads micro-batches that run side by side, each on one core; another number rounds gradients otherwise
     */
    public record Habits(int checkpointEvery, int validateEvery, long validationTokens, int codesEvery, int threads) {
        public static final Habits DEFAULT =
                new Habits(500, 250, 65_536, 100, Runtime.getRuntime().availableProcessors());
    }

    private final Recipe recipe;
    private final Habits habits;
    private final TokenSource data;
    private final String dataId;
    private final @Nullable TokenSource heldOut;
    private final double bytesPerToken; // of the held-out text; NaN: not known
    private final CheckpointStore store;
    private final Map<String, byte[]> extras;
    private final Replicas replicas;
    private final List<TrainingListener> listeners;
    private final TrainableTransformer model;
    private final Workers workers;
    private final AdamW optimizer;
    private final Schedule schedule;
    private final WindowOrder order;
    private final List<Tensor> lastCodes = new ArrayList<>();
    private int step; // done
    private long tokens; // seen
    private @Nullable Path lastCheckpoint;

    /**
     * @param dataId what {@code data} is called, kept in checkpoints
     * @param heldOut tokens to validate on
     * @param bytesPerToken of the held-out text, NaN where not known
     * @param extras files for every checkpoint, name to content
     * @throws TrainException if the data do not fit the recipe
     */
    public Trainer(
            Recipe recipe,
            Habits habits,
            TokenSource data,
            String dataId,
            @Nullable TokenSource heldOut,
            double bytesPerToken,
            CheckpointStore store,
            Map<String, byte[]> extras,
            Replicas replicas,
            List<TrainingListener> listeners) {
        if (data.vocab() > recipe.model().vocab()) {
            throw new TrainException("the data have %d token ids, the model %d"
                    .formatted(data.vocab(), recipe.model().vocab()));
        }
        long windows = (data.tokens() - 1) / recipe.sequence();
        if (windows < 1) {
            throw new TrainException("the data have %d tokens: fewer than one sequence of %d"
                    .formatted(data.tokens(), recipe.sequence()));
        }
        if (recipe.batch() % (recipe.microBatch() * replicas.count()) != 0) {
            throw new TrainException("a batch of %d sequences cannot be shared by %d processes in micro-batches of %d"
                    .formatted(recipe.batch(), replicas.count(), recipe.microBatch()));
        }
        this.recipe = recipe;
        this.habits = habits;
        this.data = data;
        this.dataId = dataId;
        this.heldOut = heldOut;
        this.bytesPerToken = bytesPerToken;
        this.store = store;
        this.extras = Map.copyOf(extras);
        this.replicas = replicas;
        this.listeners = List.copyOf(listeners);
        this.model = new TrainableTransformer(recipe);
        this.workers = new Workers(recipe, model, habits.threads());
        this.optimizer = new AdamW(model.parameters(), recipe.beta1(), recipe.beta2(), recipe.adamEps());
        this.schedule = Schedule.of(recipe);
        this.order = new WindowOrder(windows, recipe.seed());
    }

    public TrainableTransformer model() {
        return model;
    }

    /** Optimizer steps done. */
    public int step() {
        return step;
    }

    /**
     * Goes on from a checkpoint.
     *
     * @throws TrainException if it belongs to another recipe or other data
     */
    public void resume(Path checkpoint) {
        TrainingState state = CheckpointStore.load(checkpoint, recipe, optimizer);
        if (!state.data().equals(dataId)) {
            throw new TrainException("%s was trained on %s, the data here are %s: resume with the same data"
                    .formatted(checkpoint, state.data(), dataId));
        }
        step = state.step();
        tokens = state.tokens();
        lastCheckpoint = checkpoint;
    }

    /**
     * Trains to the end of the recipe, or until {@code stop} says so between two steps; writes a checkpoint in both cases.
     *
     * @return whether the recipe's last step was reached
     * @throws TrainException when the loss is no longer a number; names the last good checkpoint
     */
    public boolean run(BooleanSupplier stop) {
        int from = step;
        long parameters = model.parameterCount();
        double flops = model.flopsPerToken(recipe.sequence());
        listeners.forEach(l -> l.started(recipe, from, parameters, flops));
        try {
            while (step < recipe.steps() && !replicas.any(stop.getAsBoolean())) {
                TrainingListener.Step taken = takeStep();
                listeners.forEach(l -> l.stepped(taken));
                if (due(habits.codesEvery())) {
                    List<TrainingListener.Codes> codes = codes();
                    listeners.forEach(l -> l.codes(step, codes));
                }
                if (due(habits.validateEvery()) || step == recipe.steps()) {
                    validate();
                }
                if (due(habits.checkpointEvery())) {
                    checkpoint();
                }
            }
            checkpoint();
        } catch (ReplicaLostException e) {
            checkpoint(); // the weights are those after the last whole step
            ended(e);
            throw new TrainException(
                    e.getMessage() + "; stopped after step %d, to be resumed from %s".formatted(step, lastCheckpoint),
                    e);
        } catch (RuntimeException e) {
            ended(e);
            throw e;
        }
        boolean finished = step == recipe.steps();
        listeners.forEach(l -> l.ended(step, finished ? "finished" : "stopped"));
        return finished;
    }

    /** A full disk that ended the run fails the listeners as well; the first failure is the one to read. */
    private void ended(RuntimeException e) {
        for (TrainingListener listener : listeners) {
            try {
                listener.ended(step, String.valueOf(e.getMessage()));
            } catch (RuntimeException late) {
                e.addSuppressed(late);
            }
        }
    }

    private boolean due(int every) {
        return every > 0 && step % every == 0;
    }

    /** One optimizer step: forward and backward over micro-batches, mean of the gradients, clip, AdamW. */
    TrainingListener.Step takeStep() {
        long began = System.nanoTime();
        int share = recipe.batch() / replicas.count();
        int micros = share / recipe.microBatch();
        long first = (long) step * recipe.batch() + (long) replicas.rank() * share;
        double sum = workers.run(micros, (replica, micro) -> {
            Tensor loss = replica.loss(sequences(first + (long) micro * recipe.microBatch()), recipe.precision())
                    .mul(1.0 / micros);
            loss.backward();
            return loss.item();
        });
        workers.gatherGradients();
        double loss = replicas.average(sum);
        replicas.averageGradients(model.parameters());
        double norm = optimizer.clip(recipe.clip());
        if (!Double.isFinite(loss) || !Double.isFinite(norm)) {
            throw new TrainException(
                    "step %d: the loss is %s and the gradient's norm %s: training has diverged. The last good checkpoint is %s; lower peak (%s) or clip (%s)."
                            .formatted(
                                    step + 1,
                                    loss,
                                    norm,
                                    lastCheckpoint == null ? "none" : lastCheckpoint,
                                    recipe.peak(),
                                    recipe.clip()));
        }
        double rate = schedule.learningRate(step);
        double decay = schedule.weightDecay(step);
        optimizer.step(rate, decay);
        step++;
        tokens += recipe.tokensPerStep();
        return new TrainingListener.Step(step, loss, norm, rate, decay, tokens, (System.nanoTime() - began) * 1e-9);
    }

    /** The micro-batch that starts with the sequence at place {@code first} of the order: [microBatch, sequence + 1]. */
    private Tensor sequences(long first) {
        int length = recipe.sequence() + 1;
        int[] ids = new int[recipe.microBatch() * length];
        for (int i = 0; i < recipe.microBatch(); i++) {
            data.read(order.window(first + i) * recipe.sequence(), ids, i * length, length);
        }
        return tensor(ids, recipe.microBatch(), length);
    }

    private static Tensor tensor(int[] ids, int rows, int cols) {
        long[] wide = new long[ids.length];
        for (int i = 0; i < ids.length; i++) {
            wide[i] = ids[i];
        }
        return Tensor.of(wide, rows, cols);
    }

    /** Mean loss over the first held-out tokens, in windows of a sequence. */
    private void validate() {
        TokenSource source = heldOut;
        if (source == null || replicas.rank() > 0) {
            return;
        }
        int length = recipe.sequence() + 1;
        long windows = Math.min(habits.validationTokens(), source.tokens() - 1) / recipe.sequence();
        int micros = Math.toIntExact((windows + recipe.microBatch() - 1) / recipe.microBatch());
        double sum = workers.run(micros, (replica, micro) -> {
            long w = (long) micro * recipe.microBatch();
            int rows = (int) Math.min(recipe.microBatch(), windows - w);
            int[] ids = new int[rows * length];
            for (int i = 0; i < rows; i++) {
                source.read((w + i) * recipe.sequence(), ids, i * length, length);
            }
            return rows
                    * Torch.noGrad(() -> replica.loss(tensor(ids, rows, length), Precision.F32)
                            .item());
        });
        double loss = sum / windows;
        var seen = new TrainingListener.Validation(step, loss, loss / Math.log(2) / bytesPerToken);
        listeners.forEach(l -> l.validated(seen));
    }

    /** Shares of the codes of every quantized matrix, and how many changed since the last call. */
    private List<TrainingListener.Codes> codes() {
        List<TrainingListener.Codes> all = new ArrayList<>();
        boolean first = lastCodes.isEmpty();
        int i = 0;
        for (Parameter p : model.parameters()) {
            WeightQuantizer quantizer = p.quantizer();
            if (quantizer == null) {
                continue;
            }
            try (Scope scope = new Scope()) {
                Tensor codes = Torch.noGrad(() -> quantizer.codes(p.latent()).codes());
                double minus = codes.equal(-1).mean().item();
                double plus = codes.equal(1).mean().item();
                double flips =
                        first ? 0 : 1 - codes.equal(lastCodes.get(i)).mean().item();
                all.add(new TrainingListener.Codes(p.name(), minus, 1 - minus - plus, plus, flips));
                if (first) {
                    lastCodes.add(codes.retain());
                } else {
                    lastCodes.get(i).copy_(codes);
                }
            }
            i++;
        }
        return all;
    }

    private void checkpoint() {
        if (replicas.rank() == 0) {
            Path saved = store.save(new TrainingState(step, tokens, dataId), recipe, optimizer, extras);
            lastCheckpoint = saved;
            listeners.forEach(l -> l.checkpointed(step, saved));
        }
    }

    @Override
    public void close() {
        lastCodes.forEach(Tensor::close);
        workers.close();
        optimizer.close();
        model.close();
    }
}
