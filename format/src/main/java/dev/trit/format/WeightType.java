package dev.trit.format;

import dev.trit.tensor.DType;
import java.util.Arrays;
import java.util.Locale;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** What the linear layers of a converted model are stored as: a ternary dialect, or floats. */
public enum WeightType {
    I2_S(GgmlType.I2_S, new I2s(), null, 40),
    TQ1_0(GgmlType.TQ1_0, new Tq1_0(), null, 36),
    TQ2_0(GgmlType.TQ2_0, new Tq2_0(), null, 37),
    Q2_0(GgmlType.Q2_0, new Q2_0(), null, null),
    IQ1_BN(GgmlType.IQ1_BN, new Iq1Bn(), null, null),
    IQ2_BN(GgmlType.IQ2_BN, new Iq2Bn(), null, null),
    HF_PACKED(null, null, null, null),
    F32(GgmlType.F32, null, DType.F32, 0),
    F16(GgmlType.F16, null, DType.F16, 1),
    BF16(GgmlType.BF16, null, DType.BF16, 32),
    Q8_0(GgmlType.Q8_0, null, DType.Q8_0, 7);

    private final @Nullable GgmlType ggml;
    private final @Nullable TernaryDialect dialect;
    private final @Nullable DType dtype;
    private final @Nullable Integer fileType;

    WeightType(
            @Nullable GgmlType ggml,
            @Nullable TernaryDialect dialect,
            @Nullable DType dtype,
            @Nullable Integer fileType) {
        this.ggml = ggml;
        this.dialect = dialect;
        this.dtype = dtype;
        this.fileType = fileType;
    }

    /**
     * The type of a name as people write it: {@code i2_s}, {@code TQ2_0}, {@code hf-packed}.
     *
     * @throws FormatException listing the names, if there is none
     */
    public static WeightType named(String name) {
        String wanted = name.replace('-', '_').toUpperCase(Locale.ROOT);
        return Arrays.stream(values())
                .filter(t -> t.name().equals(wanted))
                .findFirst()
                .orElseThrow(() -> new FormatException(
                        "unknown weight type",
                        Arrays.stream(values()).map(WeightType::toString).collect(Collectors.joining(", ")),
                        name));
    }

    /** The name for command lines: {@code i2_s}, {@code hf-packed}. */
    @Override
    public String toString() {
        return this == HF_PACKED ? "hf-packed" : name().toLowerCase(Locale.ROOT);
    }

    /** True for codes, false for floats. */
    public boolean ternary() {
        return dtype == null;
    }

    /** The type in GGUF; null where GGUF has none. */
    @Nullable GgmlType ggml() {
        return ggml;
    }

    /** The codec of codes in GGUF. */
    @Nullable TernaryDialect dialect() {
        return dialect;
    }

    /** The element type of floats. */
    @Nullable DType dtype() {
        return dtype;
    }

    /** What the type's own engine writes under {@code general.file_type}. */
    @Nullable Integer fileType() {
        return fileType;
    }
}
