package dev.trit.format;

import dev.trit.tensor.DType;
import dev.trit.tensor.TernaryTensor;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.node.ObjectNode;

/** Writes a {@link Conversion} as a Hugging Face directory: config.json, weights, tokenizer. */
final class HfOutput {
    private static final long MAX_SHARD_BYTES = 5_000_000_000L;

    /** What is copied from one checkpoint to the next. */
    private static final List<String> COPIED = List.of(
            "generation_config.json",
            "tokenizer.json",
            "tokenizer_config.json",
            "tokenizer.model",
            "special_tokens_map.json",
            "added_tokens.json",
            "chat_template.jinja",
            "vocab.json",
            "merges.txt");

    private final Checkpoint in;
    private final ConvertedTensors tensors;
    private final Conversion.TokenizerForms tokenizer;

    HfOutput(Checkpoint in, ConvertedTensors tensors, Conversion.TokenizerForms tokenizer) {
        this.in = in;
        this.tensors = tensors;
        this.tokenizer = tokenizer;
    }

    Conversion.Result write(Path target) {
        RopeFactors factors = ropeFactors();
        SafetensorsWriter out = new SafetensorsWriter();
        int count = 0;
        for (StoredTensor t : tensors.all()) {
            if (t.name().equals("rope_freqs.weight")) {
                continue; // became part of config.json
            }
            try {
                count += declare(out, t);
            } catch (FormatException e) {
                throw e.at(in.path(), t.name());
            }
        }
        try (AtomicDirectory directory = new AtomicDirectory(target)) {
            directory.write("config.json", json(config(factors)));
            tokenizerFiles(directory);
            out.writeSharded(directory.path(), MAX_SHARD_BYTES);
            directory.commit();
        }
        return new Conversion.Result(target, count, tensors.losses());
    }

    private @Nullable RopeFactors ropeFactors() {
        if (!in.has("rope_freqs.weight")) {
            return null;
        }
        try (Arena arena = Arena.ofConfined()) {
            float[] divisors = in.tensor("rope_freqs.weight").floats(arena).toFloats();
            Object theta = in.metadata().get(in.architecture() + ".rope.freq_base");
            RopeFactors factors = RopeFactors.matching(divisors, theta instanceof Number n ? n.floatValue() : 10_000f);
            if (factors == null) {
                throw new FormatException(
                                "its rope factors are not those of LLaMA 3.1 or 3.2, so config.json cannot say them")
                        .at(in.path(), "rope_freqs.weight");
            }
            tensors.loses("the table of rope divisors becomes llama3 rope scaling, equal up to rounding");
            return factors;
        }
    }

    private ObjectNode config(@Nullable RopeFactors factors) {
        ObjectNode config = HfConfigWriter.of(in, factors);
        DType dtype = tensors.type().dtype();
        boolean ternary = tensors.all().stream().anyMatch(tensors::isTernary);
        if (dtype == null) {
            HfConfigWriter.packed(config);
        } else {
            config.put(
                    "dtype",
                    switch (dtype) {
                        case F32 -> "float32";
                        case F16 -> "float16";
                        default -> "bfloat16";
                    });
            config.remove("torch_dtype");
            if (in.masterWeights()) {
                HfConfigWriter.masters(config, in instanceof HfCheckpoint hf ? hf.config() : null);
            } else if (ternary && in.architecture().startsWith("bitnet")) {
                HfConfigWriter.masters(config, null);
            } else if (ternary) {
                tensors.loses("a %s model with its codes as floats runs as an ordinary one, with activations in full"
                                .formatted(in.architecture())
                        + " precision");
            }
        }
        return config;
    }

    private static byte[] json(ObjectNode node) {
        return Json.MAPPER.writerWithDefaultPrettyPrinter().writeValueAsBytes(node);
    }

    private void tokenizerFiles(AtomicDirectory directory) {
        if (!(in instanceof HfCheckpoint hf)) {
            tokenizer.files().forEach(directory::write);
            return;
        }
        for (String name : COPIED) {
            hf.file(name).ifPresent(file -> {
                try {
                    directory.write(name, Files.readAllBytes(file));
                } catch (IOException e) {
                    throw OpenFile.unreadable(file, e);
                }
            });
        }
    }

    /** Declares a tensor, and its scale if it has one; returns how many that are. */
    private int declare(SafetensorsWriter out, StoredTensor t) {
        String name = TensorNames.toHf(t.name());
        if (name == null) {
            throw new FormatException("this tensor has no name in Hugging Face checkpoints");
        }
        if (tensors.becomesCodes(t)) {
            packed(out, t, name);
            return 2;
        }
        if (tensors.type().ternary() && t.name().startsWith("blk.") && t.rows() > 1) {
            throw new FormatException(
                    "a packed checkpoint has all linear layers packed",
                    "ternary weights",
                    t.type(),
                    "Convert to tq2_0.");
        }
        DType type = Objects.requireNonNull(tensors.floatType(t)); // safetensors always gets a plain one
        if (type.blockElements() != 1) {
            throw new FormatException("safetensors holds no blocks", "F32, F16 or BF16", type);
        }
        long[] shape = t.rows() == 1 ? new long[] {t.cols()} : new long[] {t.rows(), t.cols()};
        out.tensor(name, type.name().toUpperCase(Locale.ROOT), shape, tensors.floats(t, type));
        return 1;
    }

    /** Codes as uint8 [ceil(N/4), K], and the scale of all of them as it is, F32. */
    private void packed(SafetensorsWriter out, StoredTensor t, String name) {
        List<Float> scale = new ArrayList<>();
        long[] shape = {Math.ceilDiv(t.rows(), 4), t.cols()};
        out.tensor(name, "U8", shape, tensors.codes(t, (trits, sink) -> {
            scale.add(PackedRows.singleScale("HF packed", trits));
            pack(trits, scale.getLast(), sink);
        }));
        out.tensor(name + "_scale", "F32", new long[] {1}, sink -> {
            byte[] bytes = new byte[4];
            ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).putFloat(scale.getLast());
            sink.write(bytes);
        });
    }

    private static void pack(TernaryTensor trits, float scale, ByteSink sink) {
        HfPacked.direct(scale).encode(trits, sink);
    }
}
