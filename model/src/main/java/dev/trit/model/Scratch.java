package dev.trit.model;

import dev.trit.tensor.ActivationRows;
import java.util.List;

/** Activations of one chunk of tokens, overwritten by every block. */
final class Scratch {
    final int capacity; // tokens
    final Rows x; // [T, hidden]  the residual stream
    final Rows normed; // [T, hidden]
    final Rows attended; // [T, heads, headDim]
    final Rows gated; // [T, ffn]
    final Rows delta; // [T, hidden]  what a block adds to x
    final ActivationRows quantized; // [T, widest input of a linear]
    private final List<Rows> qkv; // [T, heads, headDim], 2 x [T, kvHeads, headDim]
    private final List<Rows> qkvFused; // the same as views into one matrix
    private final List<Rows> gateUp; // 2 x [T, ffn]
    private final List<Rows> gateUpFused;

    Scratch(Config c, Weights w, int capacity) {
        this.capacity = capacity;
        x = new Rows(capacity, c.hidden());
        normed = new Rows(capacity, c.hidden());
        attended = new Rows(capacity, c.qDim());
        gated = new Rows(capacity, c.ffn());
        delta = new Rows(capacity, c.hidden());
        quantized = new ActivationRows(capacity, Math.max(Math.max(c.hidden(), c.qDim()), c.ffn()));
        boolean anyFused = w.layers().stream().anyMatch(l -> l.qkv().size() == 1);
        boolean anyApart = w.layers().stream().anyMatch(l -> l.qkv().size() > 1);
        qkv = apart(anyApart, c.qDim(), c.kvDim(), c.kvDim());
        qkvFused = fused(anyFused, c.qDim(), c.kvDim(), c.kvDim());
        anyFused = w.layers().stream().anyMatch(l -> l.gateUp().size() == 1);
        anyApart = w.layers().stream().anyMatch(l -> l.gateUp().size() > 1);
        gateUp = apart(anyApart, c.ffn(), c.ffn());
        gateUpFused = fused(anyFused, c.ffn(), c.ffn());
    }

    /** Where q, k and v of this layer are. */
    List<Rows> qkv(Weights.Layer layer) {
        return layer.qkv().size() == 1 ? qkvFused : qkv;
    }

    /** Where gate and up of this layer are. */
    List<Rows> gateUp(Weights.Layer layer) {
        return layer.gateUp().size() == 1 ? gateUpFused : gateUp;
    }

    private List<Rows> apart(boolean wanted, int... widths) {
        Rows[] parts = new Rows[widths.length];
        for (int i = 0; i < widths.length; i++) {
            parts[i] = new Rows(wanted ? capacity : 0, widths[i]);
        }
        return List.of(parts);
    }

    private List<Rows> fused(boolean wanted, int... widths) {
        int total = 0;
        for (int width : widths) {
            total += width;
        }
        Rows whole = new Rows(wanted ? capacity : 0, total);
        Rows[] parts = new Rows[widths.length];
        int at = 0;
        for (int i = 0; i < widths.length; i++) {
            parts[i] = whole.from(at);
            at += widths[i];
        }
        return List.of(parts);
    }
}
