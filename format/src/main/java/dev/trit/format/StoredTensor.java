package dev.trit.format;

import dev.trit.tensor.FloatTensor;
import dev.trit.tensor.TernaryTensor;
import java.lang.foreign.Arena;

/** One tensor of a checkpoint: described at once, mapped on demand. */
public interface StoredTensor {
    /** The name in GGUF's spelling, whatever the container: {@code blk.0.attn_q.weight}. */
    String name();

    /** The name as the file spells it: {@code model.layers.0.self_attn.q_proj.weight}. */
    String storedName();

    /** How the values are stored: "I2_S", "F16", "HF packed". */
    String type();

    /** Out-features; 1 for a vector. Higher ranks are flattened to [product of the outer dimensions, cols]. */
    int rows();

    /** In-features: the dimension that runs fastest. */
    int cols();

    /** Bytes in the file. */
    long bytes();

    /** True when stored as ternary or binary codes, so that {@link #floats} makes no sense. */
    boolean ternary();

    /**
     * Maps the values as stored, [rows, cols]. The mapping lives as long as {@code arena}.
     *
     * @throws FormatException if the tensor is ternary or of a type that is not read as floats
     */
    FloatTensor floats(Arena arena);

    /**
     * The values as trits and scales, [rows, cols]: codes are mapped and decoded when read; F32, F16 and BF16 are
     * taken for master weights and quantized by their mean magnitude (b1.58, eq. 1 to 3).
     *
     * @throws FormatException if the type is neither
     */
    TernaryTensor trits(Arena arena);
}
