/** Texts that must look a certain way: grammars and JSON schemas, and the tokens they allow at each point. */
@NullMarked
package dev.trit.model.grammar;

import org.jspecify.annotations.NullMarked;
