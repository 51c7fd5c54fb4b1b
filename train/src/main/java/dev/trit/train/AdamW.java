package dev.trit.train;

import dev.trit.train.torch.Scope;
import dev.trit.train.torch.Tensor;
import dev.trit.train.torch.Torch;
import java.util.ArrayList;
import java.util.List;

/**
 * Adam with decoupled weight decay (Loshchilov and Hutter, algorithm 2), in the order of operations of PyTorch: p = p (1 -
 * lr wd); m = m + (1 - b1) (g - m); v = b2 v + (1 - b2) g^2; p = p - lr / (1 - b1^t) m / (sqrt(v) / sqrt(1 - b2^t) + eps).
 */
public final class AdamW implements AutoCloseable {
    /** A parameter and its two moments. */
    record State(Parameter parameter, Tensor m, Tensor v) {}

    private final double beta1;
    private final double beta2;
    private final double eps;
    private final List<State> states = new ArrayList<>();
    private int steps;

    public AdamW(List<Parameter> parameters, double beta1, double beta2, double eps) {
        this.beta1 = beta1;
        this.beta2 = beta2;
        this.eps = eps;
        for (Parameter p : parameters) {
            long[] shape = p.latent().shape();
            states.add(new State(
                    p, Tensor.zeros(shape).retain(), Tensor.zeros(shape).retain()));
        }
    }

    List<State> states() {
        return states;
    }

    /** Steps taken; the corrections of the moments' bias depend on it. */
    public int steps() {
        return steps;
    }

    void steps(int steps) {
        this.steps = steps;
    }

    /**
     * Scales all gradients so that their common norm is at most {@code limit}.
     *
     * @param limit 0: nothing is scaled
     * @return the norm before
     */
    public double clip(double limit) {
        try (Scope scope = new Scope()) {
            return Torch.noGrad(() -> {
                Tensor sum = Tensor.zeros(1);
                for (State s : states) {
                    sum.add_(s.parameter().weights().grad().square().sum());
                }
                double norm = Math.sqrt(sum.item());
                double factor = limit / (norm + 1e-6);
                if (limit > 0 && factor < 1) {
                    states.forEach(s -> s.parameter().weights().grad().mul_(factor));
                }
                return norm;
            });
        }
    }

    /** Moves all latent values against their gradients, which are set to zero, and quantizes them anew. */
    public void step(double learningRate, double weightDecay) {
        steps++;
        double correction1 = 1 - Math.pow(beta1, steps);
        double correction2 = Math.sqrt(1 - Math.pow(beta2, steps));
        Torch.noGrad(() -> {
            for (State s : states) {
                try (Scope scope = new Scope()) {
                    Tensor p = s.parameter().latent();
                    Tensor g = s.parameter().weights().grad();
                    if (s.parameter().decays()) {
                        p.mul_(1 - learningRate * weightDecay);
                    }
                    s.m().lerp_(g, 1 - beta1);
                    s.v().mul_(beta2).addcmul_(g, g, 1 - beta2);
                    Tensor root = s.v().sqrt().div_(correction2).add_(eps);
                    p.addcdiv_(s.m(), root, -learningRate / correction1);
                    s.parameter().weights().zeroGrad();
                    s.parameter().refresh();
                }
            }
        });
    }

    @Override
    public void close() {
        for (State s : states) {
            s.m().close();
            s.v().close();
        }
    }
}
