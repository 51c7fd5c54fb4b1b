package dev.trit.format;

import dev.trit.tensor.DType;
import dev.trit.tensor.FloatTensor;
import java.nio.file.Path;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Writes a {@link Conversion} as a GGUF file. */
final class GgufOutput {
    private final Checkpoint in;
    private final ConvertedTensors tensors;
    private final Conversion.TokenizerForms tokenizer;

    GgufOutput(Checkpoint in, ConvertedTensors tensors, Conversion.TokenizerForms tokenizer) {
        this.in = in;
        this.tensors = tensors;
        this.tokenizer = tokenizer;
    }

    Conversion.Result write(Path target) {
        GgufWriter out = new GgufWriter(target);
        RopeFactors factors = RopeFactors.of(in.metadata(), in.architecture());
        metadata(out, factors != null);
        int count = 0;
        if (factors != null) {
            ropeFactors(out, factors);
            count++;
        }
        for (StoredTensor t : tensors.all()) {
            try {
                declare(out, t);
            } catch (FormatException e) {
                throw e.at(in.path(), t.name());
            }
            count++;
        }
        out.write();
        return new Conversion.Result(target, count, tensors.losses());
    }

    private void metadata(GgufWriter out, boolean ropeIsTensor) {
        String scaling = in.architecture() + ".rope.scaling.";
        for (Map.Entry<String, Object> e : in.metadata().entrySet()) {
            String key = e.getKey();
            if (key.startsWith("trit.")
                    || key.equals("general.file_type")
                    || key.equals("general.quantization_version")
                    || (ropeIsTensor && key.startsWith(scaling))) {
                continue;
            }
            GgufValueType type = in instanceof GgufFile gguf ? gguf.valueType(key) : null;
            out.put(key, e.getValue(), type == null ? GgufValueType.of(e.getValue()) : type);
        }
        Integer fileType = tensors.type().fileType();
        if (fileType != null) {
            out.put("general.file_type", fileType);
        }
        out.put("general.quantization_version", 2);
        boolean masters = tensors.all().stream().anyMatch(tensors::isTernary);
        boolean bitnet = in.architecture().startsWith("bitnet");
        if (isPlainFloat(tensors.type().dtype()) && masters != bitnet) {
            out.put("trit.bitlinear", masters ? "online" : "none"); // what the architecture's name does not say
        }
        if (masters && tensors.type() == WeightType.Q8_0) {
            tensors.loses("codes as Q8_0 run as ordinary weights, with activations in full precision");
        }
        if (!(in instanceof GgufFile)) {
            tokenizer.gguf().forEach(out::put);
        }
    }

    private static boolean isPlainFloat(@Nullable DType type) {
        return type != null && type.blockElements() == 1;
    }

    private void ropeFactors(GgufWriter out, RopeFactors factors) {
        int dims = HfConfigWriter.integer(in, "rope.dimension_count");
        Object theta = in.metadata().get(in.architecture() + ".rope.freq_base");
        float[] divisors = factors.divisors(dims, theta instanceof Number n ? n.floatValue() : 10_000f);
        out.vector("rope_freqs.weight", FloatTensor.of(1, divisors.length, divisors));
        tensors.loses("the llama3 rope scaling becomes a table of divisors, equal up to rounding");
    }

    private void declare(GgufWriter out, StoredTensor t) {
        if (tensors.becomesCodes(t)) {
            GgmlType type = tensors.type().ggml();
            TernaryDialect dialect = tensors.type().dialect();
            if (type == null || dialect == null) {
                throw new FormatException("GGUF cannot hold this type", "i2_s, tq1_0, tq2_0", tensors.type());
            }
            dialect.bytes(t.rows(), t.cols()); // says at once, and with advice, if the shape does not fit
            out.matrix(t.name(), type, t.rows(), t.cols(), tensors.codes(t, (trits, sink) -> {
                if (!dialect.lossless(trits)) {
                    tensors.loses("scales are rounded to the half precision of " + dialect.name());
                }
                dialect.encode(trits, sink);
            }));
            return;
        }
        DType dtype = tensors.floatType(t);
        GgmlType type = dtype != null ? GgmlType.of(dtype) : asStored(t);
        if (t.rows() == 1) {
            out.vector(t.name(), type, t.cols(), tensors.floats(t, dtype));
        } else {
            out.matrix(t.name(), type, t.rows(), t.cols(), tensors.floats(t, dtype));
        }
    }

    private GgmlType asStored(StoredTensor t) {
        if (t instanceof GgufTensor gguf && gguf.ggmlType().dtype() != null) {
            return gguf.ggmlType();
        }
        throw new FormatException(
                "this type is not copied", "a type that is read as floats", t.type(), "Give --embedding-type.");
    }
}
