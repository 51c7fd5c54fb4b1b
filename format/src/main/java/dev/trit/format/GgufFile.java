package dev.trit.format;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A GGUF file opened for reading: header parsed and checked, tensors mapped one by one on demand, so that closing the
 * arena of one that has been packed gives its pages back.
 */
public final class GgufFile implements Checkpoint {
    private final OpenFile file;
    private final GgufHeader header;
    private final Map<String, GgufTensor> all = new LinkedHashMap<>();
    private final List<StoredTensor> tensors = new ArrayList<>();
    private final List<String> warnings = new ArrayList<>();

    private GgufFile(OpenFile file) {
        this.file = file;
        this.header = GgufHeader.read(file.channel(), file.size());
        for (GgufDirectory.Placed p : GgufDirectory.resolve(header, file.size(), warnings)) {
            all.put(p.name(), new GgufTensor(this, file, p));
        }
        for (GgufTensor t : all.values()) {
            if (!t.isScaleOfAnother()) {
                tensors.add(t);
            }
        }
        GgufFileType.contradiction(header.metadata().get("general.file_type"), all.values())
                .ifPresent(warnings::add);
        if (header.metadata().get("split.count") instanceof Integer parts && parts > 1) {
            warnings.add("this is one of %d parts of a model; merge them with llama-gguf-split".formatted(parts));
        }
    }

    /**
     * Opens and checks a file.
     *
     * @throws FormatException if it cannot be read, is not GGUF 2 or 3, or anything in its header contradicts its size
     */
    public static GgufFile open(Path path) {
        OpenFile file = OpenFile.open(path);
        try {
            return new GgufFile(file);
        } catch (FormatException e) {
            file.close();
            throw e.at(path, null);
        }
    }

    @Override
    public Path path() {
        return file.path();
    }

    @Override
    public String container() {
        return "gguf";
    }

    @Override
    public Map<String, Object> metadata() {
        return header.metadata();
    }

    /**
     * How the value of a metadata key is stored, of an array its elements: what {@link GgufWriter#put(String, Object,
     * GgufValueType)} needs to write it as it was.
     */
    public @Nullable GgufValueType valueType(String key) {
        return header.types().get(key);
    }

    /** All tensors but the scales that belong to another one, in file order. */
    @Override
    public List<StoredTensor> tensors() {
        return Collections.unmodifiableList(tensors);
    }

    @Override
    public boolean has(String name) {
        return all.containsKey(name);
    }

    @Override
    public GgufTensor tensor(String name) {
        GgufTensor t = all.get(name);
        if (t == null) {
            throw new FormatException("no such tensor", null, all.size() + " others").at(path(), name);
        }
        return t;
    }

    @Override
    public List<String> warnings() {
        return Collections.unmodifiableList(warnings);
    }

    @Override
    public String architecture() {
        if (metadata().get("general.architecture") instanceof String name) {
            return name;
        }
        throw new FormatException("general.architecture is missing", "a string such as llama or bitnet-b1.58", null)
                .at(path(), null);
    }

    @Override
    public boolean ropeInterleaved() {
        return architecture().equals("llama");
    }

    /**
     * True for files whose linear layers are F32, F16 or BF16 and whose architecture is {@code bitnet*}, unless {@code
     * trit.bitlinear} says "none"; and for those of other architectures where it says "online".
     */
    @Override
    public boolean masterWeights() {
        GgufTensor q = all.get("blk.0.attn_q.weight");
        Object bitlinear = metadata().get("trit.bitlinear");
        return (architecture().startsWith("bitnet") ? !"none".equals(bitlinear) : "online".equals(bitlinear))
                && q != null
                && switch (q.ggmlType()) {
                    case F32, F16, BF16 -> true;
                    default -> false;
                };
    }

    @Override
    public void close() {
        file.close();
    }
}
