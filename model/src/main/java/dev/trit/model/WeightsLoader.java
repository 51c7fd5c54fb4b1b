package dev.trit.model;

import dev.trit.format.Checkpoint;
import dev.trit.format.StoredTensor;
import dev.trit.tensor.FloatTensor;
import dev.trit.tensor.Kernels;
import dev.trit.tensor.LayoutProbe;
import dev.trit.tensor.PackedMemory;
import dev.trit.tensor.TensorException;
import dev.trit.tensor.TernaryTensor;
import dev.trit.tensor.TernaryWeights;
import dev.trit.tensor.ThreadTeam;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * From a checkpoint to {@link Weights}. Ternary matrices are packed for this CPU by the whole team, each mapped in an
 * arena of its own that is closed at once, so that the file's pages do not stay in memory beside the packed ones. The head
 * is copied likewise, as stored, for the sake of huge pages. Other dense matrices and an embedding that is no head stay
 * mapped; norms and biases are copied.
 */
final class WeightsLoader {
    private static final Logger LOG = System.getLogger("dev.trit.model");

    /** Parts 0 and 1 of q, k, v: their rows may have to be reordered. */
    private static final int K = 1;

    private final Checkpoint checkpoint;
    private final Config c;
    private final Kernels kernels;
    private final Arena arena; // owns what the weights keep
    private final PackedMemory memory; // of that arena
    private final ThreadTeam team;
    private final Set<String> used = new HashSet<>();
    private TernaryWeights.@Nullable Layout layout; // of matrices with scales of whole rows, once there is one

    private WeightsLoader(
            Checkpoint checkpoint, Config c, Kernels kernels, Arena arena, PackedMemory memory, ThreadTeam team) {
        this.checkpoint = checkpoint;
        this.c = c;
        this.kernels = kernels;
        this.arena = arena;
        this.memory = memory;
        this.team = team;
    }

    /**
     * @param kernels say how they want ternary matrices, and measure it
     * @param arena shared; the weights live as long
     * @param memory of that arena, for those that are packed
     * @param warnings receives what is odd but harmless
     * @throws ModelException if a tensor has the wrong shape or values, or one is there that this engine does not know
     */
    static Weights load(
            Checkpoint checkpoint,
            Config c,
            Kernels kernels,
            Arena arena,
            PackedMemory memory,
            ThreadTeam team,
            List<String> warnings) {
        WeightsLoader loader = new WeightsLoader(checkpoint, c, kernels, arena, memory, team);
        Weights weights = loader.load();
        loader.reportUnused(warnings);
        return weights;
    }

    private Weights load() {
        StoredTensor tokens = expect("token_embd.weight", c.vocab(), c.hidden());
        FloatTensor embedding = c.tiedHead() ? copied(tokens) : tokens.floats(arena);
        List<Weights.Layer> layers = new ArrayList<>();
        for (int i = 0; i < c.layers(); i++) {
            layers.add(layer("blk." + i + "."));
        }
        Linear head = c.tiedHead() ? new Linear.Dense(embedding, bias("output.bias", c.vocab())) : head();
        return new Weights(embedding, layers, gain("output_norm.weight", c.hidden()), head);
    }

    private Linear head() {
        StoredTensor stored = expect("output.weight", c.vocab(), c.hidden());
        return ternary(stored)
                ? linear("output", c.vocab(), c.hidden())
                : new Linear.Dense(copied(stored), bias("output.bias", c.vocab()));
    }

    /**
     * As stored, in memory of our own: a token reads all of a head, and from pages of 4 KiB that took a quarter more time
     * (2B4T's in Q6_K, one thread: 17.9 against 22.4 GB/s).
     */
    private FloatTensor copied(StoredTensor stored) {
        try (Arena mapping = Arena.ofShared()) { // every thread of the team reads
            FloatTensor t = stored.floats(mapping);
            MemorySegment copy = memory.allocate(t.bytes(), 64);
            team.run(t.rows(), 1, (from, to) -> {
                long at = from * t.rowBytes();
                MemorySegment.copy(t.data(), at, copy, at, (to - from) * t.rowBytes());
            });
            return new FloatTensor(t.type(), t.rows(), t.cols(), copy);
        }
    }

    private Weights.Layer layer(String blk) {
        List<String> qkv =
                Stream.of("attn_q", "attn_k", "attn_v").map(blk::concat).toList();
        List<String> gateUp = Stream.of("ffn_gate", "ffn_up").map(blk::concat).toList();
        boolean sub = c.subNorms();
        return new Weights.Layer(
                gain(blk + "attn_norm.weight", c.hidden()),
                linears(qkv, new int[] {c.qDim(), c.kvDim(), c.kvDim()}, c.hidden(), checkpoint.ropeInterleaved()),
                c.qkNorm() ? gain(blk + "attn_q_norm.weight", c.headDim()) : null,
                c.qkNorm() ? gain(blk + "attn_k_norm.weight", c.headDim()) : null,
                sub ? gain(blk + "attn_sub_norm.weight", c.qDim()) : null,
                linear(blk + "attn_output", c.hidden(), c.qDim()),
                gain(blk + "ffn_norm.weight", c.hidden()),
                linears(gateUp, new int[] {c.ffn(), c.ffn()}, c.hidden(), false),
                sub ? gain(blk + "ffn_sub_norm.weight", c.ffn()) : null,
                linear(blk + "ffn_down", c.hidden(), c.ffn()));
    }

    private Linear linear(String name, int rows, int cols) {
        return linears(List.of(name), new int[] {rows}, cols, false).getFirst();
    }

