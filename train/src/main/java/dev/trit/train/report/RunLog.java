package dev.trit.train.report;

import dev.trit.train.Recipe;
import dev.trit.train.RecipeJson;
import dev.trit.train.TrainException;
import dev.trit.train.TrainingListener;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * What {@code metrics.jsonl} says of a run.
 *
 * @param name of its folder
 * @param parameters trained values
 * @param end why it ended; null while it runs
 */
public record RunLog(
        String name,
        Recipe recipe,
        long parameters,
        List<TrainingListener.Step> steps,
        List<TrainingListener.Validation> validations,
        List<CodesAt> codes,
        List<Sample> samples,
        @Nullable String end) {

    /** The codes of all quantized matrices after a step. */
    public record CodesAt(int step, List<TrainingListener.Codes> codes) {}

    public record Sample(int step, String prompt, String text) {}

    /**
     * Reads the metrics of a run, also of one that is under way.
     *
     * @param folder of the run
     * @throws TrainException if there are none, or they are damaged
     */
    public static RunLog read(Path folder) throws IOException {
        Path file = folder.resolve("metrics.jsonl");
        if (!Files.exists(file)) {
            throw new TrainException(folder + ": not the folder of a run: metrics.jsonl is missing");
        }
        Reading reading = new Reading(file);
        try (BufferedReader lines = Files.newBufferedReader(file)) {
            String line = lines.readLine();
            while (line != null) {
                String next = lines.readLine();
                reading.line(line, next == null);
                line = next;
            }
        }
        return reading.done(String.valueOf(folder.toAbsolutePath().normalize().getFileName()));
    }

    private static final class Reading {
        private final Path file;
        private final List<TrainingListener.Step> steps = new ArrayList<>();
        private final List<TrainingListener.Validation> validations = new ArrayList<>();
        private final List<CodesAt> codes = new ArrayList<>();
        private final List<Sample> samples = new ArrayList<>();
        private @Nullable Recipe recipe;
        private long parameters;
        private @Nullable String end;
        private int number;

        Reading(Path file) {
            this.file = file;
        }

        void line(String line, boolean last) {
            number++;
            JsonNode e;
            try {
                e = JsonMapper.shared().readTree(line);
            } catch (JacksonException broken) {
                if (last) {
                    return; // being written
                }
                throw new TrainException("%s: line %d is damaged: %s".formatted(file, number, line), broken);
            }
            int step = e.path("step").asInt();
            switch (e.path("event").asString("")) {
                case "start" -> {
                    recipe = RecipeJson.read(file + ": line " + number, e.path("recipe"));
                    parameters = e.path("parameters").asLong();
                    end = null;
                }
                case "step" ->
                    steps.add(new TrainingListener.Step(
                            step,
                            e.path("loss").asDouble(),
                            e.path("gradient_norm").asDouble(),
                            e.path("learning_rate").asDouble(),
                            e.path("weight_decay").asDouble(),
                            e.path("tokens").asLong(),
                            e.path("seconds").asDouble()));
                case "validation" ->
                    validations.add(new TrainingListener.Validation(
                            step,
                            e.path("loss").asDouble(),
                            e.has("bits_per_byte") ? e.path("bits_per_byte").asDouble() : Double.NaN));
                case "codes" -> codes.add(new CodesAt(step, codes(e.path("codes"))));
                case "sample" ->
                    samples.add(new Sample(
                            step, e.path("prompt").asString(""), e.path("text").asString("")));
                case "end" -> end = e.path("reason").asString("");
                default -> {} // checkpoints, and what later versions say
            }
        }

        private static List<TrainingListener.Codes> codes(JsonNode list) {
            List<TrainingListener.Codes> all = new ArrayList<>();
            for (JsonNode c : list) {
                all.add(new TrainingListener.Codes(
                        c.path("tensor").asString(""),
                        c.path("minus").asDouble(),
                        c.path("zero").asDouble(),
                        c.path("plus").asDouble(),
                        c.path("flips").asDouble()));
            }
            return all;
        }

        RunLog done(String name) {
            if (recipe == null) {
                throw new TrainException(file + ": the run has not started: there is no line of event start");
            }
            return new RunLog(name, recipe, parameters, steps, validations, codes, samples, end);
        }
    }
}
