package dev.trit.format;

import dev.trit.tensor.DType;
import dev.trit.tensor.FloatTensor;
import dev.trit.tensor.Scales;
import dev.trit.tensor.TernaryTensor;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import org.jspecify.annotations.Nullable;

/** One tensor of a {@link GgufFile}. */
public final class GgufTensor implements StoredTensor {
    private final GgufFile owner;
    private final OpenFile file;
    private final GgufDirectory.Placed place;

    GgufTensor(GgufFile owner, OpenFile file, GgufDirectory.Placed place) {
        this.owner = owner;
        this.file = file;
        this.place = place;
    }

    @Override
    public String name() {
        return place.name();
    }

    @Override
    public String storedName() {
        return place.name();
    }

    @Override
    public String type() {
        return place.type().name();
    }

    public GgmlType ggmlType() {
        return place.type();
    }

    @Override
    public int rows() {
        return place.rows();
    }

    @Override
    public int cols() {
        return place.cols();
    }

    @Override
    public long bytes() {
        return place.bytes();
    }

    @Override
    public boolean ternary() {
        return place.type().ternary();
    }

    /** Maps the bytes as they are, {@link #bytes} of them. */
    public MemorySegment map(Arena arena) {
        return file.map(place.start(), place.bytes(), arena);
    }

    @Override
    public FloatTensor floats(Arena arena) {
        DType dtype = place.type().dtype();
        if (dtype == null) {
            throw new FormatException(
                            ternary() ? "is ternary" : "its type is not read",
                            "F32, F16, BF16, Q8_0, Q4_0, Q4_1, Q5_0, Q5_1, Q4_K, Q5_K or Q6_K",
                            type(),
                            ternary() ? "Read it as trits." : "Convert the file to one of these types with llama.cpp.")
                    .at(file.path(), name());
        }
        return new FloatTensor(dtype, rows(), cols(), map(arena));
    }

    @Override
    public TernaryTensor trits(Arena arena) {
        try {
            TernaryTensor t = ternary()
                    ? Dialects.of(this).decode(map(arena), rows(), cols())
                    : MasterWeights.quantize(floats(arena));
            GgufTensor factor = partner(".scale");
            return Dialects.located(factor == null ? t : scaled(t, factor.scalar()), file.path(), name());
        } catch (FormatException e) {
            throw e.at(file.path(), name());
        }
    }

    /** bitnet.cpp keeps the scale of a TL1 or TL2 matrix in {@code X.weight_scale}. */
    float weightScale() {
        GgufTensor scale = partner(".weight_scale");
        if (scale == null) {
            throw new FormatException("its scale is missing", "a tensor %s_scale, F32 [1]".formatted(name()), null);
        }
        return scale.scalar();
    }

    /** {@code X.scale} (llama.cpp's bitnet) or {@code X.weight_scale} (bitnet.cpp) for a matrix {@code X.weight}. */
    boolean isScaleOfAnother() {
        for (String suffix : new String[] {".scale", ".weight_scale"}) {
            if (name().endsWith(suffix)) {
                return owner.has(name().substring(0, name().length() - suffix.length()) + ".weight");
            }
        }
        return false;
    }

    private @Nullable GgufTensor partner(String suffix) {
        if (!name().endsWith(".weight")) {
            return null;
        }
        String partner = name().substring(0, name().length() - ".weight".length()) + suffix;
        return owner.has(partner) ? owner.tensor(partner) : null;
    }

    private float scalar() {
        if (place.type() != GgmlType.F32 || rows() != 1 || cols() != 1) {
            throw new FormatException(
                            "a scale is not one float", "F32 [1, 1]", "%s [%d, %d]".formatted(type(), rows(), cols()))
                    .at(file.path(), name());
        }
        try (Arena arena = Arena.ofConfined()) {
            return floats(arena).toFloats()[0];
        }
    }

    private static TernaryTensor scaled(TernaryTensor t, float factor) {
        Scales s = t.scales();
        float[] values = s.values().clone();
        for (int i = 0; i < values.length; i++) {
            values[i] = PackedRows.checkScale("X.scale", values[i] * factor, "times that of the codes");
        }
        return new TernaryTensor(t.rows(), t.cols(), t.trits(), new Scales(s.rowStarts(), s.groupSize(), values));
    }
}
