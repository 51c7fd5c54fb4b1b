package dev.trit.tensor;

import java.lang.foreign.Arena;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.StringJoiner;

/**
 * Which layout of ternary weights is read fastest on this machine with this many threads, found by reading a matrix that no
 * cache holds. Fewer bits a weight are fewer bytes to wait for and more work to decode; which of the two counts depends on
 * the processor, its memory and how many threads share it.
 *
 * @param layout the chosen one
 * @param reason why, one clause
 */
public record LayoutProbe(TernaryWeights.Layout layout, String reason) {
    /** Forces a layout by its name in lower case. For tests and measurements. */
    public static final String PROPERTY = "trit.layout";

    /** Ternary weights below which nothing is measured: their bytes stay in a cache, where decoding is all that counts. */
    private static final long FROM_WEIGHTS = 100_000_000;

    private static final int COLS = 2560;
    private static final int ROWS = 96 * 1024; // 63 MB with two bits: twice a large last-level cache
    private static final int ROUNDS = 8;

    /**
     * Chooses among {@link Kernels#layouts}.
     *
     * @param weights ternary weights that a token reads
     * @throws TensorException if {@link #PROPERTY} names a layout that these kernels do not take
     */
    public static LayoutProbe choose(Kernels kernels, ThreadTeam team, long weights) {
        List<TernaryWeights.Layout> layouts = kernels.layouts();
        String forced = System.getProperty(PROPERTY);
        if (forced != null) {
            return new LayoutProbe(named(forced, layouts), "asked for by " + PROPERTY);
        }
        if (layouts.size() == 1) {
            return new LayoutProbe(layouts.getFirst(), "these kernels have no other");
        }
        if (weights < FROM_WEIGHTS) {
            return new LayoutProbe(layouts.getFirst(), "the weights fit a cache");
        }
        return measured(kernels, team, layouts);
    }

    private static TernaryWeights.Layout named(String name, List<TernaryWeights.Layout> layouts) {
        return layouts.stream()
                .filter(layout -> layout.name().toLowerCase(Locale.ROOT).equals(name))
                .findFirst()
                .orElseThrow(() -> new TensorException("these kernels have no layout '%s' (%s), they have %s"
                        .formatted(name, PROPERTY, layouts.toString().toLowerCase(Locale.ROOT))));
    }

    private static LayoutProbe measured(Kernels kernels, ThreadTeam team, List<TernaryWeights.Layout> layouts) {
        double[] millis = new double[layouts.size()];
        try (Arena arena = Arena.ofShared()) {
            PackedMemory memory = new PackedMemory(arena);
            List<TernaryWeights> matrices = layouts.stream()
                    .map(layout -> TernaryWeights.allocate(ROWS, COLS, layout, Scales.perTensor(1), memory))
                    .toList();
            matrices.forEach(w -> w.words().fill((byte) 0x15)); // untouched pages would all be the one of zeros
            ActivationRows x = new ActivationRows(1, COLS);
            x.resize(1, COLS);
            float[] y = new float[ROWS];
            Arrays.fill(millis, Double.POSITIVE_INFINITY);
            for (int round = 0; round < ROUNDS; round++) { // in turn, the best of each: others use this machine too
                for (int i = 0; i < layouts.size(); i++) {
                    TernaryWeights w = matrices.get(i);
                    long begin = System.nanoTime();
                    team.run(ROWS, w.layout().rows(), (from, to) -> kernels.ternaryMatmul(w, x, from, to, y, ROWS));
                    millis[i] = Math.min(millis[i], (System.nanoTime() - begin) / 1e6);
                }
            }
        }
        int best = 0;
        StringJoiner seen = new StringJoiner(" against ");
        for (int i = 0; i < millis.length; i++) {
            best = millis[i] < millis[best] ? i : best;
            seen.add(String.format(Locale.ROOT, "%.1f (%s)", millis[i], layouts.get(i)));
        }
        return new LayoutProbe(
                layouts.get(best),
                "measured: %s ms for %d million weights".formatted(seen, (long) ROWS * COLS / 1_000_000));
    }
}
