/** Shapes, the one packed ternary type and the ten verbs of math on it; knows no file and no model. */
@NullMarked
package dev.trit.tensor;

import org.jspecify.annotations.NullMarked;
