package dev.trit.train;

import dev.trit.train.torch.Tensor;
import java.util.random.RandomGenerator;
import java.util.random.RandomGeneratorFactory;
import org.jspecify.annotations.Nullable;

/**
 * Initial weights: normal with one standard deviation, that of the residual outputs (o_proj, down_proj) divided by sqrt(2
 * layers); gains 1. The seed alone decides them.
 */
final class FreshParameters implements ParameterSource {
    private final @Nullable WeightQuantizer quantizer;
    private final double std;
    private final double residualStd;
    private final RandomGenerator random;

    FreshParameters(Recipe recipe) {
        quantizer = WeightQuantizer.of(recipe.weights());
        std = recipe.initStd();
        residualStd = std / Math.sqrt(2.0 * recipe.model().layers());
        random = RandomGeneratorFactory.of("L64X128MixRandom").create(recipe.seed());
    }

    @Override
    public Parameter matrix(String name, int rows, int cols) {
        boolean residual = name.endsWith(".o_proj") || name.endsWith(".down_proj");
        float[] values = new float[Math.multiplyExact(rows, cols)];
        for (int i = 0; i < values.length; i++) {
            values[i] = (float) (random.nextGaussian() * (residual ? residualStd : std));
        }
        // Embeddings and heads stay in full precision.
        return new Parameter(
                name + ".weight", Tensor.of(values, rows, cols), name.contains(".layers.") ? quantizer : null);
    }

    @Override
    public Parameter gain(String name, int n) {
        return new Parameter(name + ".weight", Tensor.zeros(n).add(1), null);
    }
}
