package dev.trit.train;

import dev.trit.train.torch.Tensor;
import java.util.Locale;

/**
 * How the matrix products of training steps round. Everything else is in float32: attention, norms, quantizers, losses,
 * sums of gradients, the optimizer, and whatever looks at held-out tokens.
 */
public enum Precision {
    F32,
    /**
     * Operands and products rounded to bfloat16, forward and backward; sums inside a product are in float32. Faster where
     * the processor multiplies bfloat16 (AVX512-BF16, AMX, GPUs), slower elsewhere.
     */
    BF16;

    /**
     * The precision that a recipe names.
     *
     * @throws TrainException for an unknown word
     */
    public static Precision named(String word) {
        return switch (word) {
            case "f32" -> F32;
            case "bf16" -> BF16;
            default -> throw new TrainException("unknown precision: expected f32 or bf16, got " + word);
        };
    }

    /** The word of a recipe. */
    public String word() {
        return name().toLowerCase(Locale.ROOT);
    }

    /**
     * x [..., in] times {@code w} [out, in] transposed.
     *
     * @return float32, [..., out]
     */
    Tensor linear(Tensor x, Tensor w) {
        return this == BF16 ? x.linearBf16(w) : x.linear(w);
    }
}
