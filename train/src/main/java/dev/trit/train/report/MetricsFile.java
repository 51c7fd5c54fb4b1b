package dev.trit.train.report;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.annotation.JsonInclude;
import dev.trit.train.Recipe;
import dev.trit.train.RecipeJson;
import dev.trit.train.TrainException;
import dev.trit.train.TrainingListener;
import java.io.BufferedReader;
import java.io.BufferedWriter;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.time.InstantSource;
import java.util.List;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/**
 * Everything that happens in a run as one JSON object per line, names in snake case: {@code event} is start, step,
 * validation, codes, sample, checkpoint or end, {@code step} the optimizer steps done, {@code time} seconds since 1970.
 *
 * <p>A run that resumes takes steps again that it had taken after its last checkpoint. Their lines are removed first, and
 * so is a line that was cut off, so that the file tells one story.
 */
public final class MetricsFile implements TrainingListener, AutoCloseable {
    private static final JsonMapper MAPPER = JsonMapper.builder()
            .changeDefaultPropertyInclusion(v -> v.withValueInclusion(JsonInclude.Include.NON_NULL))
            .build();

    private final Path file;
    private final InstantSource clock;
    private @Nullable BufferedWriter out;

    public MetricsFile(Path file) {
        this(file, InstantSource.system());
    }

    MetricsFile(Path file, InstantSource clock) {
        this.file = file;
        this.clock = clock;
    }

    @Override
    public void started(Recipe recipe, int firstStep, long parameters, double flopsPerToken) {
        try {
            keepUpTo(firstStep);
            out = Files.newBufferedWriter(file, UTF_8, StandardOpenOption.CREATE, StandardOpenOption.APPEND);
        } catch (IOException e) {
            throw failed(e);
        }
        ObjectNode line = line("start", firstStep);
        line.put("parameters", parameters).put("flops_per_token", flopsPerToken);
        line.set("recipe", RecipeJson.write(recipe));
        append(line);
    }

    @Override
    public void stepped(Step s) {
        append(line("step", s.step())
                .put("loss", s.loss())
                .put("gradient_norm", s.gradientNorm())
                .put("learning_rate", s.learningRate())
                .put("weight_decay", s.weightDecay())
                .put("tokens", s.tokens())
                .put("seconds", s.seconds()));
    }

    @Override
    public void validated(Validation v) {
        ObjectNode line = line("validation", v.step()).put("loss", v.loss()).put("perplexity", v.perplexity());
        if (Double.isFinite(v.bitsPerByte())) {
            line.put("bits_per_byte", v.bitsPerByte());
        }
        append(line);
    }

    @Override
    public void codes(int step, List<Codes> codes) {
        ObjectNode line = line("codes", step);
        line.set("codes", MAPPER.valueToTree(codes));
        append(line);
    }

    @Override
    public void sampled(int step, String prompt, String text) {
        append(line("sample", step).put("prompt", prompt).put("text", text));
    }

    @Override
    public void checkpointed(int step, Path checkpoint) {
        append(line("checkpoint", step).put("path", checkpoint.toString()));
    }

    @Override
    public void ended(int step, String reason) {
        append(line("end", step).put("reason", reason));
    }

    @Override
    public void close() {
        if (out != null) {
            try {
                out.close();
            } catch (IOException e) {
                throw failed(e);
            }
        }
    }

    private ObjectNode line(String event, int step) {
        return MAPPER.createObjectNode().put("event", event).put("step", step).put("time", clock.millis() / 1000.0);
    }

    /** Each line reaches the system at once: killing the process loses none. */
    private void append(ObjectNode line) {
        if (out == null) {
            throw new IllegalStateException("the run has not started");
        }
        try {
            out.write(MAPPER.writeValueAsString(line));
            out.write('\n');
            out.flush();
        } catch (IOException e) {
            throw failed(e);
        }
    }

    private void keepUpTo(int lastStep) throws IOException {
        if (!Files.exists(file)) {
            return;
        }
        Path kept = file.resolveSibling(file.getFileName() + ".new");
        try (BufferedReader in = Files.newBufferedReader(file, UTF_8);
                BufferedWriter to = Files.newBufferedWriter(kept, UTF_8)) {
            for (String line = in.readLine(); line != null; line = in.readLine()) {
                if (lastStep > 0 && belongs(line, lastStep)) {
                    to.write(line);
                    to.write('\n');
                }
            }
        }
        Files.move(kept, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    }

    private static boolean belongs(String line, int lastStep) {
        try {
            JsonNode step = MAPPER.readTree(line).path("step");
            return step.isInt() && step.asInt() <= lastStep;
        } catch (JacksonException e) {
            return false; // cut off when the process died
        }
    }

    private TrainException failed(IOException e) {
        return new TrainException("%s: metrics cannot be written: %s".formatted(file, e.getMessage()), e);
    }
}
