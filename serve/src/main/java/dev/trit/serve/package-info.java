/** The OpenAI protocol, metrics and a web page over HTTP, on models that are loaded by name. */
@NullMarked
package dev.trit.serve;

import org.jspecify.annotations.NullMarked;
