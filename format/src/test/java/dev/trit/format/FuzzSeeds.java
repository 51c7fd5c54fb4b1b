package dev.trit.format;

import dev.trit.tensor.FloatTensor;
import dev.trit.tensor.Scales;
import dev.trit.tensor.TernaryTensor;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;

/** Small valid files of every kind, whose headers are then mutated. */
final class FuzzSeeds {
    private FuzzSeeds() {}

    /** GGUF files: all value types and tensor types; the shape of real models; the shared fixtures where present. */
    static List<Path> gguf(Path dir) throws IOException {
        List<Path> files = new ArrayList<>();
        files.add(allTypes(dir.resolve("all-types.gguf"), "llama"));
        files.add(allTypes(dir.resolve("bitnet-types.gguf"), "bitnet-b1.58"));
        files.add(model(dir.resolve("model.gguf")));
        String shared = System.getProperty("TRIT_SHARED", System.getenv("TRIT_SHARED"));
        Path data = Path.of(shared != null ? shared : "../../shared").resolve("data");
        for (String name : List.of(
                "fixtures/tq-types.gguf",
                "fixtures/llama-tiny-TQ2_0.gguf",
                "models/smollm2-135m-instruct.q4_1.gguf",
                "tokenizers/vectors/ggml-vocab-llama-spm.gguf")) {
            Path real = data.resolve(name);
            if (Files.exists(real)) {
                files.add(shortened(real, dir.resolve("short-" + real.getFileName())));
            }
        }
        return files;
    }

    /** The header of a real file, with long arrays cut to 40 elements and one tensor in ten, each of one row. */
    private static Path shortened(Path real, Path out) {
        try (GgufFile file = GgufFile.open(real)) {
            GgufWriter writer = new GgufWriter(out);
            file.metadata().forEach((key, value) -> {
                Object cut = switch (value) {
                    case List<?> l -> l.subList(0, Math.min(40, l.size()));
                    case int[] a -> Arrays.copyOf(a, Math.min(40, a.length));
                    case float[] a -> Arrays.copyOf(a, Math.min(40, a.length));
                    case String s -> s.substring(0, Math.min(200, s.length()));
                    default -> value;
                };
                GgufValueType type = file.valueType(key);
                writer.put(key, cut, type == null ? GgufValueType.of(cut) : type);
            });
            for (int i = 0; i < file.tensors().size(); i += 1 + file.tensors().size() / 10) {
                GgufTensor t = file.tensor(file.tensors().get(i).name());
                writer.matrix(
                        t.name(),
                        t.ggmlType(),
                        1,
                        t.cols(),
                        noise(i, t.ggmlType().bytes(1, t.cols())));
            }
            writer.write();
            return out;
        }
    }

    private static Path allTypes(Path path, String architecture) {
        GgufWriter writer = new GgufWriter(path)
                .put("general.architecture", architecture)
                .put("general.alignment", 64)
                .put("general.file_type", 40)
                .put("u8", 200, GgufValueType.U8)
                .put("i16", -5, GgufValueType.I16)
                .put("u64", 1L << 40)
                .put("f64", Math.E)
                .put("bool", true)
                .put("bytes", new byte[20])
                .put("ints", new int[] {1, 2, 3})
                .put("longs", new long[] {1, 2, 3})
                .put("doubles", new double[] {1, 2, 3})
                .put("booleans", new boolean[] {true, false})
                .put("tokens", List.of("a", "b", "\u00e9", ""))
                .put("nested", List.of(new int[] {1}, List.of("x")));
        for (GgmlType type : GgmlType.values()) {
            boolean twin = type == GgmlType.Q2_0_128
                    || type == (architecture.startsWith("bitnet") ? GgmlType.MXFP4 : GgmlType.TL2);
            if (!twin) {
                String name = "blk.%d.ffn_up.weight".formatted(type.ordinal());
                writer.matrix(name, type, 32, 768, body(type));
                if (type == GgmlType.TL1 || type == GgmlType.TL2) {
                    writer.vector(name + "_scale", FloatTensor.of(1, 1, 0.5f));
                }
            }
        }
        writer.write();
        return path;
    }

