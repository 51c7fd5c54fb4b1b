package dev.trit.train.cli;

import dev.trit.text.Tokenizer;
import dev.trit.text.Vocabulary;
import dev.trit.train.TokenSource;
import dev.trit.train.data.TokenShards;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What a run learns from. Mappings last as long as the process.
 *
 * @param id what the tokens are called in checkpoints: other data have another
 * @param heldOut tokens to validate on; null: none were held out
 * @param bytesPerToken of the held-out text; NaN where not known
 * @param tokenizer made the tokens; null where not known: then there are no sample texts
 * @param tokenizerFiles name to content, for checkpoints
 */
record TrainingData(
        String id,
        TokenSource train,
        @Nullable TokenSource heldOut,
        double bytesPerToken,
        @Nullable Tokenizer tokenizer,
        Map<String, byte[]> tokenizerFiles) {

    /**
     * A folder that {@code trit data prepare} made.
     *
     * @throws dev.trit.train.TrainException if it is none, or damaged
     */
    static TrainingData open(Path folder) throws IOException {
        TokenShards train = TokenShards.open(folder, false);
        TokenShards heldOut = TokenShards.open(folder, true);
        Map<String, byte[]> files = new LinkedHashMap<>();
        for (String name : List.of("tokenizer.json", "tokenizer_config.json")) {
            if (Files.exists(folder.resolve(name))) {
                files.put(name, Files.readAllBytes(folder.resolve(name)));
            }
        }
        byte[] json = files.get("tokenizer.json");
        return new TrainingData(
                train.id(),
                train,
                heldOut.tokens() > 1 ? heldOut : null,
                heldOut.bytesPerToken(),
                json == null
                        ? null
                        : Tokenizer.of(Vocabulary.fromTokenizerJson(json, files.get("tokenizer_config.json"))),
                files);
    }
}
