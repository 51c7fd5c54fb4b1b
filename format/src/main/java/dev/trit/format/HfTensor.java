package dev.trit.format;

import dev.trit.tensor.FloatTensor;
import dev.trit.tensor.TernaryTensor;
import java.lang.foreign.Arena;

/** One tensor of a {@link HfCheckpoint}. */
final class HfTensor implements StoredTensor {
    /** A {@code weight_scale}. */
    record Scale(SafetensorsFile file, SafetensorsFile.Entry entry) {
        float value() {
            if (entry.rows() != 1 || entry.cols() != 1 || SafetensorsFile.floatType(entry.dtype()) == null) {
                throw new FormatException("the scale is not one number", "F32, F16 or BF16 [1]", entry.dtype())
                        .at(file.path(), entry.name());
            }
            try (Arena arena = Arena.ofConfined()) {
                return file.floats(entry, arena).toFloats()[0];
            }
        }
    }

    private final HfCheckpoint owner;
    private final SafetensorsFile file;
    private final SafetensorsFile.Entry entry;
    private final String name;

    HfTensor(HfCheckpoint owner, SafetensorsFile file, SafetensorsFile.Entry entry, String name) {
        this.owner = owner;
        this.file = file;
        this.entry = entry;
        this.name = name;
    }

    @Override
    public String name() {
        return name;
    }

    @Override
    public String storedName() {
        return entry.name();
    }

    @Override
    public String type() {
        return ternary() ? "HF packed" : entry.dtype();
    }

    /** Out-features; of a packed matrix four for each stored row, less those that the configuration does not have. */
    @Override
    public int rows() {
        if (!ternary()) {
            return entry.rows();
        }
        long rows = 4L * entry.rows();
        long expected = expectedRows();
        if (expected <= rows && expected > rows - 4) {
            rows = expected;
        }
        if (rows > Integer.MAX_VALUE) {
            throw new FormatException("the matrix is too large", "less than 2^31 rows", rows)
                    .at(file.path(), storedName());
        }
        return (int) rows;
    }

    /** Rows of the matrix by the configuration, 0 if it does not tell. */
    private long expectedRows() {
        String part = name.substring(name.indexOf('.', 4) + 1); // blk.3.attn_q.weight: attn_q.weight
        return switch (part) {
            case "attn_q.weight" -> number("attention.head_count") * number("attention.key_length");
            case "attn_k.weight", "attn_v.weight" -> number("attention.head_count_kv") * number("attention.key_length");
            case "attn_output.weight", "ffn_down.weight" -> number("embedding_length");
            case "ffn_gate.weight", "ffn_up.weight" -> number("feed_forward_length");
            default -> 0;
        };
    }

    private long number(String key) {
        return owner.metadata().get(owner.architecture() + "." + key) instanceof Integer n ? n : 0;
    }

    @Override
    public int cols() {
        return entry.cols();
    }

    @Override
    public long bytes() {
        return entry.bytes();
    }

    @Override
    public boolean ternary() {
        return entry.dtype().equals("U8") && entry.shape().length == 2 && name.startsWith("blk.");
    }

    @Override
    public FloatTensor floats(Arena arena) {
        if (ternary()) {
            throw new FormatException("is ternary", "F32, F16 or BF16", type(), "Read it as trits.")
                    .at(file.path(), storedName());
        }
        return file.floats(entry, arena);
    }

    @Override
    public TernaryTensor trits(Arena arena) {
        try {
            if (!ternary()) {
                return MasterWeights.quantize(floats(arena));
            }
            if (entry.bytes() == 0) {
                throw new FormatException("is empty");
            }
            float scale = owner.scaleOf(storedName())
                    .orElseThrow(() -> new FormatException("its weight_scale is missing", "a tensor beside it", null))
                    .value();
            boolean inverse = "inverse".equals(owner.metadata().get("trit.bitlinear"));
            HfPacked packed = inverse ? HfPacked.inverse(scale) : HfPacked.direct(scale);
            TernaryTensor t = packed.decode(file.map(entry, arena), rows(), cols());
            return Dialects.located(t, file.path(), storedName());
        } catch (FormatException e) {
            throw e.at(file.path(), storedName());
        }
    }
}
