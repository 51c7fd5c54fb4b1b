package dev.trit.format;

import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * LLaMA 3.1's rotary scaling in its two spellings: four parameters in {@code config.json}, and in GGUF a divisor for each
 * frequency, the tensor {@code rope_freqs.weight}.
 *
 * @param factor by which the slow frequencies are divided
 * @param lowFreqFactor wavelengths above originalContext / lowFreqFactor are slow
 * @param highFreqFactor wavelengths below originalContext / highFreqFactor stay; between them the two are blended
 * @param originalContext positions of the first training
 */
record RopeFactors(float factor, float lowFreqFactor, float highFreqFactor, int originalContext) {
    /** LLaMA 3.1 8B to 405B, and 3.2 1B and 3B. */
    private static final RopeFactors[] PUBLISHED = {new RopeFactors(8, 1, 4, 8192), new RopeFactors(32, 1, 4, 8192)};

    /** The parameters in metadata, null if there are none. */
    static @Nullable RopeFactors of(Map<String, Object> metadata, String architecture) {
        String prefix = architecture + ".rope.scaling.";
        if (!"llama3".equals(metadata.get(prefix + "type"))) {
            return null;
        }
        return new RopeFactors(
                number(metadata, prefix + "factor"),
                number(metadata, prefix + "low_freq_factor"),
                number(metadata, prefix + "high_freq_factor"),
                (int) number(metadata, prefix + "original_context_length"));
    }

    private static float number(Map<String, Object> metadata, String key) {
        if (metadata.get(key) instanceof Number n) {
            return n.floatValue();
        }
        throw new FormatException("metadata %s is not usable".formatted(key), "a number", metadata.get(key));
    }

    /** The published parameters that give these divisors, null if none does. */
    static @Nullable RopeFactors matching(float[] divisors, float theta) {
        for (RopeFactors candidate : PUBLISHED) {
            float[] expected = candidate.divisors(2 * divisors.length, theta);
            boolean same = true;
            for (int i = 0; i < divisors.length; i++) {
                same &= Math.abs(divisors[i] - expected[i]) <= 1e-5f * expected[i];
            }
            if (same) {
                return candidate;
            }
        }
        return null;
    }

    /** What each of the {@code dims / 2} frequencies theta^(-2i / dims) is divided by. */
    float[] divisors(int dims, float theta) {
        float[] divisors = new float[dims / 2];
        for (int i = 0; i < divisors.length; i++) {
            double wavelength = 2 * Math.PI * StrictMath.pow(theta, 2.0 * i / dims);
            double share = (originalContext / wavelength - lowFreqFactor) / (highFreqFactor - lowFreqFactor);
            double smooth = Math.clamp(share, 0, 1);
            divisors[i] = (float) (1 / ((1 - smooth) / factor + smooth));
        }
        return divisors;
    }
}
