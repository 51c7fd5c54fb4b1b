/** The Jinja dialect of chat templates: lexer, parser, interpreter, and Python's idea of text, truth and order. */
@NullMarked
package dev.trit.text.internal.jinja;

import org.jspecify.annotations.NullMarked;
