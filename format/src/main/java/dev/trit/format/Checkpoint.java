package dev.trit.format;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/**
 * A model on disk, whatever its container: a GGUF file, a safetensors file, or a Hugging Face directory. Tensors and
 * metadata go by GGUF's names.
 *
 * <p>Immutable and safe to share between threads. Closing it ends new mappings; tensors already mapped live as long as
 * the arena they were mapped with.
 */
public interface Checkpoint extends AutoCloseable {
    /**
     * Opens a model, whatever it is: decided by magic bytes and by what a directory holds, never by an extension alone.
     *
     * @param fileOrDirectory a GGUF or safetensors file, or a directory with a Hugging Face checkpoint or one GGUF file
     * @throws FormatException if it is none of these, damaged, or of an unsupported model
     */
    static Checkpoint open(Path fileOrDirectory) {
        return Containers.open(fileOrDirectory);
    }

    /** The file or directory that was opened. */
    Path path();

    /** "gguf" or "safetensors". */
    String container();

    /**
     * Metadata under GGUF's keys ({@code general.architecture}, {@code llama.block_count}, ...) in file order. Values
     * are Integer, Long, Float, Double, Boolean, String, {@code List<String>} or primitive arrays.
     */
    Map<String, Object> metadata();

    /** All tensors, in file order. */
    List<StoredTensor> tensors();

    boolean has(String name);

    /**
     * The tensor of that GGUF name.
     *
     * @throws FormatException naming file and tensor if there is none
     */
    StoredTensor tensor(String name);

    /** What is odd about the file but does not stop it from being used, one sentence each. */
    List<String> warnings();

    /** {@code general.architecture}: "llama", "bitnet-b1.58", "qwen3", ... */
    String architecture();

    /**
     * True when the rows of the query and key projections are ordered for interleaved RoPE (pairs 2i, 2i+1) instead of
     * rotate-half (pairs i, i + half). GGUF files of architecture {@code llama} are: their converters permute both
     * matrices inside each head; those of {@code bitnet*} and {@code qwen3}, and every Hugging Face checkpoint, are
     * not. Whoever computes attention must either rotate interleaved pairs or undo the permutation.
     */
    boolean ropeInterleaved();

    /**
     * True when the linear layers are stored as full-precision master weights of a ternary model, to be quantized on
     * load with {@link StoredTensor#trits}; run as they are they give nonsense.
     */
    boolean masterWeights();

    @Override
    void close();
}
