package dev.trit.model;

import dev.trit.tensor.FloatTensor;
import dev.trit.tensor.HeadScreen;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * All parameters of a model, immutable and shared by every session.
 *
 * @param embedding one row for each token, [vocab, hidden]
 * @param layers the blocks, first to last
 * @param norm gain of the last norm, [hidden]
 * @param head from hidden to logits, [vocab, hidden]; over the same tensor as {@code embedding} when tied
 * @param screen tells which rows of the head to read for a token, or null if all are read
 */
public record Weights(
        FloatTensor embedding,
        List<Layer> layers,
        float[] norm,
        Linear head,
        @Nullable HeadScreen screen) {
    public Weights {
        layers = List.copyOf(layers);
    }

    /** With a head that is read whole. */
    public Weights(FloatTensor embedding, List<Layer> layers, float[] norm, Linear head) {
        this(embedding, layers, norm, head, null);
    }

    /**
     * One block.
     *
     * @param attentionNorm gain before the projections, [hidden]
     * @param qkv query, key and value projections: one fused matrix of [qDim + 2 kvDim, hidden], or three
     * @param qNorm gain over each query head, [headDim], or null
     * @param kNorm gain over each key head, [headDim], or null
     * @param attentionSubNorm gain over all heads, [qDim], or null
     * @param attentionOutput [hidden, qDim]
     * @param ffnNorm gain before the feed-forward unit, [hidden]
     * @param gateUp gate and up projections: one fused matrix of [2 ffn, hidden], or two
     * @param ffnSubNorm gain over the gated product, [ffn], or null
     * @param ffnDown [hidden, ffn]
     */
    public record Layer(
            float[] attentionNorm,
            List<Linear> qkv,
            float @Nullable [] qNorm,
            float @Nullable [] kNorm,
            float @Nullable [] attentionSubNorm,
            Linear attentionOutput,
            float[] ffnNorm,
            List<Linear> gateUp,
            float @Nullable [] ffnSubNorm,
            Linear ffnDown) {
        public Layer {
            qkv = List.copyOf(qkv);
            gateUp = List.copyOf(gateUp);
        }
    }

    /** The same with that screen. */
    Weights with(@Nullable HeadScreen screen) {
        return new Weights(embedding, layers, norm, head, screen);
    }

    /**
     * Bytes of weights that generating one token reads: every block, and the head or its screen (without the rows that are
     * then read for the candidates); not the embedding.
     */
    public long bytesPerToken() {
        return blockBytes() + (screen == null ? head.bytes() : screen.bytes());
    }

    /** Bytes of all blocks. */
    public long blockBytes() {
        long bytes = 0;
        for (Layer layer : layers) {
            bytes += layer.attentionOutput.bytes() + layer.ffnDown.bytes();
            bytes += layer.qkv.stream().mapToLong(Linear::bytes).sum();
            bytes += layer.gateUp.stream().mapToLong(Linear::bytes).sum();
        }
        return bytes;
    }
}
