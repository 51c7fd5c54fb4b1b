package dev.trit.format;

import dev.trit.tensor.FloatTensor;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import tools.jackson.databind.node.ObjectNode;

/**
 * Writes safetensors: declare tensors, then {@link #write} one file or {@link #writeSharded} a directory of them. Tensors
 * are produced while the file is written; files appear whole or not at all.
 */
public final class SafetensorsWriter {
    private record Tensor(String name, String dtype, long[] shape, long bytes, TensorBody body) {}

    private final Map<String, String> metadata = new LinkedHashMap<>();
    private final Map<String, Tensor> tensors = new LinkedHashMap<>();
    private long declared; // bytes of all tensors

    public SafetensorsWriter() {
        metadata.put("format", "pt"); // transformers refuses files without it
    }

    /** Sets a string under {@code __metadata__}. */
    public SafetensorsWriter metadata(String key, String value) {
        metadata.put(key, value);
        return this;
    }

    /**
     * Declares a tensor.
     *
     * @param dtype "F32", "BF16", "U8", ... as safetensors spells it
     * @param shape outermost dimension first
     */
    public SafetensorsWriter tensor(String name, String dtype, long[] shape, TensorBody body) {
        Integer elementBytes = SafetensorsFile.DTYPE_BYTES.get(dtype);
        if (elementBytes == null) {
            throw new FormatException(
                            "unknown dtype",
                            String.join(
                                    ", ",
                                    SafetensorsFile.DTYPE_BYTES.keySet().stream()
                                            .sorted()
                                            .toList()),
                            dtype)
                    .at(null, name);
        }
        long bytes = SafetensorsFile.bytes(shape, elementBytes);
        if (bytes > Long.MAX_VALUE / 2 - declared) {
            throw new FormatException("the tensors have more bytes than a file can").at(null, name);
        }
        declared += bytes;
        if (name.equals("__metadata__")
                || tensors.putIfAbsent(name, new Tensor(name, dtype, shape.clone(), bytes, body)) != null) {
            throw new FormatException("declared twice, or a reserved name").at(null, name);
        }
        return this;
    }

    /**
     * Declares a tensor of type F32, F16 or BF16 to be stored as it is.
     *
     * @param shape {@code [rows, cols]}, or {@code [cols]} for a vector
     */
    public SafetensorsWriter tensor(String name, FloatTensor t, long... shape) {
        if (Arrays.stream(shape).reduce(1, Math::multiplyExact) != (long) t.rows() * t.cols()) {
            throw new FormatException(
                            "the shape has another number of values",
                            "[%d, %d]".formatted(t.rows(), t.cols()),
                            Arrays.toString(shape))
                    .at(null, name);
        }
        return tensor(name, t.type().name(), shape, TensorBody.of(t.data()));
    }

    /**
     * Writes everything into one file.
     *
     * @throws FormatException if the disk is full or a tensor's body fails; then nothing has changed
     */
    public void write(Path target) {
        try (AtomicFile out = writeFile(target, tensors.values())) {
            out.commit();
        }
    }

    /**
     * Writes {@code model.safetensors}, or, if that would be larger than {@code maxShardBytes}, files {@code
     * model-00001-of-0000N.safetensors} and {@code model.safetensors.index.json}, which is put in place last.
     *
     * @param maxShardBytes bytes of tensors in one file; a tensor larger than that gets a file of its own
     * @return the files written
     * @throws FormatException if the disk is full or a tensor's body fails; then nothing has changed
     */
    public List<Path> writeSharded(Path directory, long maxShardBytes) {
        List<List<Tensor>> shards = new ArrayList<>();
        long inShard = 0;
        for (Tensor t : tensors.values()) {
            if (shards.isEmpty() || inShard + t.bytes() > maxShardBytes) {
                shards.add(new ArrayList<>());
                inShard = 0;
            }
            shards.getLast().add(t);
            inShard += t.bytes();
        }
        if (shards.size() <= 1) {
            Path target = directory.resolve(HfCheckpoint.SINGLE);
            write(target);
            return List.of(target);
        }
        List<Path> targets = new ArrayList<>();
        List<AtomicFile> written = new ArrayList<>();
        try {
            ObjectNode index = Json.MAPPER.createObjectNode();
            index.putObject("metadata").put("total_size", declared);
            ObjectNode map = index.putObject("weight_map");
            for (List<Tensor> shard : shards) {
                String name = "model-%05d-of-%05d.safetensors".formatted(targets.size() + 1, shards.size());
                targets.add(directory.resolve(name));
                written.add(writeFile(targets.getLast(), shard));
                shard.forEach(t -> map.put(t.name(), name));
            }
            byte[] json = Json.MAPPER.writerWithDefaultPrettyPrinter().writeValueAsBytes(index);
            targets.add(directory.resolve(HfCheckpoint.INDEX));
            written.add(new AtomicFile(targets.getLast(), json.length));
            written.getLast().write(json);
            written.getLast().complete();
            written.forEach(AtomicFile::commit);
            return targets;
        } finally {
            written.forEach(AtomicFile::close);
        }
    }

    /** Writes a file up to the renaming; {@code complete} has made it safe on the disk. */
    private AtomicFile writeFile(Path target, Iterable<Tensor> inFile) {
        ObjectNode json = Json.MAPPER.createObjectNode();
        ObjectNode strings = json.putObject("__metadata__");
        metadata.forEach(strings::put);
        long end = 0;
        for (Tensor t : inFile) {
            ObjectNode o = json.putObject(t.name());
            o.put("dtype", t.dtype());
            Arrays.stream(t.shape()).forEach(o.putArray("shape")::add);
            o.putArray("data_offsets").add(end).add(end + t.bytes());
            end += t.bytes();
        }
        byte[] text = json.toString().getBytes(StandardCharsets.UTF_8);
        byte[] header = Arrays.copyOf(text, (int) GgufHeader.align(text.length, 8));
        Arrays.fill(header, text.length, header.length, (byte) ' '); // so that the data is aligned
        AtomicFile out = new AtomicFile(target, 8 + header.length + end);
        try {
            out.write(new GgufHeaderWriter().i64(header.length).bytes());
            out.write(header);
            for (Tensor t : inFile) {
                TensorBody.writeExactly(t.bytes(), t.body(), t.name(), out);
            }
            out.complete();
            return out;
        } catch (FormatException e) {
            out.close();
            throw e.at(target, null);
        } catch (RuntimeException | Error e) {
            out.close();
            throw e;
        }
    }
}
