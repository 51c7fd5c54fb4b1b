package dev.trit.train.cli;

import dev.trit.text.Tokenizer;
import dev.trit.train.TokenSource;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What a run learns from.
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
        Map<String, byte[]> tokenizerFiles) {}
