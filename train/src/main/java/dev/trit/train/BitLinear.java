package dev.trit.train;

import dev.trit.train.torch.Tensor;

/**
 * y = X̂ Ŵᵀ: a linear layer over quantized input and quantized weights. Backward: dX = dY Ŵ, dW = dYᵀ X̂ (b1.58's training
 * tips). The input is quantized by the caller, once for all layers that share it.
 */
record BitLinear(Parameter w) {
    /** @param quantized [batch, tokens, in] */
    Tensor forward(Precision p, Tensor quantized) {
        return p.linear(quantized, w.weights()); // [batch, tokens, out]
    }
}
