/** The verbs in C, called through the Foreign Function API. */
@NullMarked
package dev.trit.tensor.internal.natives;

import org.jspecify.annotations.NullMarked;