    private static Path model(Path path) {
        GgufWriter writer = new GgufWriter(path).put("general.architecture", "bitnet");
        for (String key : List.of("block_count", "embedding_length", "attention.head_count", "vocab_size")) {
            writer.put("bitnet." + key, 2);
        }
        writer.put("bitnet.rope.freq_base", 10000f);
        writer.matrix("token_embd.weight", FloatTensor.of(4, 2, 1, 2, 3, 4, 5, 6, 7, 8));
        for (int i = 0; i < 3; i++) {
            writer.vector("blk.%d.attn_norm.weight".formatted(i), FloatTensor.of(1, 2, 1, 1));
            writer.matrix("blk.%d.attn_q.weight".formatted(i), GgmlType.I2_S, 4, 128, noise(i, 160));
            writer.matrix("blk.%d.ffn_up.weight".formatted(i), GgmlType.TQ2_0, 2, 256, noise(i, 132));
            writer.vector("blk.%d.ffn_up.scale".formatted(i), FloatTensor.of(1, 1, 2));
        }
        writer.write();
        return path;
    }

    /** A sharded checkpoint with packed weights; its files, all of which are mutated. */
    static List<Path> checkpoint(Path dir) throws IOException {
        List<Path> files = new ArrayList<>();
        files.add(Files.writeString(dir.resolve("config.json"), """
                {"architectures": ["BitNetForCausalLM"], "model_type": "bitnet", "hidden_act": "relu2",
                 "hidden_size": 8, "intermediate_size": 12, "num_hidden_layers": 1, "num_attention_heads": 2,
                 "num_key_value_heads": 1, "vocab_size": 4, "rms_norm_eps": 1e-05, "max_position_embeddings": 64,
                 "tie_word_embeddings": true,
                 "rope_parameters": {"rope_type": "llama3", "rope_theta": 500000.0, "factor": 8.0,
                   "low_freq_factor": 1.0, "high_freq_factor": 4.0, "original_max_position_embeddings": 32},
                 "quantization_config": {"quant_method": "bitnet", "linear_class": "autobitlinear",
                   "quantization_mode": "offline", "modules_to_not_convert": ["lm_head"]}}"""));
        SafetensorsWriter writer = new SafetensorsWriter()
                .tensor("model.embed_tokens.weight", "BF16", new long[] {4, 8}, noise(1, 64))
                .tensor("model.layers.0.input_layernorm.weight", "F32", new long[] {8}, noise(2, 32))
                .tensor("model.layers.0.mlp.gate_proj.weight", "U8", new long[] {3, 8}, noise(3, 24))
                .tensor("model.layers.0.mlp.gate_proj.weight_scale", FloatTensor.of(1, 1, 0.5f), 1)
                .tensor("model.layers.0.mlp.down_proj.weight", "U8", new long[] {2, 12}, noise(4, 24))
                .tensor("model.layers.0.mlp.down_proj.weight_scale", FloatTensor.of(1, 1, 0.5f), 1)
                .tensor("model.layers.0.self_attn.attn_sub_norm.weight", "F16", new long[] {8}, noise(5, 16));
        files.addAll(writer.writeSharded(dir, 100));
        return files;
    }

    /** Valid codes where the dialect is written, noise elsewhere (which holds codes that stand for no trit). */
    private static TensorBody body(GgmlType type) {
        TernaryDialect dialect = switch (type) {
            case I2_S -> new I2s();
            case TQ1_0 -> new Tq1_0();
            case TQ2_0 -> new Tq2_0();
            case IQ1_BN -> new Iq1Bn();
            case IQ2_BN -> new Iq2Bn();
            case Q2_0 -> new Q2_0(64);
            default -> null;
        };
        if (dialect == null || !dialect.canEncode()) {
            return noise(type.ordinal(), type.bytes(32, 768));
        }
        byte[] trits = new byte[32 * 768];
        Random random = new Random(type.ordinal());
        for (int i = 0; i < trits.length; i++) {
            trits[i] = (byte) (random.nextInt(3) - 1);
        }
        return out -> dialect.encode(TernaryTensor.of(32, 768, trits, Scales.perTensor(0.5f)), out);
    }

    private static TensorBody noise(int seed, long bytes) {
        return out -> {
            byte[] noise = new byte[(int) bytes];
            new Random(seed).nextBytes(noise);
            out.write(noise);
        };
    }
}
