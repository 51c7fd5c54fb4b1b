/** Token ids to logits to token ids: weights, one forward pass, cache, sampling. */
@NullMarked
package dev.trit.model;

import org.jspecify.annotations.NullMarked;
