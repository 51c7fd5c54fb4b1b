package dev.trit.model;

/** The non-linearity of the gated feed-forward unit, {@code f(gate) * up}. */
public enum Activation {
    /** x / (1 + exp(-x)). */
    SILU,
    /** max(x, 0) squared (b1.58 2B4T). */
    RELU2
}
