package dev.trit.cli;

import dev.trit.format.GgmlType;
import dev.trit.format.GgufWriter;
import dev.trit.format.I2s;
import dev.trit.format.Quantize;
import dev.trit.format.TensorBody;
import dev.trit.format.TernaryDialect;
import dev.trit.format.Tq1_0;
import dev.trit.format.Tq2_0;
import dev.trit.tensor.DType;
import dev.trit.tensor.Scales;
import dev.trit.tensor.TernaryTensor;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.Map;

/**
 * A model of random weights as a GGUF file: right in every shape, type and key, so that any engine can run it, and
 * worthless in what it says. Equal arguments give equal files.
 */
final class SyntheticModel {
    private static final int ROWS_AT_ONCE = 64;

    private final Shape shape;
    private final GgmlType type;
    private final TernaryDialect dialect;
    private final DType embeddingType;
    private final long seed;
    private final GgufWriter writer;
    private final Progress progress;
    private long tensors; // declared so far; numbers their random streams
    private long written;

    /**
     * @param type of the linear layers: I2_S, TQ1_0 or TQ2_0
     * @param embeddingType of the embedding, and of the head where it is not tied: F32, F16, BF16, Q8_0 or Q6_K
     * @param seed of the weights
     */
    SyntheticModel(Shape shape, GgmlType type, DType embeddingType, long seed, Path target, Stdio stdio) {
        this.shape = shape;
        this.type = type;
        this.dialect = switch (type) {
            case I2_S -> new I2s();
            case TQ1_0 -> new Tq1_0();
            case TQ2_0 -> new Tq2_0();
            default -> throw new CommandException(ExitCode.USAGE, "--type: expected i2_s, tq1_0 or tq2_0, got " + type);
        };
        if (!Quantize.canWrite(embeddingType)) {
            throw new CommandException(
                    ExitCode.USAGE, "--embedding-type: expected f32, f16, bf16, q8_0 or q6_k, got " + embeddingType);
        }
        this.embeddingType = embeddingType;
        this.seed = seed;
        this.writer = new GgufWriter(target);
        this.progress = new Progress(stdio, "writing tensors", tensorCount());
    }

    /** Writes the file, whole or not at all. */
    void write() {
        metadata();
        floats("token_embd.weight", shape.vocab(), shape.hidden());
        for (int i = 0; i < shape.layers(); i++) {
            block("blk." + i + ".");
        }
        gains("output_norm.weight", shape.hidden());
        if (!shape.tied()) {
            floats("output.weight", shape.vocab(), shape.hidden());
        }
        try (progress) {
            writer.write();
        }
    }

    private void block(String at) {
        gains(at + "attn_norm.weight", shape.hidden());
        trits(at + "attn_q.weight", shape.qDim(), shape.hidden());
        trits(at + "attn_k.weight", shape.kvDim(), shape.hidden());
        trits(at + "attn_v.weight", shape.kvDim(), shape.hidden());
        trits(at + "attn_output.weight", shape.hidden(), shape.qDim());
        gains(at + "ffn_norm.weight", shape.hidden());
        trits(at + "ffn_gate.weight", shape.ffn(), shape.hidden());
        trits(at + "ffn_up.weight", shape.ffn(), shape.hidden());
        trits(at + "ffn_down.weight", shape.hidden(), shape.ffn());
        if (shape.subNorms()) {
            gains(at + "attn_sub_norm.weight", shape.qDim());
            gains(at + "ffn_sub_norm.weight", shape.ffn());
        }
    }

    private int tensorCount() {
        return shape.layers() * (shape.subNorms() ? 11 : 9) + (shape.tied() ? 2 : 3);
    }

    private void metadata() {
        String prefix = shape.architecture() + ".";
        writer.put("general.architecture", shape.architecture())
                .put("general.name", "random weights of shape " + shape.name())
                .put("general.file_type", fileType())
                .put("general.quantization_version", 2)
                .put(prefix + "block_count", shape.layers())
                .put(prefix + "context_length", shape.context())
                .put(prefix + "embedding_length", shape.hidden())
                .put(prefix + "feed_forward_length", shape.ffn())
                .put(prefix + "attention.head_count", shape.heads())
                .put(prefix + "attention.head_count_kv", shape.kvHeads())
                .put(prefix + "attention.key_length", shape.headDim())
                .put(prefix + "attention.value_length", shape.headDim())
                .put(prefix + "attention.layer_norm_rms_epsilon", 1e-5f)
                .put(prefix + "rope.dimension_count", shape.headDim())
                .put(prefix + "rope.freq_base", shape.ropeTheta())
                .put(prefix + "vocab_size", shape.vocab());
        for (Map.Entry<String, Object> e :
                SyntheticVocabulary.metadata(shape.vocab()).entrySet()) {
            writer.put(e.getKey(), e.getValue());
        }
    }

    /** What the type's own engine writes under {@code general.file_type}. */
    private int fileType() {
        return switch (type) {
            case TQ1_0 -> 36;
            case TQ2_0 -> 37;
            default -> 40;
        };
    }

    /**
     * A third each of -1, 0 and +1, scaled so that a normalized input gives an output of variance one. The scale fits
     * half precision, so that a model means the same whatever its type.
     */
    private void trits(String name, int rows, int cols) {
        long stream = next();
        float scale = Float.float16ToFloat(Float.floatToFloat16((float) Math.sqrt(1.5 / cols)));
        var tensor = new TernaryTensor(
                rows,
                cols,
                (from, to, out, at) -> RandomTrits.fill(stream, (long) from * cols, out, at, (to - from) * cols),
                Scales.perTensor(scale));
        writer.matrix(name, type, rows, cols, counted(out -> dialect.encode(tensor, out)));
    }

    private void gains(String name, int n) {
        next();
        ByteBuffer ones = ByteBuffer.allocate(4 * n).order(ByteOrder.LITTLE_ENDIAN);
        for (int i = 0; i < n; i++) {
            ones.putFloat(1);
        }
        writer.vector(name, GgmlType.F32, n, counted(out -> out.write(ones.array())));
    }

    /** Values of standard deviation 0.02, uniform. */
    private void floats(String name, int rows, int cols) {
        long stream = next();
        writer.matrix(name, GgmlType.of(embeddingType), rows, cols, counted(out -> {
            int rowBytes = Math.toIntExact(embeddingType.rowBytes(cols));
            float[] row = new float[cols];
            byte[] bytes = new byte[rowBytes * ROWS_AT_ONCE];
            for (int from = 0; from < rows; from += ROWS_AT_ONCE) {
                int n = Math.min(ROWS_AT_ONCE, rows - from);
                for (int r = 0; r < n; r++) {
                    RandomTrits.uniform(stream, (long) (from + r) * cols, 0.02f * (float) Math.sqrt(3), row);
                    Quantize.row(embeddingType, row, from + r, bytes, r * rowBytes);
                }
                out.write(bytes, 0, n * rowBytes);
            }
        }));
    }

    private TensorBody counted(TensorBody body) {
        return out -> {
            body.writeTo(out);
            progress.at(++written, "");
        };
    }

    private long next() {
        return RandomTrits.mix(seed + ++tensors);
    }
}
