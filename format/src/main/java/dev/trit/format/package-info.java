/** Files to tensors and back: GGUF, safetensors and every ternary dialect. */
@NullMarked
package dev.trit.format;

import org.jspecify.annotations.NullMarked;
