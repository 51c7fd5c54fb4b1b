package dev.trit.model;

/** How rotary frequencies are slowed down to reach beyond the context a model was first trained with. */
public sealed interface RopeScaling {
    /** Frequencies as they are. */
    RopeScaling NONE = new None();

    /** Frequencies as they are. */
    record None() implements RopeScaling {}

    /** Position interpolation: every frequency divided by {@code factor}. */
    record Linear(float factor) implements RopeScaling {}

    /**
     * LLaMA 3.1: wavelengths longer than {@code originalContext / lowFreqFactor} are slowed down by {@code factor}, those
     * shorter than {@code originalContext / highFreqFactor} are left alone, those between are blended.
     */
    record Llama3(float factor, float lowFreqFactor, float highFreqFactor, int originalContext)
            implements RopeScaling {}

    /** A divisor for each frequency, [ropeDims / 2]: how GGUF stores {@link Llama3}. */
    record Divisors(float[] values) implements RopeScaling {}
}
