package dev.trit.format;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import tools.jackson.databind.JsonNode;

/**
 * A Hugging Face checkpoint: a directory with {@code config.json} and {@code model.safetensors}, or several of those
 * with {@code model.safetensors.index.json}.
 *
 * <p>Three kinds of linear layers are met: full precision, packed ternary codes (uint8, four rows to a byte, with a
 * {@code weight_scale} that {@code linear_class} makes a factor or a divisor), and master weights to be quantized on
 * load. {@link HfConfig} says which under {@code trit.bitlinear}.
 */
public final class HfCheckpoint implements Checkpoint {
    static final String INDEX = "model.safetensors.index.json";
    static final String SINGLE = "model.safetensors";

    private final Path path;
    private final Path directory;
    private final JsonNode config;
    private final Map<String, Object> metadata;
    private final List<SafetensorsFile> files = new ArrayList<>();
    private final Map<String, HfTensor> tensors = new LinkedHashMap<>(); // by GGUF name
    private final List<String> warnings = new ArrayList<>();

    private HfCheckpoint(Path path, Path directory) {
        this.path = path;
        this.directory = directory;
        Path configFile = directory.resolve("config.json");
        this.config = Json.readObject(configFile);
        try {
            this.metadata = HfConfig.metadata(
                    config,
                    String.valueOf(directory.toAbsolutePath().normalize().getFileName()));
        } catch (FormatException e) {
            throw e.at(configFile, null);
        }
    }

    /**
     * Opens a checkpoint.
     *
     * @param path the directory, or one safetensors file in it to be taken alone
     * @throws FormatException if config, index or a weight file is missing, damaged, or of an unsupported model
     */
    public static HfCheckpoint open(Path path) {
        boolean isDirectory = Files.isDirectory(path);
        Path parent = path.toAbsolutePath().getParent();
        HfCheckpoint checkpoint = new HfCheckpoint(path, isDirectory || parent == null ? path : parent);
        try {
            checkpoint.openWeights(isDirectory);
            return checkpoint;
        } catch (FormatException e) {
            checkpoint.close();
            throw e.at(path, null);
        }
    }

    private void openWeights(boolean isDirectory) {
        Path index = directory.resolve(INDEX);
        if (!isDirectory) {
            addAll(open1(path));
        } else if (Files.exists(directory.resolve(SINGLE))) {
            addAll(open1(directory.resolve(SINGLE)));
        } else if (Files.exists(index)) {
            openShards(index);
        } else {
            throw new FormatException(
                    "no weights beside config.json",
                    SINGLE + " or " + INDEX,
                    null,
                    "Only safetensors weights are read; download them, or convert the model.");
        }
        if (config.path("tie_word_embeddings").asBoolean(false)) {
            tensors.remove("output.weight"); // transformers uses the embedding and ignores a stored head
        } else if (!tensors.containsKey("output.weight")) {
            warnings.add("config.json does not tie the head to the embedding, but lm_head.weight is missing");
        }
        List<String> kept = HfConfig.keptModules(config);
        if (masterWeights() && !kept.isEmpty()) {
            warnings.add(
                    "modules_to_not_convert names %s; their master weights are not to be quantized".formatted(kept));
        }
    }

    private SafetensorsFile open1(Path file) {
        SafetensorsFile opened = SafetensorsFile.open(file);
        files.add(opened);
        return opened;
    }

    private void addAll(SafetensorsFile file) {
        for (SafetensorsFile.Entry e : file.entries()) {
            add(file, e);
        }
    }

