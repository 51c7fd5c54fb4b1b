/** Text to tokens in files: reading corpora, shuffling documents, memory-mapped shards with a manifest. */
@NullMarked
package dev.trit.train.data;

import org.jspecify.annotations.NullMarked;
