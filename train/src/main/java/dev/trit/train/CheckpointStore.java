package dev.trit.train;

import dev.trit.format.FormatException;
import dev.trit.format.SafetensorsFile;
import dev.trit.format.SafetensorsWriter;
import dev.trit.format.TensorBody;
import dev.trit.train.torch.Scope;
import dev.trit.train.torch.Tensor;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/**
 * The checkpoints of a run: folders {@code step-00001000} that appear whole or not at all.
 *
 * <pre>
 * model.safetensors      latent weights, float32, named as Hugging Face names them
 * optimizer.safetensors  exp_avg.NAME and exp_avg_sq.NAME
 * trainer.json           step, tokens, data, recipe
 * config.json, ...       the shape, the tokenizer: the folder is a model of its own
 * </pre>
 */
public final class CheckpointStore {
    private static final Pattern NAME = Pattern.compile("step-(\\d{8,})");
    private static final JsonMapper MAPPER = JsonMapper.builder().build();

    private final Path directory;
    private final int keep;

    /**
     * @param directory is created
     * @param keep newest checkpoints that are not deleted, at least 1
     */
    public CheckpointStore(Path directory, int keep) {
        this.directory = directory;
        this.keep = keep;
        try {
            Files.createDirectories(directory);
            for (Path left : entries(directory, ".step-")) { // of a process that died while writing, or while deleting
                delete(left);
            }
        } catch (IOException e) {
            throw failed("cannot be used for checkpoints", e);
        }
    }

    /** The newest whole checkpoint. */
    public Optional<Path> latest() {
        return newest(directory);
    }

    /** The newest whole checkpoint in a folder that may belong to a run under way: nothing is changed. */
    public static Optional<Path> newest(Path directory) {
        return Optional.ofNullable(checkpoints(directory).lastEntry()).map(Map.Entry::getValue);
    }

    /** Steps to folders, ascending. */
    private static TreeMap<Integer, Path> checkpoints(Path directory) {
        TreeMap<Integer, Path> found = new TreeMap<>();
        try {
            for (Path entry : entries(directory, "step-")) {
                Matcher m = NAME.matcher(entry.getFileName().toString());
                if (m.matches()) {
                    found.put(Integer.parseInt(m.group(1)), entry);
                }
            }
        } catch (IOException e) {
            throw new TrainException("%s: cannot be listed: %s".formatted(directory, e), e);
        }
        return found;
    }

    /**
     * Writes a checkpoint and deletes those that are too old.
     *
     * @param extras more files, name to content: {@code config.json}, the tokenizer's
     * @return the folder
     * @throws TrainException if the disk is full or broken; older checkpoints are untouched then
     */
    public Path save(TrainingState state, Recipe recipe, AdamW optimizer, Map<String, byte[]> extras) {
        Path target = directory.resolve("step-%08d".formatted(state.step()));
        Path partial = directory.resolve("." + target.getFileName() + ".partial");
        try (Scope scope = new Scope()) {
            if (Files.exists(target)) {
                return target;
            }
            delete(partial);
            Files.createDirectory(partial);
            for (Map.Entry<String, byte[]> extra : extras.entrySet()) {
                write(partial.resolve(extra.getKey()), extra.getValue());
            }
            tensors(optimizer, true).write(partial.resolve("model.safetensors"));
            tensors(optimizer, false).write(partial.resolve("optimizer.safetensors"));
            ObjectNode json = MAPPER.createObjectNode()
                    .put("step", state.step())
                    .put("tokens", state.tokens())
                    .put("data", state.data());
            json.set("recipe", RecipeJson.write(recipe));
            write(
                    partial.resolve("trainer.json"),
                    MAPPER.writerWithDefaultPrettyPrinter().writeValueAsBytes(json));
            Files.move(partial, target, StandardCopyOption.ATOMIC_MOVE);
            syncDirectory();
            prune();
            return target;
        } catch (IOException | FormatException e) {
            throw failed(
                    "checkpoint of step %d cannot be written; the last whole one is %s"
                            .formatted(
                                    state.step(), latest().map(Path::toString).orElse("none")),
                    e);
        }
    }

    private static SafetensorsWriter tensors(AdamW optimizer, boolean model) {
        SafetensorsWriter out = new SafetensorsWriter();
        for (AdamW.State s : optimizer.states()) {
            String name = s.parameter().name();
            if (model) {
                declare(out, name, s.parameter().latent());
            } else {
                declare(out, "exp_avg." + name, s.m());
                declare(out, "exp_avg_sq." + name, s.v());
            }
        }
        return out;
    }

    private static void declare(SafetensorsWriter out, String name, Tensor tensor) {
        out.tensor(name, "F32", tensor.shape(), TensorBody.of(tensor.data()));
    }

