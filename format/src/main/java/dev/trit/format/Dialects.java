package dev.trit.format;

import dev.trit.tensor.FloatTensor;
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
        if (type.use() == GgmlType.Use.HADAMARD) {
            throw new FormatException(
                    "%s weights live in a rotated basis".formatted(type),
                    "weights that need no Hadamard transform of the activations",
                    type,
                    "Use the Q2_0 or TQ2_0 file of this model, if its makers publish one.");
        }
        throw new FormatException("no codec for this type", "I2_S", type);
    }

    /** The codec of packed uint8 weights. @param inverse whether {@code weightScale} is one over the mean magnitude */
    static TernaryDialect hfPacked(float weightScale, boolean inverse) {
        throw new FormatException("no codec for this type", "HF packed", inverse);
    }

    /** Master weights as the forward pass sees them. */
    static TernaryTensor quantize(FloatTensor master) {
        throw new FormatException("no quantizer of master weights", null, master.type());
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
