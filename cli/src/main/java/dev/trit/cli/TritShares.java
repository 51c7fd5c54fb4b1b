package dev.trit.cli;

import com.fasterxml.jackson.annotation.JsonIgnore;
import dev.trit.format.Checkpoint;
import dev.trit.format.StoredTensor;
import dev.trit.tensor.TernaryTensor;
import java.lang.foreign.Arena;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicLongArray;
import java.util.stream.IntStream;

/**
 * How the trits of one block are shared between -1, 0 and +1, and how large its scales are.
 *
 * @param layer number of the block
 * @param minus share of -1, 0 to 1
 * @param zero share of 0
 * @param plus share of +1
 * @param smallestScale of its matrices, as a magnitude
 * @param largestScale of its matrices
 */
record TritShares(int layer, double minus, double zero, double plus, float smallestScale, float largestScale) {
    /**
     * The mean magnitude of a language model's weights is far below 1 (0.005 to 0.5 were met), so a scale above this is
     * one that was inverted on the way.
     */
    private static final float INVERTED = 10;

    /** Trained matrices were met with 25 to 70% zeros; beyond these shares the bytes are probably read the wrong way. */
    private static final double FEW_ZEROS = 0.05;

    private static final double MANY_ZEROS = 0.95;

    private static final int ROWS_AT_ONCE = 64;

    /** One entry for each block with ternary matrices, in order. */
    static List<TritShares> count(Checkpoint checkpoint, Stdio stdio) {
        Map<Integer, List<StoredTensor>> blocks = new TreeMap<>();
        for (StoredTensor t : checkpoint.tensors()) {
            int block = Inspection.block(t.name());
            boolean matrix = t.rows() > 1 && t.name().endsWith(".weight");
            if (block >= 0 && matrix && (t.ternary() || checkpoint.masterWeights())) {
                blocks.computeIfAbsent(block, b -> new ArrayList<>()).add(t);
            }
        }
        List<TritShares> shares = new ArrayList<>();
        try (var progress = new Progress(stdio, "counting trits", blocks.size())) {
            for (Map.Entry<Integer, List<StoredTensor>> block : blocks.entrySet()) {
                shares.add(count(block.getKey(), block.getValue()));
                progress.at(shares.size(), "");
            }
        }
        return shares;
    }

    private static TritShares count(int layer, List<StoredTensor> matrices) {
        AtomicLongArray counts = new AtomicLongArray(3); // of -1, 0, +1
        float smallest = Float.MAX_VALUE;
        float largest = 0;
        for (StoredTensor matrix : matrices) {
            try (Arena arena = Arena.ofShared()) {
                TernaryTensor tensor = matrix.trits(arena);
                for (float scale : tensor.scales().values()) {
                    smallest = Math.min(smallest, Math.abs(scale));
                    largest = Math.max(largest, Math.abs(scale));
                }
                count(tensor, counts);
            }
        }
        double all = counts.get(0) + counts.get(1) + counts.get(2);
        return new TritShares(layer, counts.get(0) / all, counts.get(1) / all, counts.get(2) / all, smallest, largest);
    }

    private static void count(TernaryTensor tensor, AtomicLongArray counts) {
        IntStream.range(0, Math.ceilDiv(tensor.rows(), ROWS_AT_ONCE)).parallel().forEach(chunk -> {
            int from = chunk * ROWS_AT_ONCE;
            int to = Math.min(from + ROWS_AT_ONCE, tensor.rows());
            byte[] trits = new byte[(to - from) * tensor.cols()];
            tensor.trits().read(from, to, trits, 0);
            int sum = 0;
            int magnitude = 0;
            for (byte trit : trits) {
                sum += trit;
                magnitude += trit * trit;
            }
            int plus = (magnitude + sum) / 2;
            counts.addAndGet(0, magnitude - plus);
            counts.addAndGet(1, trits.length - magnitude);
            counts.addAndGet(2, plus);
        });
    }

    /** What is odd about them. */
    @JsonIgnore
    List<String> warnings() {
        List<String> warnings = new ArrayList<>();
        if (largestScale > INVERTED) {
            warnings.add(String.format(
                    Locale.ROOT,
                    "block %d: a scale of %.4g; the weights of a language model are far below 1 in the mean, so it may be"
                            + " stored as its inverse",
                    layer,
                    largestScale));
        }
        if (zero < FEW_ZEROS || zero > MANY_ZEROS) {
            warnings.add(String.format(
                    Locale.ROOT,
                    "block %d: %.1f%% zeros, where trained ternary models have 25 to 70%%",
                    layer,
                    100 * zero));
        }
        return warnings;
    }
}
