/** Model files by name: fetched from the Hugging Face hub, kept, found and removed in the hub's own cache. */
@NullMarked
package dev.trit.hub;

import org.jspecify.annotations.NullMarked;
