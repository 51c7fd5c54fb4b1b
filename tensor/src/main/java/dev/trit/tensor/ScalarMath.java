package dev.trit.tensor;

/**
 * The scalar functions that all kernels share, written so that a vector form does the same operations in the same order
 * and gives the same bits. The JDK's own exp is not used: its result may differ between processors.
 */
public final class ScalarMath {
    /** 1.5 * 2^23: adding and subtracting it rounds a float of magnitude below 2^22 to an integer, ties to even. */
    public static final float ROUND = 12582912f;

    public static final float LOG2_E = 1.44269504f;
    /** ln 2 in two parts: the first has few bits, so that n * LN2_HIGH is exact for |n| < 2^13. */
    public static final float LN2_HIGH = 0.693359375f;

    public static final float LN2_LOW = -2.12194440e-4f;

    /** exp overflows to infinity above this and is 0 below {@link #EXP_MIN}. */
    public static final float EXP_MAX = 88.8f;

    public static final float EXP_MIN = -104f;

    /** Taylor coefficients 1/7! ... 1/2!; the rest beyond degree 7 is under 6e-9 for |r| <= ln 2 / 2. */
    public static final float C7 = 1f / 5040;

    public static final float C6 = 1f / 720;
    public static final float C5 = 1f / 120;
    public static final float C4 = 1f / 24;
    public static final float C3 = 1f / 6;
    public static final float C2 = 0.5f;

    private ScalarMath() {}

    /** e^x within 2 units in the last place; 0 below -104, infinity above 88.8; NaN gives NaN. */
    public static float exp(float x) {
        float c = Math.max(Math.min(x, EXP_MAX), EXP_MIN);
        float n = Math.fma(c, LOG2_E, ROUND) - ROUND;
        float r = Math.fma(-n, LN2_HIGH, c);
        r = Math.fma(-n, LN2_LOW, r);
        float p = Math.fma(C7, r, C6);
        p = Math.fma(p, r, C5);
        p = Math.fma(p, r, C4);
        p = Math.fma(p, r, C3);
        p = Math.fma(p, r, C2);
        p = Math.fma(p, r, 1f);
        p = Math.fma(p, r, 1f);
        // 2^n in two factors: n reaches -150 and 128, one factor alone would leave the exponent's range.
        int k = (int) n;
        int half = k >> 1;
        return p * Float.intBitsToFloat(half + 127 << 23) * Float.intBitsToFloat(k - half + 127 << 23);
    }

    /** The fixed tree over sixteen lanes: i and i+8, i and i+4, i and i+2, i and i+1. Uses the array up. */
    public static float tree(float[] lanes) {
        for (int width = 8; width > 0; width >>= 1) {
            for (int i = 0; i < width; i++) {
                lanes[i] = lanes[i] + lanes[i + width];
            }
        }
        return lanes[0];
    }
}
