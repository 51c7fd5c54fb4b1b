package dev.trit.train;

import dev.trit.format.SafetensorsWriter;
import dev.trit.format.TensorBody;
import dev.trit.train.torch.Scope;
import dev.trit.train.torch.Tensor;
import dev.trit.train.torch.Torch;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** A checkpoint as the trainer evaluates it: loaded for its forward pass, and written as the weights that pass sees. */
public final class TrainedModel implements AutoCloseable {
    /** Files of a checkpoint that belong to the model and not to training. */
    private static final List<String> TOKENIZER = List.of("tokenizer.json", "tokenizer_config.json");

    private final Path checkpoint;
    private final Recipe recipe;
    private final TrainableTransformer model;

    /** @throws TrainException if the folder is no checkpoint, or a damaged one */
    public TrainedModel(Path checkpoint) {
        this.checkpoint = checkpoint;
        this.recipe = CheckpointStore.recipe(checkpoint);
        this.model = new TrainableTransformer(recipe);
        CheckpointStore.loadWeights(checkpoint, model.parameters());
    }

    public Recipe recipe() {
        return recipe;
    }

    /** Whether the forward pass sees codes instead of latent weights. */
    public boolean quantized() {
        return WeightQuantizer.of(recipe.weights()) != null;
    }

    /** Number of trained values. */
    public long parameterCount() {
        return model.parameterCount();
    }

    /**
     * Logits in float, with weights and activations that are quantized and scaled back (fake quantization).
     *
     * @return [ids.length, vocab]
     */
    public float[][] logits(int... ids) {
        int vocab = recipe.model().vocab();
        long[] wide = new long[ids.length];
        for (int i = 0; i < ids.length; i++) {
            wide[i] = ids[i];
        }
        float[] all;
        try (Scope scope = new Scope()) {
            all = Torch.noGrad(
                    () -> model.logits(Tensor.of(wide, 1, ids.length)).toFloats());
        }
        float[][] rows = new float[ids.length][vocab];
        for (int i = 0; i < ids.length; i++) {
            System.arraycopy(all, i * vocab, rows[i], 0, vocab);
        }
        return rows;
    }

    /**
     * Writes a Hugging Face folder whose block matrices are codes times scale, as the forward pass sees them: of each
     * matrix all values are 0 or plus or minus one magnitude, which readers keep as codes and scale.
     *
     * @param folder does not exist yet
     */
    public void writeQuantized(Path folder) throws IOException {
        Files.createDirectory(folder);
        SafetensorsWriter out = new SafetensorsWriter();
        try (Scope scope = new Scope()) {
            for (Parameter p : model.parameters()) {
                Tensor seen = p.weights();
                out.tensor(p.name(), "F32", seen.shape(), TensorBody.of(seen.data()));
            }
            out.write(folder.resolve("model.safetensors"));
        }
        Files.write(
                folder.resolve("config.json"),
                HfModelConfig.ofCodes(Files.readAllBytes(checkpoint.resolve("config.json"))));
        for (String name : TOKENIZER) {
            if (Files.exists(checkpoint.resolve(name))) {
                Files.copy(checkpoint.resolve(name), folder.resolve(name));
            }
        }
    }

    @Override
    public void close() {
        model.close();
    }
}
