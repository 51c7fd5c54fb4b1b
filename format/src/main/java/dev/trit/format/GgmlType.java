package dev.trit.format;

import dev.trit.tensor.DType;
import org.jspecify.annotations.Nullable;

/**
 * How GGUF files store tensors: type ids, sizes, and what can be done with each.
 *
 * <p>Forks of llama.cpp gave the same id to different types: 39 is TL2 or MXFP4, 42 is Q2_0 in blocks of 64 or of 128.
 * {@link GgufFile} tells them apart by architecture, neighbouring tensors and sizes, never by {@code
 * general.file_type}, whose numbers clash as well (40 is I2_S or Q1_0).
 */
public enum GgmlType {
    F32(0, 1, 4, DType.F32),
    F16(1, 1, 2, DType.F16),
    Q4_0(2, 32, 18, DType.Q4_0),
    Q4_1(3, 32, 20, DType.Q4_1),
    Q5_0(6, 32, 22, DType.Q5_0),
    Q5_1(7, 32, 24, DType.Q5_1),
    Q8_0(8, 32, 34, DType.Q8_0),
    Q8_1(9, 32, 36, Use.NOT_READ),
    Q2_K(10, 256, 84, Use.NOT_READ),
    Q3_K(11, 256, 110, Use.NOT_READ),
    Q4_K(12, 256, 144, DType.Q4_K),
    Q5_K(13, 256, 176, DType.Q5_K),
    Q6_K(14, 256, 210, DType.Q6_K),
    Q8_K(15, 256, 292, Use.NOT_READ),
    IQ2_XXS(16, 256, 66, Use.NOT_READ),
    IQ2_XS(17, 256, 74, Use.NOT_READ),
    IQ3_XXS(18, 256, 98, Use.NOT_READ),
    IQ1_S(19, 256, 50, Use.NOT_READ),
    IQ4_NL(20, 32, 18, Use.NOT_READ),
    IQ3_S(21, 256, 110, Use.NOT_READ),
    IQ2_S(22, 256, 82, Use.NOT_READ),
    IQ4_XS(23, 256, 136, Use.NOT_READ),
    I8(24, 1, 1, Use.NOT_READ),
    I16(25, 1, 2, Use.NOT_READ),
    I32(26, 1, 4, Use.NOT_READ),
    I64(27, 1, 8, Use.NOT_READ),
    F64(28, 1, 8, Use.NOT_READ),
    IQ1_M(29, 256, 56, Use.NOT_READ),
    BF16(30, 1, 2, DType.BF16),
    TQ1_0(34, 256, 54, Use.TERNARY),
    TQ2_0(35, 256, 66, Use.TERNARY),
    /** bitnet.cpp and ik_llama.cpp: n/4 bytes of codes, a float scale, padding to n/4 + 32. */
    I2_S(36, 4, 1, Use.TERNARY),
    I8_S(37, 1, 1, Use.NOT_READ),
    /** bitnet.cpp: n/4 bytes in tiles of one CPU; scale in a tensor beside it. */
    TL1(38, 4, 1, Use.TERNARY),
    /** bitnet.cpp: three weights in five bits, in tiles of one CPU; scale in a tensor beside it. */
    TL2(39, 1, 1, Use.TERNARY),
    MXFP4(39, 32, 17, Use.NOT_READ),
    NVFP4(40, 64, 36, Use.NOT_READ),
    Q1_0(41, 128, 18, Use.TERNARY),
    Q2_0(42, 64, 18, Use.TERNARY),
    /** The form of {@link #Q2_0} that PrismML's first files use under the same id. */
    Q2_0_128(42, 128, 34, Use.TERNARY),
    /** ik_llama.cpp: every row is an f16 scale and blocks of 13 bytes. */
    IQ1_BN(134, 64, 13, Use.TERNARY),
    /** ik_llama.cpp: every row is a float scale and blocks of 16 bytes. */
    IQ2_BN(135, 64, 16, Use.TERNARY),
    /** PrismML's fork: weights in a basis turned by a Hadamard transform. */
    PQ2_0(142, 128, 34, Use.HADAMARD),
    PTQ1_0(143, 128, 28, Use.HADAMARD);

    /** What reading such a tensor gives. */
    enum Use {
        FLOAT,
        TERNARY,
        /** Known by size only. */
        NOT_READ,
        /** Known, but its activations need a Hadamard transform that no forward pass here does. */
        HADAMARD
    }

    private final int id;
    private final int blockElements;
    private final int blockBytes;
    private final @Nullable DType dtype;
    private final Use use;

    GgmlType(int id, int blockElements, int blockBytes, DType dtype) {
        this.id = id;
        this.blockElements = blockElements;
        this.blockBytes = blockBytes;
        this.dtype = dtype;
        this.use = Use.FLOAT;
    }

    GgmlType(int id, int blockElements, int blockBytes, Use use) {
        this.id = id;
        this.blockElements = blockElements;
        this.blockBytes = blockBytes;
        this.dtype = null;
        this.use = use;
    }

    /** The number in the file; not unique. */
    public int id() {
        return id;
    }

    /** The element type of tensors that are read as floats, else null. */
    public @Nullable DType dtype() {
        return dtype;
    }

    /** True for types that hold ternary or binary codes. */
    public boolean ternary() {
        return use == Use.TERNARY || use == Use.HADAMARD;
    }

    Use use() {
        return use;
    }

    /** The type under which {@code dtype} is stored. */
    public static GgmlType of(DType dtype) {
        return valueOf(dtype.name());
    }

    /**
     * Bytes of a matrix, [rows, cols].
     *
     * @throws FormatException if rows do not fill whole blocks, or the size exceeds 63 bits
     */
    public long bytes(long rows, long cols) {
        if (rows < 1 || cols < 1 || cols % blockElements != 0) {
            throw new FormatException(
                    "a row of %s does not fill whole blocks".formatted(this),
                    "a multiple of " + blockElements,
                    "[%d, %d]".formatted(rows, cols));
        }
        try {
            long rowBytes = Math.multiplyExact(cols / blockElements, (long) blockBytes);
            return switch (this) {
                case I2_S -> Math.addExact(Math.multiplyExact(rows, rowBytes), 32);
                case TL2 -> tl2Bytes(rows, cols);
                case IQ1_BN -> Math.multiplyExact(rows, rowBytes + 2);
                case IQ2_BN -> Math.multiplyExact(rows, rowBytes + 4);
                default -> Math.multiplyExact(rows, rowBytes);
            };
        } catch (ArithmeticException e) {
            throw new FormatException("%s [%d, %d] has more bytes than a file can".formatted(this, rows, cols))
                    .causedBy(e);
        }
    }

    /** bitnet.cpp's own sum: five bits for three weights in all columns but 256, four bits for two in those. */
    private static long tl2Bytes(long rows, long cols) {
        long triples = Math.multiplyExact(Math.max(cols - 256, 0), rows) / 3;
        return Math.addExact(Math.multiplyExact(triples, 5) / 8, Math.multiplyExact(256, rows) / 2 * 4 / 8);
    }
}
