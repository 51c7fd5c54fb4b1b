package dev.trit.train;

/** Where a model's parameters come from; asked in the order of the forward pass. */
interface ParameterSource {
    /** [rows, cols]; {@code name} without its ending. */
    Parameter matrix(String name, int rows, int cols);

    /** [n] */
    Parameter gain(String name, int n);
}
