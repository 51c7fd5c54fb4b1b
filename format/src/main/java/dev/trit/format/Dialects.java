package dev.trit.format;

import dev.trit.tensor.TernaryTensor;
import java.nio.file.Path;

/** Which codec reads what: the one place where containers meet dialects. */
final class Dialects {
    private Dialects() {}

    /**
     * The codec of a ternary tensor in a GGUF file.
     *
     * @throws FormatException if the type is recognised but not read
     */
    static TernaryDialect of(GgufTensor tensor) {
        GgmlType type = tensor.ggmlType();
        return switch (type) {
            case I2_S -> new I2s();
            case TL1 -> new Tl1(tensor.weightScale(), TlTile.tl1(tensor.rows(), tensor.cols()));
            case TL2 -> new Tl2(tensor.weightScale(), TlTile.tl2(tensor.rows(), tensor.cols()));
            case TQ1_0 -> new Tq1_0();
            case TQ2_0 -> new Tq2_0();
            case Q1_0 -> new Q1_0();
            case Q2_0 -> new Q2_0(64);
            case Q2_0_128 -> new Q2_0(128);
            case IQ1_BN -> new Iq1Bn();
            case IQ2_BN -> new Iq2Bn();
            case PQ2_0, PTQ1_0 ->
                throw new FormatException(
                        "%s weights live in a rotated basis".formatted(type),
                        "weights that need no Hadamard transform of the activations",
                        type,
                        "Use the Q2_0 or TQ2_0 file of this model, if its makers publish one.");
            default -> throw new FormatException("not a ternary type", "I2_S, TQ1_0, TQ2_0, ...", type);
        };
    }

    /** The same matrix, with complaints about its codes, which are found when they are read, saying where. */
    static TernaryTensor located(TernaryTensor t, Path file, String tensor) {
        return new TernaryTensor(
                t.rows(),
                t.cols(),
                (from, to, out, at) -> {
                    try {
                        t.trits().read(from, to, out, at);
                    } catch (FormatException e) {
                        throw e.at(file, tensor);
                    }
                },
                t.scales());
    }
}
