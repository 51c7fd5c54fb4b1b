package dev.trit.model;

/**
 * A matrix of activations inside an array, one row for each token: row t begins at {@code at + t * stride}. A view, so
 * that the parts of a fused product (q, k, v) can be worked on by name.
 */
record Rows(float[] data, int at, int stride) {
    /** A new matrix, [rows, cols]. */
    Rows(int rows, int cols) {
        this(new float[Math.multiplyExact(rows, cols)], 0, cols);
    }

    /** The columns from {@code col} on. */
    Rows from(int col) {
        return new Rows(data, at + col, stride);
    }

    /** Where row t begins. */
    int row(int t) {
        return at + t * stride;
    }
}
