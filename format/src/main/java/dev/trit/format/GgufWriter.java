package dev.trit.format;

import dev.trit.tensor.FloatTensor;
import dev.trit.tensor.TernaryTensor;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Writes a GGUF 3 file: declare metadata and tensors, then {@link #write}. The directory follows from the declared
 * shapes and types, so tensors are produced one after the other while the file is written, and never held together.
 *
 * <p>The file appears whole or not at all: whatever fails, the target is as it was.
 */
public final class GgufWriter {
    private record Value(GgufValueType type, Object value) {}

    private record Tensor(String name, GgmlType type, long[] dims, long bytes, TensorBody body) {}

    private final Path target;
    private final Map<String, Value> metadata = new LinkedHashMap<>();
    private final Map<String, Tensor> tensors = new LinkedHashMap<>();
    private int alignment = 32;

    public GgufWriter(Path target) {
        this.target = target;
    }

    /** Sets a metadata value with the type that llama.cpp expects for it: see {@link GgufValueType}. */
    public GgufWriter put(String key, Object value) {
        return put(key, value, GgufValueType.of(value));
    }

    /**
     * Sets a metadata value.
     *
     * @param value a number, boolean, string, primitive array or list of strings
     * @param type of the value; of an array or list, of its elements
     */
    public GgufWriter put(String key, Object value, GgufValueType type) {
        if (key.equals("general.alignment")) {
            if (!(value instanceof Integer a) || a < 1 || Integer.bitCount(a) != 1) {
                throw new FormatException("general.alignment is not usable", "a power of two", value).at(target, null);
            }
            alignment = a;
        }
        metadata.put(key, new Value(type, value));
        return this;
    }

    /** Copies every value of {@code source} with its type. */
    public GgufWriter putAll(GgufFile source) {
        source.metadata().forEach((key, value) -> {
            GgufValueType type = source.valueType(key);
            put(key, value, type == null ? GgufValueType.of(value) : type);
        });
        return this;
    }

    /** Declares a matrix, [rows, cols]. */
    public GgufWriter matrix(String name, GgmlType type, int rows, int cols, TensorBody body) {
        return add(new Tensor(name, type, new long[] {cols, rows}, type.bytes(rows, cols), body));
    }

    /** Declares a vector of {@code n} values. */
    public GgufWriter vector(String name, GgmlType type, int n, TensorBody body) {
        return add(new Tensor(name, type, new long[] {n}, type.bytes(1, n), body));
    }

    /** Declares a matrix to be stored as it is. */
    public GgufWriter matrix(String name, FloatTensor t) {
        return matrix(name, GgmlType.of(t.type()), t.rows(), t.cols(), TensorBody.of(t.data()));
    }

    /** Declares a vector ({@code t} has one row) to be stored as it is. */
    public GgufWriter vector(String name, FloatTensor t) {
        return vector(name, GgmlType.of(t.type()), t.cols(), TensorBody.of(t.data()));
    }

    /** Declares a ternary matrix to be written in {@code dialect}. */
    public GgufWriter matrix(String name, GgmlType type, TernaryDialect dialect, TernaryTensor t) {
        return matrix(name, type, t.rows(), t.cols(), out -> dialect.encode(t, out));
    }

    /**
     * Writes the file.
     *
     * @throws FormatException if the disk is full or a tensor's body fails or writes another number of bytes than
     *     declared; then nothing has changed
     */
    public void write() {
        byte[] header = header();
        try (AtomicFile out = new AtomicFile(target, GgufHeader.align(header.length, alignment) + dataBytes())) {
            out.write(header);
            for (Tensor t : tensors.values()) {
                out.pad(alignment);
                TensorBody.writeExactly(t.bytes(), t.body(), t.name(), out);
            }
            out.pad(alignment);
            out.commit();
        } catch (FormatException e) {
            throw e.at(target, null);
        }
    }

    private GgufWriter add(Tensor t) {
        if (tensors.putIfAbsent(t.name(), t) != null) {
            throw new FormatException("declared twice").at(target, t.name());
        }
        return this;
    }

    private long dataBytes() {
        long end = 0;
        for (Tensor t : tensors.values()) {
            if (t.bytes() > Long.MAX_VALUE / 2 - end) {
                throw new FormatException("the tensors have more bytes than a file can").at(target, t.name());
            }
            end = GgufHeader.align(end + t.bytes(), alignment);
        }
        return end;
    }

    private byte[] header() {
        GgufHeaderWriter out = new GgufHeaderWriter();
        out.i32(GgufHeader.MAGIC).i32(3).i64(tensors.size()).i64(metadata.size());
        metadata.forEach((key, v) -> {
            try {
                out.string(key).value(v.type(), v.value());
            } catch (FormatException e) {
                throw new FormatException(key + ": " + e.what(), e.expected(), e.got()).at(target, null);
            }
        });
        long offset = 0;
        for (Tensor t : tensors.values()) {
            out.string(t.name()).i32(t.dims().length);
            for (long dim : t.dims()) {
                out.i64(dim);
            }
            out.i32(t.type().id()).i64(offset);
            offset = GgufHeader.align(offset + t.bytes(), alignment);
        }
        return out.bytes();
    }
}
