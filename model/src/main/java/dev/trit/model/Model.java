package dev.trit.model;

import dev.trit.format.Checkpoint;
import dev.trit.tensor.Kernels;
import dev.trit.tensor.KernelsProvider;
import dev.trit.tensor.ThreadTeam;
import java.lang.foreign.Arena;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/**
 * A loaded model: shape, weights, tokenizer. Immutable and shared by any number of {@link Session}s, which must be done
 * before it is closed.
 */
public final class Model implements AutoCloseable {
    private final String name;
    private final Config config;
    private final Weights weights;
    private final Kernels kernels;
    private final ThreadTeam team;
    private final Arena arena;
    private final int contextLength;
    private final List<String> warnings;

    private Model(
            String name,
            Config config,
            Weights weights,
            Kernels kernels,
            ThreadTeam team,
            Arena arena,
            int contextLength,
            List<String> warnings) {
        this.name = name;
        this.config = config;
        this.weights = weights;
        this.kernels = kernels;
        this.team = team;
        this.arena = arena;
        this.contextLength = contextLength;
        this.warnings = Collections.unmodifiableList(warnings);
    }

    /** Loads with {@link LoadOptions#defaults()}. */
    public static Model load(Path path) {
        return load(path, LoadOptions.defaults());
    }

    /**
     * Loads a model: a GGUF file, a safetensors file or a Hugging Face directory.
     *
     * @throws dev.trit.format.FormatException if a file cannot be read or is damaged
     * @throws ModelException if it is of a kind that is not supported, or contradicts itself
     * @throws dev.trit.tensor.TensorException if the kernels asked for cannot run here
     */
    public static Model load(Path path, LoadOptions options) {
        Kernels kernels = KernelsProvider.choose(options.kernels());
        ThreadTeam team = new ThreadTeam(options.threads());
        Arena arena = Arena.ofShared();
        try (Checkpoint checkpoint = Checkpoint.open(path)) {
            List<String> warnings = new ArrayList<>(checkpoint.warnings());
            Config config = Config.of(checkpoint);
            Weights weights = WeightsLoader.load(checkpoint, config, arena, team, warnings);
            String name = new Metadata(checkpoint)
                    .string("general.name", String.valueOf(path.toAbsolutePath().getFileName()));
            int contextLength = options.contextLength() > 0 ? options.contextLength() : config.contextLength();
            return new Model(name, config, weights, kernels, team, arena, contextLength, warnings);
        } catch (RuntimeException | Error e) {
            arena.close();
            team.close();
            throw e;
        }
    }

    /** {@code general.name}, or the name of the file. */
    public String name() {
        return name;
    }

    public Config config() {
        return config;
    }

    public Weights weights() {
        return weights;
    }

    public Kernels kernels() {
        return kernels;
    }

    /** The threads that compute; sessions take turns on it. */
    public ThreadTeam team() {
        return team;
    }

    /** What is odd about the files but does not stop the model from running, one sentence each. */
    public List<String> warnings() {
        return warnings;
    }

    /** An empty session with the context of {@link LoadOptions#contextLength}. */
    public Session session() {
        return session(contextLength);
    }

    /** An empty session. @param contextLength positions it can hold; memory is taken as they fill */
    public Session session(int contextLength) {
        return new Session(this, contextLength);
    }

    /** Unmaps the weights and ends the threads. */
    @Override
    public void close() {
        team.close();
        arena.close();
    }
}
