package dev.trit.train;

import dev.trit.train.torch.Scope;
import dev.trit.train.torch.Tensor;
import dev.trit.train.torch.Torch;
import org.jspecify.annotations.Nullable;

/**
 * One trained tensor: latent values that the optimizer moves, and the weights that the forward pass sees.
 *
 * <p>For a quantized matrix the two differ. The quantized copy is the leaf that gradients end in; by the straight-through
 * estimator its gradient belongs to the latent values.
 */
public final class Parameter implements AutoCloseable {
    private final String name;
    private final Tensor latent;
    private final @Nullable WeightQuantizer quantizer;
    private final Tensor weights; // the latent tensor itself where nothing is quantized

    /**
     * @param name as Hugging Face names it
     * @param latent is taken over
     * @param quantizer of a matrix that is quantized
     */
    Parameter(String name, Tensor latent, @Nullable WeightQuantizer quantizer) {
        this.name = name;
        this.latent = latent.retain();
        this.quantizer = quantizer;
        if (quantizer == null) {
            this.weights = latent.requireGrad();
        } else {
            this.weights = Tensor.zeros(latent.shape()).retain().requireGrad();
            refresh();
        }
    }

    /** A replica: the same values in the same memory, a gradient of its own. */
    private Parameter(Parameter original) {
        this.name = original.name;
        this.latent = original.latent.retain();
        this.quantizer = null; // the original refreshes the shared memory
        this.weights = original.weights.detach().retain().requireGrad();
    }

    /** The same weights for another thread, which gathers its own gradient. */
    Parameter replica() {
        return new Parameter(this);
    }

    public String name() {
        return name;
    }

    /** What the optimizer moves. */
    public Tensor latent() {
        return latent;
    }

    /** What the forward pass multiplies with; holds the gradient. */
    public Tensor weights() {
        return weights;
    }

    /** How the matrix is quantized; null for embeddings, norms, heads and full-precision models. */
    public @Nullable WeightQuantizer quantizer() {
        return quantizer;
    }

    /** Whether AdamW pulls it to zero: matrices of the blocks, not norms and embeddings. */
    public boolean decays() {
        return latent.shape().length == 2 && name.contains(".layers.");
    }

    /** Quantizes the latent values anew: after each change of them. */
    void refresh() {
        if (quantizer != null) {
            try (Scope scope = new Scope()) {
                Torch.noGrad(() -> {
                    weights.copy_(quantizer.quantize(latent));
                });
            }
        }
    }

    @Override
    public void close() {
        if (weights != latent) {
            weights.close();
        }
        latent.close();
    }
}
