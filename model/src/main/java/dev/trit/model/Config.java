package dev.trit.model;

import dev.trit.format.Checkpoint;

/**
 * The shape of a decoder-only transformer. All families run through one forward pass; what differs is a field here, or
 * the presence of a tensor in {@link Weights}.
 *
 * @param architecture GGUF's word: llama, qwen2, qwen3, bitnet, bitnet-25, bitnet-b1.58
 * @param hidden width of the residual stream
 * @param layers number of blocks
 * @param heads query heads
 * @param kvHeads key and value heads; divides {@code heads}
 * @param headDim width of a head; {@code heads * headDim} need not equal {@code hidden}
 * @param ffn inner width of the feed-forward unit
 * @param vocab number of token ids
 * @param contextLength positions the model was trained for
 * @param normEps added to the mean square in every RMSNorm
 * @param ropeTheta base of the rotary frequencies
 * @param ropeDims leading values of a head that are rotated, even, at most {@code headDim}
 * @param ropeScaling how frequencies are slowed down
 * @param activation of the feed-forward unit
 * @param subNorms RMSNorm over all heads before the attention output, and over the gated product before the down
 *     projection (the bitnet families)
 * @param qkNorm RMSNorm over each query and key head before rotation (qwen3)
 * @param tiedHead the head is the embedding matrix
 */
public record Config(
        String architecture,
        int hidden,
        int layers,
        int heads,
        int kvHeads,
        int headDim,
        int ffn,
        int vocab,
        int contextLength,
        float normEps,
        float ropeTheta,
        int ropeDims,
        RopeScaling ropeScaling,
        Activation activation,
        boolean subNorms,
        boolean qkNorm,
        boolean tiedHead) {

    /** @throws ModelException if the numbers contradict each other */
    public Config {
        if (heads % kvHeads != 0) {
            throw new ModelException("%d query heads cannot share %d key-value heads evenly".formatted(heads, kvHeads));
        }
        if (ropeDims % 2 != 0 || ropeDims > headDim) {
            throw new ModelException("rotary dimensions must be even and at most the head width %d, got %d"
                    .formatted(headDim, ropeDims));
        }
        if ((long) heads * headDim > Metadata.WIDEST) {
            throw new ModelException("%d heads of %d are too wide".formatted(heads, headDim));
        }
    }

    /**
     * Reads the shape from a checkpoint's metadata (GGUF keys, whatever the container).
     *
     * @throws ModelException for an architecture that is not supported, or a number that is missing or out of range;
     *     names the file and the key
     */
    public static Config of(Checkpoint checkpoint) {
        return ConfigReader.read(checkpoint);
    }

    /** Width of all query heads. */
    public int qDim() {
        return heads * headDim;
    }

    /** Width of all key (or value) heads. */
    public int kvDim() {
        return kvHeads * headDim;
    }

    /** Query heads that share one key-value head. */
    public int groupSize() {
        return heads / kvHeads;
    }

    /** Weights of the projections in all blocks. */
    public long blockWeights() {
        return layers * ((long) hidden * (2L * qDim() + 2L * kvDim()) + 3L * hidden * ffn);
    }
}
