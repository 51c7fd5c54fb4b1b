package dev.trit.format;

import dev.trit.tensor.DType;
import dev.trit.tensor.Dequantize;
import dev.trit.tensor.FloatTensor;
import dev.trit.tensor.Scales;
import dev.trit.tensor.TernaryTensor;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** The tensors of a model as a {@link Conversion} wants them, whatever container they come from and go to. */
final class ConvertedTensors {
    private static final Pattern LINEAR =
            Pattern.compile("blk\\.\\d+\\.(attn_q|attn_k|attn_v|attn_output|ffn_gate|ffn_up|ffn_down)\\.weight");
    private static final Pattern ROTATED = Pattern.compile("blk\\.\\d+\\.attn_[qk]\\.(weight|bias)");
    private static final int CHUNK = 1 << 18;

    private final Checkpoint in;
    private final Conversion conversion;
    private final boolean safetensors;
    private final Consumer<String> progress;
    private final @Nullable HeadRows headRows;
    private final Set<String> losses = new LinkedHashSet<>();

    ConvertedTensors(Checkpoint in, Conversion conversion, boolean safetensors, Consumer<String> progress) {
        this.in = in;
        this.conversion = conversion;
        this.safetensors = safetensors;
        this.progress = progress;
        boolean interleaved = !safetensors && in.architecture().equals("llama");
        this.headRows =
                interleaved == in.ropeInterleaved() ? null : new HeadRows(HfConfigWriter.headDim(in), interleaved);
        if (type().ternary() && in.tensors().stream().noneMatch(this::isTernary)) {
            throw new FormatException(
                    "this is not a ternary model, and rounding a full-precision model to trits destroys it",
                    "ternary weights, or master weights of a bitnet model",
                    in.tensors().stream()
                            .filter(t -> LINEAR.matcher(t.name()).matches())
                            .findFirst()
                            .map(StoredTensor::type)
                            .orElse("no linear layers"),
                    "Convert it to bf16, f16 or q8_0.");
        }
    }

    WeightType type() {
        return conversion.type();
    }

    List<StoredTensor> all() {
        return in.tensors();
    }

    List<String> losses() {
        return List.copyOf(losses);
    }

    void loses(String what) {
        losses.add(what);
    }

    /** Whether the tensor holds codes, or floats that the forward pass turns into codes. */
    boolean isTernary(StoredTensor t) {
        return t.ternary() || (in.masterWeights() && LINEAR.matcher(t.name()).matches());
    }

    /** Whether the tensor is to be written as codes. */
    boolean becomesCodes(StoredTensor t) {
        return type().ternary() && isTernary(t);
    }

    /** The type as which a tensor that does not become codes is written; null to copy a type that is only read. */
    @Nullable DType floatType(StoredTensor t) {
        if (LINEAR.matcher(t.name()).matches() || isTernary(t)) {
            return type().dtype() != null ? type().dtype() : plain(t);
        }
        if (t.rows() == 1) {
            return safetensors && plain(t) != null ? plain(t) : DType.F32;
        }
        DType wanted = conversion.embeddingType() != null ? conversion.embeddingType() : type().dtype();
        return wanted != null && !t.name().startsWith("blk.") ? wanted : plain(t);
    }

    /** The type of the stored floats if safetensors can hold it, else F32 there, and null, "as it is", in GGUF. */
    private @Nullable DType plain(StoredTensor t) {
        for (DType plain : new DType[] {DType.F32, DType.F16, DType.BF16}) {
            if (t.type().equals(plain.name())) {
                return plain;
            }
        }
        return safetensors ? DType.F32 : null;
    }

    /** The codes of a tensor, rows in the order of the output. */
    TernaryTensor trits(StoredTensor t, Arena arena) {
        TernaryTensor trits = t.trits(arena).coarsest();
        return headRows != null && ROTATED.matcher(t.name()).matches() ? headRows.apply(trits) : trits;
    }

    /** Writes codes: {@code encode} gets the tensor when the writer has come to it. */
    TensorBody codes(StoredTensor t, BiConsumer<TernaryTensor, ByteSink> encode) {
        return out -> located(t, () -> {
            try (Arena arena = Arena.ofConfined()) {
                encode.accept(trits(t, arena), out);
            }
        });
    }

    /** Writes floats of the type that {@link #floatType} gave. */
    TensorBody floats(StoredTensor t, @Nullable DType type) {
        return out -> located(t, () -> {
            try (Arena arena = Arena.ofConfined()) {
                if (t.ternary() || (type == DType.Q8_0 && isTernary(t))) {
                    dequantize(t, trits(t, arena), type == null ? DType.F32 : type, out);
                    return;
                }
                FloatTensor stored = t.floats(arena);
                if (headRows != null && ROTATED.matcher(t.name()).matches()) {
                    stored = headRows.apply(stored, arena);
                }
                if (type == null || type == stored.type()) {
                    TensorBody.of(stored.data()).writeTo(out);
                } else {
                    requantize(t, stored, type, out);
                }
            }
        });
    }

    private void located(StoredTensor t, Runnable body) {
        progress.accept(t.name());
        try {
            body.run();
        } catch (FormatException e) {
            throw e.at(in.path(), t.name());
        }
    }

    private void requantize(StoredTensor t, FloatTensor stored, DType type, ByteSink out) {
        write(
                t,
                stored.rows(),
                stored.cols(),
                type,
                out,
                (r, values) -> Dequantize.row(stored, r, 0, values.length, values, 0));
    }

    private void dequantize(StoredTensor t, TernaryTensor trits, DType type, ByteSink out) {
        byte[] row = new byte[trits.cols()];
        Scales scales = trits.scales();
        int groups = scales.grouped() ? scales.values().length / trits.rows() : 1;
        write(t, trits.rows(), trits.cols(), type, out, (r, values) -> {
            trits.trits().read(r, r + 1, row, 0);
            for (int c = 0; c < row.length; c++) {
                float scale = scales.grouped() ? scales.values()[r * groups + c / scales.groupSize()] : scales.ofRow(r);
                values[c] = scale * row[c];
            }
        });
    }

    /** Writes rows as {@code type}, and notes if a value is not what it was. */
    private void write(
            StoredTensor t, int rows, int cols, DType type, ByteSink out, BiConsumer<Integer, float[]> read) {
        int rowBytes = Math.toIntExact(type.rowBytes(cols));
        int atOnce = Math.clamp(CHUNK / cols, 1, rows);
        float[] values = new float[cols];
        float[] back = new float[cols];
        byte[] bytes = new byte[Math.multiplyExact(atOnce, rowBytes)];
        MemorySegment segment = MemorySegment.ofArray(bytes);
        boolean exact = true;
        for (int from = 0; from < rows; from += atOnce) {
            int n = Math.min(atOnce, rows - from);
            for (int r = 0; r < n; r++) {
                read.accept(from + r, values);
                Quantize.row(type, values, from + r, bytes, r * rowBytes);
                if (exact) {
                    Dequantize.blocks(type, segment, (long) r * rowBytes, cols / type.blockElements(), back, 0);
                    exact = Arrays.equals(values, back);
                }
            }
            out.write(bytes, 0, n * rowBytes);
        }
        if (!exact) {
            loses("%s %s is rounded to %s"
                    .formatted(t.type(), LINEAR.matcher(t.name()).matches() ? "linear layers" : t.name(), type));
        }
    }
}
