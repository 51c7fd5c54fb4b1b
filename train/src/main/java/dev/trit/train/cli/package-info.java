/** The training commands of trit, one class each. */
@NullMarked
package dev.trit.train.cli;

import org.jspecify.annotations.NullMarked;
