/** Conversations through an engine: messages and functions in, text and calls of those functions out. */
@NullMarked
package dev.trit.model.chat;

import org.jspecify.annotations.NullMarked;
