package dev.trit.train;

import dev.trit.train.torch.Tensor;
import dev.trit.train.torch.Torch;

/** How a quantized linear sees its input. Gradients pass as if nothing had happened (straight-through estimator). */
public sealed interface ActivationQuantizer {
    /** Input [..., in] as the linear sees it, same shape. */
    Tensor quantize(Tensor x);

    /**
     * Per-token absmax int8 (b1.58's training tips): s = 127 / max(max |x|, 1e-5) over the last dimension, clamp(rint(x *
     * s), -128, 127) / s.
     */
    record AbsmaxInt8() implements ActivationQuantizer {
        @Override
        public Tensor quantize(Tensor x) {
            Tensor error = Torch.noGrad(() -> {
                Tensor s = x.lastAbsmax().atLeast(1e-5).reciprocal(127); // [..., 1]
                return x.mul(s).round_().clamp_(-128, 127).div_(s).sub_(x);
            });
            return x.add(error); // the error is a constant: dL/dx = dL/dy
        }
    }

    /** As it is. */
    record None() implements ActivationQuantizer {
        @Override
        public Tensor quantize(Tensor x) {
            return x;
        }
    }
}
