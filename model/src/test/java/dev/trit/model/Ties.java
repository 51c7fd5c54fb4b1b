package dev.trit.model;

import dev.trit.tensor.ActivationRows;
import dev.trit.tensor.Kernels;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.util.Arrays;

/**
 * How close each token of a chunk came to a tie when its activations were rounded to integers: where x * 127 / absmax
 * lies within float32 noise of k + 1/2, two correct programs may round apart, and that one code moves the logits of that
 * token by far more than rounding does elsewhere.
 */
final class Ties {
    /** In codes: the noise of float32 on values up to 127. */
    private static final double NOISE = 2e-5;

    private final double[] closest;

    Ties(int tokens) {
        closest = new double[tokens];
        Arrays.fill(closest, 0.5);
    }

    /** Whether a value of that token was so close to a tie that either side is right. */
    boolean near(int token) {
        return closest[token] < NOISE;
    }

    /** The same kernels, watched. */
    Kernels watch(Kernels kernels) {
        return (Kernels) Proxy.newProxyInstance(
                Kernels.class.getClassLoader(), new Class<?>[] {Kernels.class}, (p, m, args) -> {
                    if (m.getName().equals("quantize")) {
                        watch((float[]) args[0], (int) args[1], (ActivationRows) args[2], (int) args[3]);
                    }
                    try {
                        return m.invoke(kernels, args);
                    } catch (InvocationTargetException e) {
                        throw e.getCause();
                    }
                });
    }

    private void watch(float[] x, int at, ActivationRows out, int token) {
        float max = 1e-5f;
        for (int i = 0; i < out.cols(); i++) {
            max = Math.max(max, Math.abs(x[at + i]));
        }
        for (int i = 0; i < out.cols(); i++) {
            double code = (double) x[at + i] * (127f / max);
            closest[token] = Math.min(closest[token], Math.abs(code - Math.floor(code) - 0.5));
        }
    }
}