    /**
     * Loads tensors and optimizer steps of a checkpoint.
     *
     * @throws TrainException if its recipe is not {@code recipe}, names the first difference; or if it is damaged
     */
    public static TrainingState load(Path checkpoint, Recipe recipe, AdamW optimizer) {
        JsonNode json = trainer(checkpoint);
        String difference = difference("", RecipeJson.write(recipe(checkpoint)), RecipeJson.write(recipe));
        if (difference != null) {
            throw new TrainException("%s was trained with another recipe: %s. Resume with the same one, or start anew."
                    .formatted(checkpoint, difference));
        }
        try (SafetensorsFile model = SafetensorsFile.open(checkpoint.resolve("model.safetensors"));
                SafetensorsFile moments = SafetensorsFile.open(checkpoint.resolve("optimizer.safetensors"))) {
            for (AdamW.State s : optimizer.states()) {
                String name = s.parameter().name();
                read(model, name, s.parameter().latent());
                read(moments, "exp_avg." + name, s.m());
                read(moments, "exp_avg_sq." + name, s.v());
                s.parameter().refresh();
            }
        } catch (FormatException e) {
            throw new TrainException("%s is damaged: %s".formatted(checkpoint, e.getMessage()), e);
        }
        int step = json.path("step").asInt();
        optimizer.steps(step);
        return new TrainingState(
                step, json.path("tokens").asLong(), json.path("data").asString(""));
    }

    /** Loads the latent weights alone. */
    public static void loadWeights(Path checkpoint, List<Parameter> parameters) {
        try (SafetensorsFile model = SafetensorsFile.open(checkpoint.resolve("model.safetensors"))) {
            for (Parameter p : parameters) {
                read(model, p.name(), p.latent());
                p.refresh();
            }
        } catch (FormatException e) {
            throw new TrainException("%s is damaged: %s".formatted(checkpoint, e.getMessage()), e);
        }
    }

    /** The recipe that a checkpoint was made with. */
    public static Recipe recipe(Path checkpoint) {
        return RecipeJson.read(
                checkpoint.resolve("trainer.json").toString(),
                trainer(checkpoint).path("recipe"));
    }

    private static JsonNode trainer(Path checkpoint) {
        Path file = checkpoint.resolve("trainer.json");
        try {
            JsonNode json = MAPPER.readTree(Files.readAllBytes(file));
            if (json.path("step").isInt() && json.path("tokens").isIntegralNumber()) {
                return json;
            }
            throw new TrainException(file + ": step or tokens is missing: not a checkpoint of trit train");
        } catch (IOException | JacksonException e) {
            throw new TrainException("%s: cannot be read: %s".formatted(file, e.getMessage()), e);
        }
    }

    private static void read(SafetensorsFile file, String name, Tensor into) {
        SafetensorsFile.Entry entry = file.entry(name);
        if (!entry.dtype().equals("F32") || !Arrays.equals(entry.shape(), into.shape())) {
            throw new FormatException(
                    "tensor " + name,
                    "F32 " + Arrays.toString(into.shape()),
                    entry.dtype() + " " + Arrays.toString(entry.shape()));
        }
        try (Arena arena = Arena.ofConfined()) {
            into.set(file.map(entry, arena));
        }
    }

    /** The first name at which two recipes differ, or null. */
    private static @Nullable String difference(String prefix, JsonNode there, JsonNode here) {
        for (String name : there.propertyNames()) {
            JsonNode a = there.path(name);
            JsonNode b = here.path(name);
            String inside = a.isObject() ? difference(name + ".", a, b) : null;
            if (inside != null) {
                return inside;
            }
            if (!a.isObject() && !a.equals(b)) {
                return "%s%s is %s there and %s here".formatted(prefix, name, a, b);
            }
        }
        return null;
    }

    private void prune() throws IOException {
        List<Path> all = new ArrayList<>(checkpoints(directory).values());
        for (Path old : all.subList(0, Math.max(0, all.size() - keep))) {
            Path doomed = directory.resolve("." + old.getFileName() + ".old"); // never seen half deleted
            Files.move(old, doomed, StandardCopyOption.ATOMIC_MOVE);
            delete(doomed);
        }
    }

    private static List<Path> entries(Path directory, String prefix) throws IOException {
        try (Stream<Path> list = Files.list(directory)) {
            return list.filter(p -> p.getFileName().toString().startsWith(prefix))
                    .sorted(Comparator.naturalOrder())
                    .toList();
        }
    }

    private static void write(Path file, byte[] bytes) throws IOException {
        try (FileChannel out = FileChannel.open(file, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
            ByteBuffer buffer = ByteBuffer.wrap(bytes);
            while (buffer.hasRemaining()) {
                out.write(buffer);
            }
            out.force(true);
        }
    }

    /** So that the rename survives a power cut; not every system can open a directory. */
    private void syncDirectory() throws IOException {
        if (!System.getProperty("os.name", "").startsWith("Windows")) {
            try (FileChannel dir = FileChannel.open(directory, StandardOpenOption.READ)) {
                dir.force(true);
            }
        }
    }

    private static void delete(Path folder) throws IOException {
        if (!Files.exists(folder)) {
            return;
        }
        try (Stream<Path> files = Files.walk(folder)) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(file);
            }
        }
    }

    private TrainException failed(String what, Exception e) {
        return new TrainException("%s: %s: %s".formatted(directory, what, e), e);
    }
}
