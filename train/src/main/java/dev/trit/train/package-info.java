/** Token ids to better weights: quantized linears, the published recipe, checkpoints that resume to the bit. */
@NullMarked
package dev.trit.train;

import org.jspecify.annotations.NullMarked;
