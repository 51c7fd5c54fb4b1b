package dev.trit.train.cli;

import dev.trit.cli.ExitCode;
import dev.trit.cli.Stdio;
import dev.trit.text.Vocabulary;
import dev.trit.train.CheckpointStore;
import dev.trit.train.HfModelConfig;
import dev.trit.train.Recipe;
import dev.trit.train.RecipeYaml;
import dev.trit.train.Replicas;
import dev.trit.train.Trainer;
import dev.trit.train.TrainingListener;
import dev.trit.train.report.MetricsFile;
import dev.trit.train.report.TensorBoard;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/** A trainer with everything that watches it, in a folder. */
final class TrainingRun {
    /**
     * What {@code --json} prints.
     *
     * @param checkpoint the last one
     * @param step optimizer steps done, of {@code steps}
     * @param loss of the last step, nats per token; null if none was taken
     * @param validationLoss of the last look at the held-out tokens; null if there was none
     * @param tokensPerSecond over the steps alone
     */
    record Outcome(
            String checkpoint,
            boolean finished,
            int step,
            int steps,
            long tokens,
            @Nullable Double loss,
            @Nullable Double validationLoss,
            @Nullable Double validationPerplexity,
            @Nullable Double validationBitsPerByte,
            @Nullable Double tokensPerSecond) {}

    private final Stdio stdio;
    private final RunFolder folder;
    private final Recipe recipe;
    private final Trainer.Habits habits;
    private final int keep;
    private final TrainingData data;
    private final Replicas replicas;
    private ExitCode exitCode = ExitCode.OK;

    /**
     * @param keep newest checkpoints that are kept
     * @param replicas the processes that train together; only the first of them is watched
     */
    TrainingRun(
            Stdio stdio,
            RunFolder folder,
            Recipe recipe,
            Trainer.Habits habits,
            int keep,
            TrainingData data,
            Replicas replicas) {
        this.stdio = stdio;
        this.folder = folder;
        this.recipe = recipe;
        this.habits = habits;
        this.keep = keep;
        this.data = data;
        this.replicas = replicas;
    }

    /** OK, or which signal stopped it. */
    ExitCode exitCode() {
        return exitCode;
    }

    /**
     * Trains from the newest checkpoint in the folder, or from the beginning, to the end or until a signal.
     *
     * @param until tokens seen, checkpoints before included, after which to stop
     * @param sampleEvery steps between sample texts; 0: none
     */
    Outcome train(long until, int sampleEvery, List<String> samplePrompts) throws IOException {
        CheckpointStore store = new CheckpointStore(folder.checkpoints(), keep);
        Last last = new Last();
        AtomicReference<@Nullable Trainer> trainer = new AtomicReference<>();
        List<TrainingListener> listeners = new ArrayList<>();
        try (StopSignals stop = new StopSignals();
                MetricsFile metrics = new MetricsFile(folder.metrics());
                TensorBoard board = new TensorBoard(folder.tensorBoard())) {
            listeners.add(last);
            if (replicas.rank() == 0) {
                double peak = replicas.count() * GemmPeak.measure(habits.threads());
                listeners.addAll(List.of(
                        new ProgressLine(stdio, peak, System::nanoTime), metrics, board, new ReportFile(folder)));
                if (sampleEvery > 0 && data.tokenizer() != null) {
                    listeners.add(new Samples(
                            sampleEvery,
                            samplePrompts,
                            data.tokenizer(),
                            () -> Objects.requireNonNull(trainer.get()).model(),
                            List.copyOf(listeners)));
                }
            }
            try (Trainer made = new Trainer(
                    recipe,
                    habits,
                    data.train(),
                    data.id(),
                    data.heldOut(),
                    data.bytesPerToken(),
                    store,
                    extras(),
                    replicas,
                    listeners)) {
                trainer.set(made);
                if (replicas.rank() == 0) {
                    RunFolder.write(folder.recipe(), RecipeYaml.text(recipe));
                }
                Optional<Path> latest = store.latest();
                latest.ifPresent(made::resume);
                boolean finished = made.run(() -> stop.getAsBoolean() || made.step() * recipe.tokensPerStep() >= until);
                exitCode = finished ? ExitCode.OK : stop.code();
                return last.outcome(finished, made.step());
            }
        }
    }

    /** What makes a checkpoint a model, and what made it. */
    private Map<String, byte[]> extras() {
        Map<String, byte[]> files = new HashMap<>(data.tokenizerFiles());
        Vocabulary vocabulary =
                data.tokenizer() == null ? null : data.tokenizer().vocabulary();
        files.put("config.json", HfModelConfig.json(recipe, vocabulary));
        files.put("recipe.yaml", RecipeYaml.text(recipe).getBytes(StandardCharsets.UTF_8));
        return files;
    }

    /** Remembers the newest of everything. */
    private final class Last implements TrainingListener {
        private @Nullable Step step;
        private @Nullable Validation validation;
        private @Nullable Path checkpoint;
        private long tokens;
        private double seconds;

        @Override
        public void stepped(Step s) {
            step = s;
            tokens += recipe.tokensPerStep();
            seconds += s.seconds();
        }

        @Override
        public void validated(Validation v) {
            validation = v;
        }

        @Override
        public void checkpointed(int at, Path path) {
            checkpoint = path;
        }

        Outcome outcome(boolean finished, int at) {
            return new Outcome(
                    String.valueOf(checkpoint),
                    finished,
                    at,
                    recipe.steps(),
                    at * recipe.tokensPerStep(),
                    step == null ? null : step.loss(),
                    validation == null ? null : validation.loss(),
                    validation == null ? null : validation.perplexity(),
                    validation == null || Double.isNaN(validation.bitsPerByte()) ? null : validation.bitsPerByte(),
                    tokens == 0 ? null : tokens / seconds);
        }
    }
}
