package dev.trit.cli;

import dev.trit.model.Model;
import dev.trit.model.Session;
import java.nio.file.Path;

/** Runs two models over the same tokens and compares their logits, bit by bit and by size. */
public final class ConversionProof {
    /** Tokens of the probe: spread over the vocabulary, the same for every model. */
    public static final int TOKENS = 24;

    /**
     * @param bitEqual whether all logits are the same bits
     * @param difference the largest difference as a share of the range of the first model's logits
     */
    public record Outcome(boolean bitEqual, double difference) {}

    private final Stdio stdio;
    private final int threads;
    private final KernelOptions kernels;

    public ConversionProof(Stdio stdio, int threads, KernelOptions kernels) {
        this.stdio = stdio;
        this.threads = threads;
        this.kernels = kernels;
    }

    /** One model after the other, so that memory holds only one. */
    public Outcome run(Path before, Path after) {
        try (Progress progress = new Progress(stdio, "proving", 2)) {
            float[][] expected = logits(before);
            progress.at(1, "");
            return compare(expected, logits(after));
        }
    }

    /** The tokens of the probe for a vocabulary of that size. */
    public static int[] probe(int vocab) {
        int[] ids = new int[TOKENS];
        for (int i = 0; i < TOKENS; i++) {
            ids[i] = (int) ((i * 2654435761L + 12345) % vocab); // a step that no vocabulary divides evenly
        }
        return ids;
    }

    /** The model's logits of the probe, [TOKENS, vocab]. */
    public float[][] logits(Path path) {
        try (Model model = ModelOptions.load(path, threads, TOKENS, kernels);
                Session session = model.session()) {
            int[] ids = probe(model.config().vocab());
            float[][] all = new float[TOKENS][];
            session.append(ids, 0, (i, logits) -> all[i] = logits.clone());
            return all;
        }
    }

    /** Compares logits of the probe. */
    public static Outcome compare(float[][] expected, float[][] actual) {
        boolean equal = true;
        float low = Float.POSITIVE_INFINITY;
        float high = Float.NEGATIVE_INFINITY;
        double difference = 0;
        for (int i = 0; i < expected.length; i++) {
            if (expected[i].length != actual[i].length) {
                return new Outcome(false, Double.POSITIVE_INFINITY);
            }
            for (int j = 0; j < expected[i].length; j++) {
                equal &= Float.floatToRawIntBits(expected[i][j]) == Float.floatToRawIntBits(actual[i][j]);
                low = Math.min(low, expected[i][j]);
                high = Math.max(high, expected[i][j]);
                double d = Math.abs((double) expected[i][j] - actual[i][j]);
                difference = d >= 0 ? Math.max(difference, d) : Double.POSITIVE_INFINITY; // NaN is no agreement
            }
        }
        return new Outcome(equal, equal ? 0 : difference / Math.max(high - low, Float.MIN_NORMAL));
    }
}
