/** Text to token ids and back: tokenizers, streaming decoder, chat templates. */
@NullMarked
package dev.trit.text;

import org.jspecify.annotations.NullMarked;
