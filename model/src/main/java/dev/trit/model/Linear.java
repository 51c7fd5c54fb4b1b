package dev.trit.model;

import dev.trit.tensor.FloatTensor;
import dev.trit.tensor.TernaryWeights;
import org.jspecify.annotations.Nullable;

/** A matrix that activations are multiplied with, y = W x (+ bias). */
public sealed interface Linear {
    /** Out-features. */
    int rows();

    /** In-features. */
    int cols();

    /** Bytes that one pass over the matrix reads. */
    long bytes();

    /** Rows that one thread computes together where a token comes alone: a product is split at multiples of it. */
    int rowGroup();

    /** Added to the product, [rows], or null. */
    float @Nullable [] bias();

    /** BitLinear: the input is quantized to 8 bits per token, sums are integers. */
    record Ternary(TernaryWeights weights, float @Nullable [] bias) implements Linear {
        @Override
        public int rows() {
            return weights.rows();
        }

        @Override
        public int cols() {
            return weights.cols();
        }

        @Override
        public long bytes() {
            return weights.bytes();
        }

        @Override
        public int rowGroup() {
            return weights.layout().rows();
        }
    }

    /** Full or ordinarily quantized precision: weights as stored, activations in float. */
    record Dense(FloatTensor weights, float @Nullable [] bias) implements Linear {
        @Override
        public int rows() {
            return weights.rows();
        }

        @Override
        public int cols() {
            return weights.cols();
        }

        @Override
        public long bytes() {
            return weights.bytes();
        }

        @Override
        public int rowGroup() {
            return TernaryWeights.ROW_GROUP;
        }
    }
}
