package dev.trit.format;

import dev.trit.tensor.TernaryTensor;
import java.lang.foreign.Arena;
import org.jspecify.annotations.Nullable;

/**
 * Which {@link I2s.Layout} the I2_S tensors of a file have, judged by statistics: the file does not say, every layout
 * decodes to valid trits, and a wrong one gives a model that talks nonsense.
 *
 * <p>What can be known. Reading NEON bytes as FILE only permutes the columns inside each 128, the same way in every row.
 * Nothing that treats columns alike (the share of zeros, per row or per column) can see that; it takes a vector whose
 * order of columns is known from elsewhere: the gains of the norm in front of the matrix, or the share of zeros in each
 * row of the matrix in front. Trained models relate the two; if this one does, the relation is stronger in the right
 * order. Reading INTERLEAVED bytes as FILE mixes four rows, which evens out differences between rows and columns.
 *
 * <p>Where a model has no such structure (random weights, for one) the evidence is near zero and the verdict is none:
 * that is the normal case and no reason to worry.
 *
 * @param overNeon for FILE against NEON, in standard deviations of chance; negative speaks for NEON
 * @param overInterleaved for FILE against INTERLEAVED, likewise
 */
public record LayoutEvidence(double overNeon, double overInterleaved) {
    /** Beyond this many standard deviations it is not chance. */
    private static final double CERTAIN = 6;

    private static final int MAX_ROWS = 2048;

    /** The layout that the evidence names, null if it names none. */
    public I2s.@Nullable Layout verdict() {
        if (overInterleaved < -CERTAIN) {
            return I2s.Layout.INTERLEAVED;
        }
        if (overNeon < -CERTAIN) {
            return I2s.Layout.NEON;
        }
        return overNeon > CERTAIN && overInterleaved > CERTAIN ? I2s.Layout.FILE : null;
    }

    /**
     * Judges a model by the feed-forward and query matrices of its middle layer.
     *
     * @return null if these are not I2_S
     */
    public static @Nullable LayoutEvidence of(Checkpoint model) {
        int layers = 0;
        while (model.has("blk.%d.ffn_down.weight".formatted(layers))) {
            layers++;
        }
        String blk = "blk.%d.".formatted(layers / 2);
        for (String needed : new String[] {"ffn_up", "ffn_down", "attn_q", "ffn_norm", "attn_norm"}) {
            String name = blk + needed + ".weight";
            if (!model.has(name)
                    || model.tensor(name).ternary()
                            && !model.tensor(name).type().equals("I2_S")) {
                return null;
            }
        }
        try (Arena arena = Arena.ofConfined()) {
            if (!model.tensor(blk + "ffn_up.weight").ternary()) {
                return null;
            }
            TernaryTensor up = model.tensor(blk + "ffn_up.weight").trits(arena);
            LayoutEvidence down = of(model.tensor(blk + "ffn_down.weight").trits(arena), rowDensities(up));
            LayoutEvidence ffn =
                    of(up, model.tensor(blk + "ffn_norm.weight").floats(arena).toFloats());
            LayoutEvidence attention = of(
                    model.tensor(blk + "attn_q.weight").trits(arena),
                    model.tensor(blk + "attn_norm.weight").floats(arena).toFloats());
            return new LayoutEvidence(
                    (down.overNeon + ffn.overNeon + attention.overNeon) / Math.sqrt(3),
                    (down.overInterleaved + ffn.overInterleaved + attention.overInterleaved) / Math.sqrt(3));
        }
    }

    /**
     * Judges one matrix.
     *
     * @param readAsFile the matrix as {@link I2s.Layout#FILE} reads it, columns a multiple of 128
     * @param columns a number for each column, known in the right order
     */
    public static LayoutEvidence of(TernaryTensor readAsFile, float[] columns) {
        int cols = readAsFile.cols();
        if (columns.length != cols) {
            throw new FormatException(
                    "a matrix and what is known of its columns differ in width", cols, columns.length);
        }
        int rows = Math.min(readAsFile.rows(), MAX_ROWS) / 4 * 4;
        int[] byCol = new int[cols]; // weights other than zero, under each reading
        int[] byRow = new int[rows];
        int[] interleavedByCol = new int[cols];
        int[] interleavedByRow = new int[rows];
        byte[] row = new byte[cols];
        for (int r = 0; r < rows; r++) {
            readAsFile.trits().read(r, r + 1, row, 0);
            for (int c = 0; c < cols; c++) {
                int one = row[c] & 1;
                byCol[c] += one;
                byRow[r] += one;
                interleavedByCol[r % 4 * (cols / 4) + c / 128 * 32 + c % 32] += one;
                interleavedByRow[r / 4 * 4 + c % 128 / 32] += one;
            }
        }
        int[] neonByCol = new int[cols];
        for (int c = 0; c < cols; c++) {
            int plane = c % 128 / 32;
            int b = c % 32;
            neonByCol[c / 128 * 128 + b / 16 * 64 + plane * 16 + b % 16] = byCol[c];
        }
        double related = Math.abs(correlation(byCol, columns)) - Math.abs(correlation(neonByCol, columns));
        double spread = dispersion(byCol, rows)
                + dispersion(byRow, cols)
                - dispersion(interleavedByCol, rows)
                - dispersion(interleavedByRow, cols);
        double chance = 2 * Math.sqrt(1.0 / cols + 1.0 / Math.max(1, rows)); // sd of the four spreads together
        return new LayoutEvidence(related * Math.sqrt(cols / 2.0), spread / chance);
    }

    /** The share of weights other than zero in each row. */
    static float[] rowDensities(TernaryTensor t) {
        float[] densities = new float[t.rows()];
        byte[] row = new byte[t.cols()];
        for (int r = 0; r < densities.length; r++) {
            t.trits().read(r, r + 1, row, 0);
            int n = 0;
            for (byte trit : row) {
                n += trit & 1;
            }
            densities[r] = (float) n / row.length;
        }
        return densities;
    }

    /** Pearson's, 0 if one side does not vary. */
    private static double correlation(int[] x, float[] y) {
        double mx = 0;
        double my = 0;
        for (int i = 0; i < x.length; i++) {
            mx += x[i];
            my += Math.abs(y[i]);
        }
        mx /= x.length;
        my /= x.length;
        double xy = 0;
        double xx = 0;
        double yy = 0;
        for (int i = 0; i < x.length; i++) {
            double dx = x[i] - mx;
            double dy = Math.abs(y[i]) - my;
            xy += dx * dy;
            xx += dx * dx;
            yy += dy * dy;
        }
        return xx > 0 && yy > 0 ? xy / Math.sqrt(xx * yy) : 0;
    }

    /** Variance of counts out of {@code n} over that of independent draws: 1 if all lines are alike. */
    private static double dispersion(int[] counts, int n) {
        double mean = 0;
        for (int count : counts) {
            mean += count;
        }
        mean /= Math.max(1, counts.length);
        double expected = mean * (1 - mean / Math.max(1, n));
        double squares = 0;
        for (int count : counts) {
            squares += (count - mean) * (count - mean);
        }
        return expected > 0 ? squares / (counts.length - 1) / expected : 1;
    }
}
