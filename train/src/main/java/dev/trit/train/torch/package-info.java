/** The only place that touches libtorch: tensors with gradients, a scope that frees them, and the device they live on. */
@NullMarked
package dev.trit.train.torch;

import org.jspecify.annotations.NullMarked;
