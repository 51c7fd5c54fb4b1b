package dev.trit.format;

import dev.trit.tensor.DType;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * From any readable model to any writable form, one tensor at a time, so that memory holds no more than one. The output
 * appears whole or not at all.
 *
 * <ul>
 *   <li>Linear layers (attention and feed-forward projections) that are stored ternary, or are the master weights of a
 *       ternary model, are written as {@code type}; as floats, codes become scale * trit and masters stay masters. A
 *       full-precision model is never made ternary: that destroys it.
 *   <li>Embedding and head are written as {@code embeddingType}, or as they are where that is not given and the
 *       container can hold it.
 *   <li>Norms and biases are F32 in GGUF, and as they are in safetensors.
 *   <li>The rows of query and key projections are put in the order of the container.
 * </ul>
 *
 * @param type of the linear layers; it also decides the container
 * @param embeddingType F32, F16, BF16, Q8_0 or Q6_K (safetensors: the first three); null to keep what is there
 */
public record Conversion(WeightType type, @Nullable DType embeddingType) {
    /**
     * The tokenizer of the model in both spellings, made by whoever knows tokenizers. Asked only when a model moves from
     * one container to the other; inside one, everything about the tokenizer is copied as it is.
     */
    public interface TokenizerForms {
        /** Keys {@code tokenizer.*} and their values. */
        Map<String, Object> gguf();

        /** Files by name: {@code tokenizer.json}, {@code tokenizer_config.json}. */
        Map<String, byte[]> files();

        /** For models that have none. */
        static TokenizerForms none() {
            return new TokenizerForms() {
                @Override
                public Map<String, Object> gguf() {
                    return Map.of();
                }

                @Override
                public Map<String, byte[]> files() {
                    return Map.of();
                }
            };
        }
    }

    /**
     * What was written.
     *
     * @param path the file or directory
     * @param tensors how many
     * @param losses what was rounded or means something else now, one sentence each; empty if OUT computes exactly what
     *     IN does
     */
    public record Result(Path path, int tensors, List<String> losses) {
        /** Whether OUT must give IN's logits to the bit. */
        public boolean lossless() {
            return losses.isEmpty();
        }
    }

    public Conversion {
        if (embeddingType != null && !Quantize.canWrite(embeddingType)) {
            throw new FormatException(
                    "embeddings of this type are not written", "F32, F16, BF16, Q8_0 or Q6_K", embeddingType);
        }
    }

    /** True if a Hugging Face directory is written, false for a GGUF file: what {@code out} ends in decides for floats. */
    public boolean writesDirectory(Path out) {
        return switch (type) {
            case HF_PACKED -> true;
            case F32, F16, BF16 -> !out.toString().endsWith(".gguf");
            default -> false;
        };
    }

    /**
     * Converts.
     *
     * @param out a file, which is replaced, or a directory that does not exist yet
     * @param progress told the name of each tensor before it is written
     * @throws FormatException if {@code in} cannot be said in this form; then nothing was written
     */
    public Result run(Checkpoint in, Path out, TokenizerForms tokenizer, Consumer<String> progress) {
        try {
            ConvertedTensors tensors = new ConvertedTensors(in, this, writesDirectory(out), progress);
            return writesDirectory(out)
                    ? new HfOutput(in, tensors, tokenizer).write(out)
                    : new GgufOutput(in, tensors, tokenizer).write(out);
        } catch (FormatException e) {
            throw e.at(in.path(), null);
        }
    }
}
