/** Spring AI's model interfaces over a model in this process. */
@NullMarked
package dev.trit.springai;

import org.jspecify.annotations.NullMarked;