    private void openShards(Path index) {
        JsonNode map = Json.readObject(index).path("weight_map");
        if (!map.isObject() || map.isEmpty()) {
            throw new FormatException(
                            "weight_map is missing", "an object of tensor names and file names", map.getNodeType())
                    .at(index, null);
        }
        Map<String, SafetensorsFile> byName = new LinkedHashMap<>();
        for (Map.Entry<String, JsonNode> e : map.properties()) {
            String shard = e.getValue().asString("");
            if (!byName.containsKey(shard)) {
                byName.put(shard, open1(shard(index, e.getKey(), shard)));
            }
        }
        Set<String> unlisted = new TreeSet<>();
        for (SafetensorsFile file : files) {
            for (SafetensorsFile.Entry e : file.entries()) {
                JsonNode listed = map.path(e.name());
                if (byName.get(listed.asString("")) == file) {
                    add(file, e);
                } else if (listed.isMissingNode()) {
                    unlisted.add(e.name());
                }
            }
        }
        for (Map.Entry<String, JsonNode> e : map.properties()) {
            SafetensorsFile file = byName.get(e.getValue().asString(""));
            if (file != null && !file.has(e.getKey())) {
                throw new FormatException("the index promises it in %s, which lacks it"
                                .formatted(file.path().getFileName()))
                        .at(index, e.getKey());
            }
        }
        if (!unlisted.isEmpty()) {
            warnings.add("%d tensors of the shards are not in the index and are ignored, such as %s"
                    .formatted(
                            unlisted.size(),
                            FormatException.clip(unlisted.iterator().next())));
        }
    }

    /** A shard is a file of this very directory: an index from a stranger may not point anywhere else. */
    private Path shard(Path index, String tensor, String name) {
        boolean plain = !name.isEmpty()
                && name.chars().noneMatch(c -> c == '/' || c == '\\' || c == ':' || c < ' ')
                && name.endsWith(".safetensors");
        if (!plain) {
            throw new FormatException(
                            "the index names a file that is no shard", "a plain name that ends in .safetensors", name)
                    .at(index, tensor);
        }
        return directory.resolve(name);
    }

    private void add(SafetensorsFile file, SafetensorsFile.Entry e) {
        String stored = e.name();
        if (stored.endsWith(".weight_scale") || stored.endsWith(".rotary_emb.inv_freq")) {
            return; // part of the packed matrix beside it; derived from rope_theta
        }
        String name = TensorNames.toGguf(stored);
        if (name == null) {
            warnings.add("unknown tensor %s".formatted(FormatException.clip(stored)));
            name = stored;
        }
        if (tensors.putIfAbsent(name, new HfTensor(this, file, e, name)) != null) {
            throw new FormatException("occurs twice, under two spellings").at(file.path(), stored);
        }
    }

    /** The scale tensor of a packed matrix may lie in another shard. */
    Optional<HfTensor.Scale> scaleOf(String weight) {
        String name = weight.replaceFirst("weight$", "weight_scale");
        for (SafetensorsFile file : files) {
            if (file.has(name)) {
                return Optional.of(new HfTensor.Scale(file, file.entry(name)));
            }
        }
        return Optional.empty();
    }

    @Override
    public Path path() {
        return path;
    }

    @Override
    public String container() {
        return "safetensors";
    }

    @Override
    public Map<String, Object> metadata() {
        return Collections.unmodifiableMap(metadata);
    }

    /** {@code config.json} as it is. */
    public JsonNode config() {
        return config;
    }

    /** {@code generation_config.json}, if there is one. */
    public Optional<JsonNode> generationConfig() {
        return file("generation_config.json").map(Json::readObject);
    }

    /** A file of the checkpoint by its plain name: {@code tokenizer.json}, {@code tokenizer.model}, ... */
    public Optional<Path> file(String name) {
        Path file = directory.resolve(name);
        return Files.isRegularFile(file) ? Optional.of(file) : Optional.empty();
    }

    @Override
    public List<StoredTensor> tensors() {
        return List.copyOf(tensors.values());
    }

    @Override
    public boolean has(String name) {
        return tensors.containsKey(name);
    }

    @Override
    public StoredTensor tensor(String name) {
        HfTensor t = tensors.get(name);
        if (t == null) {
            throw new FormatException("no such tensor", TensorNames.toHf(name), tensors.size() + " others")
                    .at(path, name);
        }
        return t;
    }

    @Override
    public List<String> warnings() {
        return Collections.unmodifiableList(warnings);
    }

    @Override
    public String architecture() {
        return String.valueOf(metadata.get("general.architecture"));
    }

    /** Always false: Hugging Face checkpoints rotate halves. */
    @Override
    public boolean ropeInterleaved() {
        return false;
    }

    @Override
    public boolean masterWeights() {
        HfTensor q = tensors.get("blk.0.attn_q.weight");
        return metadata.containsKey("trit.bitlinear") && q != null && !q.ternary();
    }

    @Override
    public void close() {
        files.forEach(SafetensorsFile::close);
    }
}
