package dev.trit.tensor;

import java.util.Arrays;

/**
 * The real numbers that turn trits back into weights: {@code weight[r][c] = scale(r, c) * trit[r][c]}.
 *
 * <p>Four granularities cover every dialect: one for the whole tensor (b1.58), one for each range of rows (fused or
 * sharded matrices, TriLM), one per row (IQ2_BN), one per group of columns of a row (TQ2_0, Q2_0).
 *
 * @param rowStarts first row of each range, ascending from 0; a single 0 for one scale per tensor. With
 *     {@code groupSize > 0} every row is a range of its own and this is empty.
 * @param groupSize columns that share a scale, or 0 when a scale covers whole rows
 * @param values one scale per row range, or, with groups, row-major {@code [rows, ceil(cols / groupSize)]}
 */
public record Scales(int[] rowStarts, int groupSize, float[] values) {
    private static final int[] NONE = {};

    public Scales {
        for (float value : values) {
            if (!Float.isFinite(value)) {
                throw new TensorException("a scale must be finite, got " + value);
            }
        }
        if (groupSize < 0 || (groupSize == 0 && rowStarts.length != values.length) || values.length == 0) {
            throw new TensorException(
                    "%d scales for %d row ranges, group size %d".formatted(values.length, rowStarts.length, groupSize));
        }
        if (groupSize == 0) {
            for (int i = 0; i < rowStarts.length; i++) {
                if (i == 0 ? rowStarts[0] != 0 : rowStarts[i] <= rowStarts[i - 1]) {
                    throw new TensorException("row ranges must ascend from 0, got " + Arrays.toString(rowStarts));
                }
            }
        }
    }

    public static Scales perTensor(float scale) {
        return new Scales(new int[] {0}, 0, new float[] {scale});
    }

    /** One scale for each of {@code values.length} rows. */
    public static Scales perRow(float... values) {
        int[] starts = new int[values.length];
        Arrays.setAll(starts, i -> i);
        return new Scales(starts, 0, values);
    }

    /** One scale for each range of rows that begins at {@code rowStarts[i]}. */
    public static Scales perRowRange(int[] rowStarts, float[] values) {
        return new Scales(rowStarts, 0, values);
    }

    /** One scale for each {@code groupSize} columns of each row, {@code [rows, ceil(cols / groupSize)]}. */
    public static Scales perGroup(int groupSize, float[] values) {
        if (groupSize < 1) {
            throw new TensorException("a group needs at least one column, got " + groupSize);
        }
        return new Scales(NONE, groupSize, values);
    }

    /** True when a scale covers only a part of a row. */
    public boolean grouped() {
        return groupSize > 0;
    }

    /** The scale of a whole row; only when not {@link #grouped()}. */
    public float ofRow(int row) {
        if (rowStarts.length == 1) {
            return values[0];
        }
        int i = Arrays.binarySearch(rowStarts, row);
        return values[i >= 0 ? i : -i - 2];
    }

    /**
     * The coarsest form that means the same: groups that all agree within their row become one scale per row, and rows
     * that agree become ranges, in the end one scale for the tensor. Kernels run an ungrouped matrix with one
     * multiplication per row, so what a file stores block by block should not cost at run time.
     *
     * @param rows rows of the matrix
     */
    public Scales coarsest(int rows) {
        float[] perRow = new float[rows];
        if (grouped()) {
            int groups = values.length / rows; // scales per row
            for (int r = 0; r < rows; r++) {
                perRow[r] = values[r * groups];
                for (int g = 1; g < groups; g++) {
                    if (Float.floatToRawIntBits(values[r * groups + g]) != Float.floatToRawIntBits(perRow[r])) {
                        return this;
                    }
                }
            }
        } else {
            for (int r = 0; r < rows; r++) {
                perRow[r] = ofRow(r);
            }
        }
        int[] starts = new int[rows];
        float[] merged = new float[rows];
        int n = 0;
        for (int r = 0; r < rows; r++) {
            if (n == 0 || Float.floatToRawIntBits(perRow[r]) != Float.floatToRawIntBits(merged[n - 1])) {
                starts[n] = r;
                merged[n++] = perRow[r];
            }
        }
        return new Scales(Arrays.copyOf(starts, n), 0, Arrays.copyOf(merged, n));
    }

    @Override
    public boolean equals(Object o) {
        return o instanceof Scales s
                && groupSize == s.groupSize
                && Arrays.equals(rowStarts, s.rowStarts)
                && Arrays.equals(values, s.values);
    }

    @Override
    public int hashCode() {
        return 31 * Arrays.hashCode(values) + groupSize;
    }

    @Override
    public String toString() {
        return grouped()
                ? "Scales[%d groups of %d]".formatted(values.length, groupSize)
                : "Scales[%d row ranges]".formatted(values.length);
    }
}
