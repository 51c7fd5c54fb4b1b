package dev.trit.train.cli;

import dev.trit.train.TrainedModel;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Gathers a model card from a checkpoint and from the metrics of its run, where the checkpoint still lies in the run. */
final class CardFacts {
    private CardFacts() {}

    static ModelCard of(Path checkpoint, TrainedModel model, String name, Map<String, String> more) throws IOException {
        JsonNode trainer = JsonMapper.shared().readTree(Files.readAllBytes(checkpoint.resolve("trainer.json")));
        int step = trainer.path("step").asInt();
        return new ModelCard(
                name,
                model.recipe(),
                model.parameterCount(),
                trainer.path("data").asString(""),
                trainer.path("tokens").asLong(),
                step,
                validation(checkpoint, step),
                more);
    }

    /** The newest look at the held-out tokens up to the checkpoint's step. */
    private static ModelCard.@Nullable Validation validation(Path checkpoint, int step) throws IOException {
        Path metrics = checkpoint.toAbsolutePath().normalize().resolveSibling("../metrics.jsonl");
        if (!Files.exists(metrics)) {
            return null;
        }
        ModelCard.Validation newest = null;
        try (BufferedReader lines = Files.newBufferedReader(metrics)) {
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                JsonNode event = event(line);
                if (event != null && event.path("step").asInt() <= step) {
                    JsonNode bits = event.path("bits_per_byte");
                    newest = new ModelCard.Validation(
                            event.path("loss").asDouble(),
                            event.path("perplexity").asDouble(),
                            bits.isNumber() ? bits.asDouble() : null);
                }
            }
        }
        return newest;
    }

    private static @Nullable JsonNode event(String line) {
        if (!line.startsWith("{\"event\":\"validation\"")) {
            return null;
        }
        try {
            return JsonMapper.shared().readTree(line);
        } catch (JacksonException e) {
            return null; // the run is writing it
        }
    }
}
