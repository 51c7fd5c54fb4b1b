package dev.trit.model;

import java.util.ArrayList;
import java.util.List;

/**
 * Rotary position embedding: the angle of pair i at position p is {@code p * frequency[i]}, frequency[i] =
 * theta^(-2i / dims), in float32 as Hugging Face transformers computes it. Cosines and sines are kept in pages as positions are reached.
 */
final class Rope {
    /** Positions computed at once. */
    private static final int PAGE = 64;

    private final float[] frequencies; // [dims / 2]
    private final List<float[]> cos = new ArrayList<>();
    private final List<float[]> sin = new ArrayList<>();

    Rope(Config c) {
        frequencies = new float[c.ropeDims() / 2];
        for (int i = 0; i < frequencies.length; i++) {
            float exponent = 2f * i / c.ropeDims();
            float frequency = 1f / (float) StrictMath.pow(c.ropeTheta(), exponent);
            frequencies[i] = switch (c.ropeScaling()) {
                case RopeScaling.None n -> frequency;
                case RopeScaling.Linear linear -> frequency / linear.factor();
                case RopeScaling.Llama3 llama3 -> scaled(frequency, llama3);
                case RopeScaling.Divisors divisors -> frequency / divisors.values()[i];
            };
        }
    }

    private static float scaled(float frequency, RopeScaling.Llama3 s) {
        float wavelength = (float) (2 * Math.PI) / frequency;
        if (wavelength > s.originalContext() / s.lowFreqFactor()) {
            return frequency / s.factor();
        }
        if (wavelength < s.originalContext() / s.highFreqFactor()) {
            return frequency;
        }
        float smooth =
                (s.originalContext() / wavelength - s.lowFreqFactor()) / (s.highFreqFactor() - s.lowFreqFactor());
        return (1 - smooth) * frequency / s.factor() + smooth * frequency;
    }

    /** Makes room for that many positions in all. */
    void reserve(int positions) {
        while (cos.size() * PAGE < positions) {
            float[] c = new float[PAGE * frequencies.length]; // [PAGE, dims / 2]
            float[] s = new float[PAGE * frequencies.length];
            int first = cos.size() * PAGE;
            for (int p = 0; p < PAGE; p++) {
                for (int i = 0; i < frequencies.length; i++) {
                    float angle = (first + p) * frequencies[i];
                    c[p * frequencies.length + i] = (float) StrictMath.cos(angle);
                    s[p * frequencies.length + i] = (float) StrictMath.sin(angle);
                }
            }
            cos.add(c);
            sin.add(s);
        }
    }

    /** The page of cosines in which {@code position} lies. */
    float[] cos(int position) {
        return cos.get(position / PAGE);
    }

    /** The page of sines in which {@code position} lies. */
    float[] sin(int position) {
        return sin.get(position / PAGE);
    }

    /** Where in both pages the [dims / 2] values of {@code position} begin. */
    int offset(int position) {
        return position % PAGE * frequencies.length;
    }
}
