package dev.trit.train.torch;

import org.bytedeco.javacpp.PointerScope;
import org.jspecify.annotations.Nullable;

/**
 * Frees every tensor made inside it when it closes, except those handed to {@link #keep}. Scopes nest; what is kept
 * belongs to the scope around. Without scopes each intermediate value of a step would live until its garbage is
 * collected: 1.3 GB more for a model of 10 M parameters.
 */
public final class Scope implements AutoCloseable {
    private final @Nullable PointerScope outer = PointerScope.getInnerScope();
    private final PointerScope inner = new PointerScope();

    /** Lets {@code tensor} outlive this scope: until the scope around it closes, or without one until it is collected. */
    public Tensor keep(Tensor tensor) {
        if (outer == null) {
            tensor.retain();
        } else {
            outer.attach(tensor.handle());
        }
        return tensor;
    }

    @Override
    public void close() {
        inner.close();
    }
}
