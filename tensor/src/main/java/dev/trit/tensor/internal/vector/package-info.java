/** The verbs of math with the JDK's Vector API; loaded by name, so that a JVM without that module still runs. */
@NullMarked
package dev.trit.tensor.internal.vector;

import org.jspecify.annotations.NullMarked;
