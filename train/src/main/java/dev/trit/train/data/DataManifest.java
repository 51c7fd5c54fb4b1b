package dev.trit.train.data;

import java.util.List;

/**
 * What {@code manifest.json} says of a prepared data set.
 *
 * @param version of this layout, 1
 * @param vocab number of token ids
 * @param tokenBytes 2 or 4: unsigned little-endian integers
 * @param tokenizer SHA-256 of {@code tokenizer.json}
 * @param seed of the order of documents
 * @param inputs the files it was made from
 * @param train tokens to train on
 * @param valid held-out tokens
 */
public record DataManifest(
        int version,
        int vocab,
        int tokenBytes,
        String tokenizer,
        long seed,
        List<Input> inputs,
        Split train,
        Split valid) {
    /** A file of the corpus. */
    public record Input(String name, long bytes, String sha256) {}

    /** One file of tokens. */
    public record Shard(String name, long tokens, String sha256) {}

    /**
     * @param bytes of text, UTF-8, without separators
     * @param tokens end-of-text tokens included, one behind each document
     */
    public record Split(long documents, long bytes, long tokens, List<Shard> shards) {
        /** Bytes of text that a token stands for on average. */
        public double bytesPerToken() {
            return (double) bytes / tokens;
        }
    }
}
