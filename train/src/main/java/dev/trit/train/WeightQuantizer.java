package dev.trit.train;

import dev.trit.train.torch.Tensor;
import org.jspecify.annotations.Nullable;

/**
 * How a linear sees its latent weights. The gradient of what it sees is taken for the gradient of the latent weights
 * (straight-through estimator), so a quantizer needs no backward pass and runs once per optimizer step.
 */
public sealed interface WeightQuantizer {
    /** Smallest scale: a matrix of zeros stays one. */
    double MIN_SCALE = 1e-5;

    /**
     * Codes and their scale; weights are {@code codes * scale}.
     *
     * @param codes whole numbers, same shape as the latent weights
     * @param scale one value
     */
    record Codes(Tensor codes, Tensor scale) {}

    /** The word of a recipe. */
    String name();

    /** Splits {@code latent} [out, in] into codes and scale. */
    Codes codes(Tensor latent);

    /** What the forward pass multiplies with, [out, in]. */
    default Tensor quantize(Tensor latent) {
        Codes c = codes(latent);
        return c.codes().mul(c.scale());
    }

    /** The quantizer that a recipe names, or null for {@code full}: weights as they are. */
    static @Nullable WeightQuantizer of(String name) {
        return switch (name) {
            case "b1.58" -> new AbsmeanTernary();
            case "b1" -> new CentredSign();
            case "full" -> null;
            default -> throw new TrainException("unknown weights: expected b1.58, b1 or full, got " + name);
        };
    }

    /** b1.58 (The Era of 1-bit LLMs, equations 1-3): clamp(rint(W / delta), -1, 1) * delta, delta = mean |W|. */
    record AbsmeanTernary() implements WeightQuantizer {
        @Override
        public String name() {
            return "b1.58";
        }

        @Override
        public Codes codes(Tensor latent) {
            Tensor delta = latent.abs().mean().atLeast(MIN_SCALE);
            return new Codes(latent.mul(delta.reciprocal(1)).round().clamp(-1, 1), delta);
        }
    }

    /** b1 (BitNet, equations 1-3): sign(W - mean W) * mean |W|; what equals the mean counts as below it. */
    record CentredSign() implements WeightQuantizer {
        @Override
        public String name() {
            return "b1";
        }

        @Override
        public Codes codes(Tensor latent) {
            Tensor above = latent.sub(latent.mean()).positive(); // 1 or 0
            return new Codes(above.mul(2).add(-1), latent.abs().mean().atLeast(MIN_SCALE));
        }
    }
}