    /** Matrices over one input: fused into one if all are ternary with scales of one granularity, else one by one. */
    private List<Linear> linears(List<String> names, int[] rows, int cols, boolean reorder) {
        List<StoredTensor> stored = new ArrayList<>();
        List<float @Nullable []> biases = new ArrayList<>();
        for (int i = 0; i < rows.length; i++) {
            HeadOrder order = reorder && i <= K ? new HeadOrder(c.headDim()) : null;
            stored.add(expect(names.get(i) + ".weight", rows[i], cols));
            float[] bias = bias(names.get(i) + ".bias", rows[i]);
            biases.add(bias != null && order != null ? order.undo(bias) : bias);
        }
        // Shared: every thread of the team reads. Closed when packed.
        try (Arena mapping = Arena.ofShared()) {
            List<TernaryTensor> parts = new ArrayList<>();
            for (int i = 0; i < rows.length; i++) {
                if (ternary(stored.get(i))) {
                    TernaryTensor t = trits(stored.get(i), mapping);
                    parts.add(reorder && i <= K ? new HeadOrder(c.headDim()).undo(t) : t);
                }
            }
            boolean all = parts.size() == rows.length;
            if (all
                    && parts.stream()
                                    .map(p -> p.scales().groupSize())
                                    .distinct()
                                    .count()
                            == 1) {
                return List.of(new Linear.Ternary(pack(parts), join(biases, rows)));
            }
            List<Linear> linears = new ArrayList<>();
            int next = 0;
            for (int i = 0; i < rows.length; i++) {
                linears.add(
                        ternary(stored.get(i))
                                ? new Linear.Ternary(pack(List.of(parts.get(next++))), biases.get(i))
                                : new Linear.Dense(dense(stored.get(i), reorder && i <= K), biases.get(i)));
            }
            return linears;
        }
    }

    private TernaryWeights pack(List<TernaryTensor> parts) {
        if (parts.stream().anyMatch(part -> part.scales().grouped())) {
            return TernaryWeights.pack(parts, kernels.layout(), memory, team);
        }
        if (layout == null) {
            LayoutProbe probe = LayoutProbe.choose(kernels, team, c.blockWeights());
            LOG.log(Level.DEBUG, "ternary weights as {0}: {1}", probe.layout(), probe.reason());
            layout = probe.layout();
        }
        return TernaryWeights.pack(parts, layout, memory, team);
    }

    /** Ternary as stored, or the master weights of a ternary layer; the head is always taken as stored. */
    private boolean ternary(StoredTensor t) {
        return t.ternary() || (checkpoint.masterWeights() && t.name().startsWith("blk."));
    }

    private TernaryTensor trits(StoredTensor t, Arena mapping) {
        try {
            return t.trits(mapping).coarsest();
        } catch (TensorException e) {
            throw new ModelException(
                    "%s: tensor %s: %s".formatted(checkpoint.path(), t.storedName(), e.getMessage()), e);
        }
    }

    private FloatTensor dense(StoredTensor t, boolean reorder) {
        if (!reorder) {
            return t.floats(arena);
        }
        try (Arena mapping = Arena.ofConfined()) {
            return new HeadOrder(c.headDim()).undo(t.floats(mapping), arena);
        }
    }

    private float[] gain(String name, int size) {
        used.add(name);
        return vector(checkpoint, name, size);
    }

    private float @Nullable [] bias(String name, int size) {
        return checkpoint.has(name) ? gain(name, size) : null;
    }

    private StoredTensor expect(String name, int rows, int cols) {
        used.add(name);
        return expect(checkpoint, name, rows, cols);
    }

    /**
     * A small tensor as floats, all finite.
     *
     * @throws ModelException naming file and tensor if its size or a value is wrong
     */
    static float[] vector(Checkpoint checkpoint, String name, int size) {
        try (Arena mapping = Arena.ofConfined()) {
            float[] values = expect(checkpoint, name, 1, size).floats(mapping).toFloats();
            for (int i = 0; i < values.length; i++) {
                if (!Float.isFinite(values[i])) {
                    throw new ModelException("%s: tensor %s: value %d must be finite, got %s; the file is damaged"
                            .formatted(checkpoint.path(), name, i, values[i]));
                }
            }
            return values;
        }
    }

    private static StoredTensor expect(Checkpoint checkpoint, String name, int rows, int cols) {
        StoredTensor t = checkpoint.tensor(name);
        if (t.rows() != rows || t.cols() != cols) {
            throw new ModelException("%s: tensor %s must be [%d, %d] by the metadata, got [%d, %d]"
                    .formatted(checkpoint.path(), t.storedName(), rows, cols, t.rows(), t.cols()));
        }
        return t;
    }

    private static float @Nullable [] join(List<float @Nullable []> biases, int[] rows) {
        if (biases.stream().allMatch(b -> b == null)) {
            return null;
        }
        int total = 0;
        for (int n : rows) {
            total += n;
        }
        float[] joined = new float[total];
        int at = 0;
        for (int i = 0; i < rows.length; i++) {
            float[] bias = biases.get(i);
            if (bias != null) {
                System.arraycopy(bias, 0, joined, at, rows[i]);
            }
            at += rows[i];
        }
        return joined;
    }

    /** A tensor inside a block that nothing reads means another computation than ours: wrong answers, so no answers. */
    private void reportUnused(List<String> warnings) {
        for (StoredTensor t : checkpoint.tensors()) {
            String name = t.name();
            if (used.contains(name) || name.equals("rope_freqs.weight")) {
                continue;
            }
            if (name.startsWith("blk.")) {
                throw new ModelException("%s: tensor %s [%d, %d] is not part of a %s model that this engine knows"
                        .formatted(checkpoint.path(), t.storedName(), t.rows(), t.cols(), c.architecture()));
            }
            warnings.add("tensor %s is not used".formatted(t.storedName()));
        }
    }
}
