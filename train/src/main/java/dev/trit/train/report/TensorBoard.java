package dev.trit.train.report;

import dev.trit.train.Recipe;
import dev.trit.train.RecipeYaml;
import dev.trit.train.TrainException;
import dev.trit.train.TrainingListener;
import java.io.IOException;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A run as TensorBoard event files, one for each time it is started: {@code tensorboard --logdir RUN}. A resumed run voids
 * what earlier files say of the steps it takes again.
 */
public final class TensorBoard implements TrainingListener, AutoCloseable {
    private final Path folder;
    private final InstantSource clock;
    private @Nullable EventFile out;

    /** @param folder is created */
    public TensorBoard(Path folder) {
        this(folder, InstantSource.system());
    }

    TensorBoard(Path folder, InstantSource clock) {
        this.folder = folder;
        this.clock = clock;
    }

    /** What one line of a call writes. */
    private interface Writing {
        void to(EventFile file) throws IOException;
    }

    @Override
    public void started(Recipe recipe, int firstStep, long parameters, double flopsPerToken) {
        // TensorBoard reads files in the order of their names.
        Path file = folder.resolve("events.out.tfevents.%010d.%03d.%d.trit"
                .formatted(
                        clock.millis() / 1000,
                        clock.millis() % 1000,
                        ProcessHandle.current().pid()));
        try {
            out = new EventFile(file, now());
        } catch (IOException e) {
            throw failed(e);
        }
        write(f -> {
            f.restart(now(), firstStep + 1L);
            f.text(now(), firstStep, "recipe", "```\n" + RecipeYaml.text(recipe) + "```");
            f.flush();
        });
    }

    @Override
    public void stepped(Step s) {
        write(f -> {
            f.scalar(now(), s.step(), "train/loss", s.loss());
            f.scalar(now(), s.step(), "train/gradient_norm", s.gradientNorm());
            f.scalar(now(), s.step(), "train/learning_rate", s.learningRate());
            f.scalar(now(), s.step(), "train/weight_decay", s.weightDecay());
            f.flush();
        });
    }

    @Override
    public void validated(Validation v) {
        write(f -> {
            f.scalar(now(), v.step(), "validation/loss", v.loss());
            f.scalar(now(), v.step(), "validation/perplexity", v.perplexity());
            if (Double.isFinite(v.bitsPerByte())) {
                f.scalar(now(), v.step(), "validation/bits_per_byte", v.bitsPerByte());
            }
            f.flush();
        });
    }

    @Override
    public void codes(int step, List<Codes> codes) {
        write(f -> {
            for (Codes c : codes) {
                f.scalar(now(), step, "codes_zero/" + c.tensor(), c.zero());
                f.scalar(now(), step, "codes_flips/" + c.tensor(), c.flips());
            }
            f.flush();
        });
    }

    @Override
    public void sampled(int step, String prompt, String text) {
        write(f -> {
            f.text(now(), step, "sample/" + prompt, prompt + text);
            f.flush();
        });
    }

    @Override
    public void close() {
        if (out != null) {
            write(EventFile::close);
        }
    }

    private double now() {
        return clock.millis() / 1000.0;
    }

    private void write(Writing writing) {
        if (out == null) {
            throw new IllegalStateException("the run has not started");
        }
        try {
            writing.to(out);
        } catch (IOException e) {
            throw failed(e);
        }
    }

    private TrainException failed(IOException e) {
        return new TrainException("%s: TensorBoard events cannot be written: %s".formatted(folder, e.getMessage()), e);
    }
}
