package dev.trit.tensor.internal.vector;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorShuffle;
import jdk.incubator.vector.VectorSpecies;

/**
 * Reductions in the order that {@link dev.trit.tensor.Kernels} defines: sixteen virtual lanes, held as two vectors of
 * eight or four of four, then the fixed tree.
 */
final class VectorFloats {
    static final VectorSpecies<Float> F8 = FloatVector.SPECIES_256;
    private static final VectorSpecies<Float> F4 = FloatVector.SPECIES_128;
    private static final VectorShuffle<Float> BY4 = VectorShuffle.iota(F8, 4, 1, true);
    private static final VectorShuffle<Float> BY2 = VectorShuffle.iota(F8, 2, 1, true);
    private static final VectorShuffle<Float> BY1 = VectorShuffle.iota(F8, 1, 1, true);
    private static final VectorShuffle<Float> BY2_OF_4 = VectorShuffle.iota(F4, 2, 1, true);
    private static final VectorShuffle<Float> BY1_OF_4 = VectorShuffle.iota(F4, 1, 1, true);

    private VectorFloats() {}

    static float dot(float[] a, int aAt, float[] b, int bAt, int n) {
        int whole = n & -16;
        if (whole < n) {
            return oddDot(a, aAt, b, bAt, whole, n);
        }
        return Width.WIDE ? dot8(a, aAt, b, bAt, n) : dot4(a, aAt, b, bAt, n);
    }

    private static float dot8(float[] a, int aAt, float[] b, int bAt, int n) {
        FloatVector s0 = FloatVector.zero(F8);
        FloatVector s1 = s0;
        for (int i = 0; i < n; i += 16) {
            s0 = FloatVector.fromArray(F8, a, aAt + i).fma(FloatVector.fromArray(F8, b, bAt + i), s0);
            s1 = FloatVector.fromArray(F8, a, aAt + i + 8).fma(FloatVector.fromArray(F8, b, bAt + i + 8), s1);
        }
        return tree(s0, s1);
    }

    private static float dot4(float[] a, int aAt, float[] b, int bAt, int n) {
        FloatVector s0 = FloatVector.zero(F4);
        FloatVector s1 = s0, s2 = s0, s3 = s0;
        for (int i = 0; i < n; i += 16) {
            s0 = FloatVector.fromArray(F4, a, aAt + i).fma(FloatVector.fromArray(F4, b, bAt + i), s0);
            s1 = FloatVector.fromArray(F4, a, aAt + i + 4).fma(FloatVector.fromArray(F4, b, bAt + i + 4), s1);
            s2 = FloatVector.fromArray(F4, a, aAt + i + 8).fma(FloatVector.fromArray(F4, b, bAt + i + 8), s2);
            s3 = FloatVector.fromArray(F4, a, aAt + i + 12).fma(FloatVector.fromArray(F4, b, bAt + i + 12), s3);
        }
        return tree(s0, s1, s2, s3);
    }

    /** A length that is no multiple of sixteen: eight lanes at a time, then the rest one by one in memory. */
    private static float oddDot(float[] a, int aAt, float[] b, int bAt, int whole, int n) {
        float[] lanes = new float[16];
        if (Width.WIDE) {
            lanes8(a, aAt, b, bAt, whole, lanes);
        } else {
            for (int i = 0; i < whole; i++) {
                lanes[i & 15] = Math.fma(a[aAt + i], b[bAt + i], lanes[i & 15]);
            }
        }
        for (int i = whole; i < n; i++) {
            lanes[i & 15] = Math.fma(a[aAt + i], b[bAt + i], lanes[i & 15]);
        }
        return scalarTree(lanes);
    }

    private static void lanes8(float[] a, int aAt, float[] b, int bAt, int n, float[] lanes) {
        FloatVector s0 = FloatVector.zero(F8);
        FloatVector s1 = s0;
        for (int i = 0; i < n; i += 16) {
            s0 = FloatVector.fromArray(F8, a, aAt + i).fma(FloatVector.fromArray(F8, b, bAt + i), s0);
            s1 = FloatVector.fromArray(F8, a, aAt + i + 8).fma(FloatVector.fromArray(F8, b, bAt + i + 8), s1);
        }
        s0.intoArray(lanes, 0);
        s1.intoArray(lanes, 8);
    }

    private static float scalarTree(float[] lanes) {
        for (int width = 8; width > 0; width >>= 1) {
            for (int i = 0; i < width; i++) {
                lanes[i] = lanes[i] + lanes[i + width];
            }
        }
        return lanes[0];
    }

    /** Lanes 0-7 and 8-15: i and i+8, i and i+4, i and i+2, i and i+1. */
    static float tree(FloatVector s0, FloatVector s1) {
        FloatVector s = s0.add(s1);
        s = s.add(s.rearrange(BY4));
        s = s.add(s.rearrange(BY2));
        s = s.add(s.rearrange(BY1));
        return s.lane(0);
    }

    /** The tree over sixteen lanes in memory. */
    static float tree(float[] lanes, int at) {
        return tree(FloatVector.fromArray(F8, lanes, at), FloatVector.fromArray(F8, lanes, at + 8));
    }

    static float tree(FloatVector s0, FloatVector s1, FloatVector s2, FloatVector s3) {
        FloatVector s = s0.add(s2).add(s1.add(s3));
        s = s.add(s.rearrange(BY2_OF_4));
        s = s.add(s.rearrange(BY1_OF_4));
        return s.lane(0);
    }

    /**
     * Four rows of {@code w} by one token: enough independent chains of additions to hide their latency, which one
     * reduction alone cannot.
     *
     * @param w four rows, {@code stride} apart from {@code wAt}
     * @param lanes scratch of 64 values: the hot loop leaves its accumulators there, because a loop that shares its
     *     method with the trees exceeds the compiler's inlining budget and boxes a vector in every iteration
     * @param y receives four results from {@code yAt}
     */
    static void dots4(float[] w, int wAt, int stride, float[] x, int xAt, int n, float[] lanes, float[] y, int yAt) {
        if (!Width.WIDE || n % 16 != 0) {
            for (int r = 0; r < 4; r++) {
                y[yAt + r] = dot(w, wAt + r * stride, x, xAt, n);
            }
            return;
        }
        dots4(w, wAt, stride, x, xAt, n, lanes);
        for (int r = 0; r < 4; r++) {
            y[yAt + r] = tree(lanes, 16 * r);
        }
    }

    private static void dots4(float[] w, int wAt, int stride, float[] x, int xAt, int n, float[] lanes) {
        int w1 = wAt + stride, w2 = w1 + stride, w3 = w2 + stride;
        FloatVector z = FloatVector.zero(F8);
        FloatVector a0 = z, b0 = z, a1 = z, b1 = z, a2 = z, b2 = z, a3 = z, b3 = z;
        for (int i = 0; i < n; i += 16) {
            FloatVector va = FloatVector.fromArray(F8, x, xAt + i);
            FloatVector vb = FloatVector.fromArray(F8, x, xAt + i + 8);
            a0 = FloatVector.fromArray(F8, w, wAt + i).fma(va, a0);
            b0 = FloatVector.fromArray(F8, w, wAt + i + 8).fma(vb, b0);
            a1 = FloatVector.fromArray(F8, w, w1 + i).fma(va, a1);
            b1 = FloatVector.fromArray(F8, w, w1 + i + 8).fma(vb, b1);
            a2 = FloatVector.fromArray(F8, w, w2 + i).fma(va, a2);
            b2 = FloatVector.fromArray(F8, w, w2 + i + 8).fma(vb, b2);
            a3 = FloatVector.fromArray(F8, w, w3 + i).fma(va, a3);
            b3 = FloatVector.fromArray(F8, w, w3 + i + 8).fma(vb, b3);
        }
        a0.intoArray(lanes, 0);
        b0.intoArray(lanes, 8);
        a1.intoArray(lanes, 16);
        b1.intoArray(lanes, 24);
        a2.intoArray(lanes, 32);
        b2.intoArray(lanes, 40);
        a3.intoArray(lanes, 48);
        b3.intoArray(lanes, 56);
    }

    /**
     * Two rows by three tokens: twelve accumulators and four operands fill the sixteen registers of AVX2.
     *
     * @param y receives row r of token t at {@code y[yAt + t * yStride + r]}
     */
    static void tile2x3(
            float[] w,
            int wAt,
            int stride,
            float[] x,
            int xAt,
            int xStride,
            int n,
            float[] lanes,
            float[] y,
            int yAt,
            int yStride) {
        tile2x3(w, wAt, stride, x, xAt, xStride, n, lanes);
        for (int t = 0; t < 3; t++) {
            y[yAt + t * yStride] = tree(lanes, 32 * t);
            y[yAt + t * yStride + 1] = tree(lanes, 32 * t + 16);
        }
    }

    private static void tile2x3(float[] w, int wAt, int stride, float[] x, int xAt, int xStride, int n, float[] lanes) {
        int w1 = wAt + stride, x1 = xAt + xStride, x2 = x1 + xStride;
        FloatVector z = FloatVector.zero(F8);
        FloatVector a00 = z, b00 = z, a01 = z, b01 = z, a02 = z, b02 = z;
        FloatVector a10 = z, b10 = z, a11 = z, b11 = z, a12 = z, b12 = z;
        for (int i = 0; i < n; i += 16) {
            FloatVector p = FloatVector.fromArray(F8, w, wAt + i);
            FloatVector q = FloatVector.fromArray(F8, w, w1 + i);
            FloatVector v = FloatVector.fromArray(F8, x, xAt + i);
            a00 = p.fma(v, a00);
            a10 = q.fma(v, a10);
            v = FloatVector.fromArray(F8, x, x1 + i);
            a01 = p.fma(v, a01);
            a11 = q.fma(v, a11);
            v = FloatVector.fromArray(F8, x, x2 + i);
            a02 = p.fma(v, a02);
            a12 = q.fma(v, a12);
            p = FloatVector.fromArray(F8, w, wAt + i + 8);
            q = FloatVector.fromArray(F8, w, w1 + i + 8);
            v = FloatVector.fromArray(F8, x, xAt + i + 8);
            b00 = p.fma(v, b00);
            b10 = q.fma(v, b10);
            v = FloatVector.fromArray(F8, x, x1 + i + 8);
            b01 = p.fma(v, b01);
            b11 = q.fma(v, b11);
            v = FloatVector.fromArray(F8, x, x2 + i + 8);
            b02 = p.fma(v, b02);
            b12 = q.fma(v, b12);
        }
        a00.intoArray(lanes, 0);
        b00.intoArray(lanes, 8);
        a10.intoArray(lanes, 16);
        b10.intoArray(lanes, 24);
        a01.intoArray(lanes, 32);
        b01.intoArray(lanes, 40);
        a11.intoArray(lanes, 48);
        b11.intoArray(lanes, 56);
        a02.intoArray(lanes, 64);
        b02.intoArray(lanes, 72);
        a12.intoArray(lanes, 80);
        b12.intoArray(lanes, 88);
    }

    /**
     * Four rows by three tokens: twenty-four accumulators and four operands, for the 32 registers of AVX-512.
     *
     * @param lanes scratch of 192 values
     * @param y receives row r of token t at {@code y[yAt + t * yStride + r]}
     */
    static void tile4x3(
            float[] w,
            int wAt,
            int stride,
            float[] x,
            int xAt,
            int xStride,
            int n,
            float[] lanes,
            float[] y,
            int yAt,
            int yStride) {
        tile4x3(w, wAt, stride, x, xAt, xStride, n, lanes);
        for (int t = 0; t < 3; t++) {
            for (int r = 0; r < 4; r++) {
                y[yAt + t * yStride + r] = tree(lanes, 64 * t + 16 * r);
            }
        }
    }

    private static void tile4x3(float[] w, int w0, int stride, float[] x, int x0, int xStride, int n, float[] lanes) {
        int w1 = w0 + stride, w2 = w1 + stride, w3 = w2 + stride;
        int x1 = x0 + xStride, x2 = x1 + xStride;
        FloatVector z = FloatVector.zero(F8);
        FloatVector a00 = z, b00 = z, a01 = z, b01 = z, a02 = z, b02 = z;
        FloatVector a10 = z, b10 = z, a11 = z, b11 = z, a12 = z, b12 = z;
        FloatVector a20 = z, b20 = z, a21 = z, b21 = z, a22 = z, b22 = z;
        FloatVector a30 = z, b30 = z, a31 = z, b31 = z, a32 = z, b32 = z;
        for (int i = 0; i < n; i += 16) {
            FloatVector v0 = FloatVector.fromArray(F8, x, x0 + i);
            FloatVector v1 = FloatVector.fromArray(F8, x, x1 + i);
            FloatVector v2 = FloatVector.fromArray(F8, x, x2 + i);
            FloatVector p = FloatVector.fromArray(F8, w, w0 + i);
            a00 = p.fma(v0, a00);
            a01 = p.fma(v1, a01);
            a02 = p.fma(v2, a02);
            p = FloatVector.fromArray(F8, w, w1 + i);
            a10 = p.fma(v0, a10);
            a11 = p.fma(v1, a11);
            a12 = p.fma(v2, a12);
            p = FloatVector.fromArray(F8, w, w2 + i);
            a20 = p.fma(v0, a20);
            a21 = p.fma(v1, a21);
            a22 = p.fma(v2, a22);
            p = FloatVector.fromArray(F8, w, w3 + i);
            a30 = p.fma(v0, a30);
            a31 = p.fma(v1, a31);
            a32 = p.fma(v2, a32);
            v0 = FloatVector.fromArray(F8, x, x0 + i + 8);
            v1 = FloatVector.fromArray(F8, x, x1 + i + 8);
            v2 = FloatVector.fromArray(F8, x, x2 + i + 8);
            p = FloatVector.fromArray(F8, w, w0 + i + 8);
            b00 = p.fma(v0, b00);
            b01 = p.fma(v1, b01);
            b02 = p.fma(v2, b02);
            p = FloatVector.fromArray(F8, w, w1 + i + 8);
            b10 = p.fma(v0, b10);
            b11 = p.fma(v1, b11);
            b12 = p.fma(v2, b12);
            p = FloatVector.fromArray(F8, w, w2 + i + 8);
            b20 = p.fma(v0, b20);
            b21 = p.fma(v1, b21);
            b22 = p.fma(v2, b22);
            p = FloatVector.fromArray(F8, w, w3 + i + 8);
            b30 = p.fma(v0, b30);
            b31 = p.fma(v1, b31);
            b32 = p.fma(v2, b32);
        }
        a00.intoArray(lanes, 0);
        b00.intoArray(lanes, 8);
        a10.intoArray(lanes, 16);
        b10.intoArray(lanes, 24);
        a20.intoArray(lanes, 32);
        b20.intoArray(lanes, 40);
        a30.intoArray(lanes, 48);
        b30.intoArray(lanes, 56);
        a01.intoArray(lanes, 64);
        b01.intoArray(lanes, 72);
        a11.intoArray(lanes, 80);
        b11.intoArray(lanes, 88);
        a21.intoArray(lanes, 96);
        b21.intoArray(lanes, 104);
        a31.intoArray(lanes, 112);
        b31.intoArray(lanes, 120);
        a02.intoArray(lanes, 128);
        b02.intoArray(lanes, 136);
        a12.intoArray(lanes, 144);
        b12.intoArray(lanes, 152);
        a22.intoArray(lanes, 160);
        b22.intoArray(lanes, 168);
        a32.intoArray(lanes, 176);
        b32.intoArray(lanes, 184);
    }

    static float max(float[] x, int at, int n, float start) {
        FloatVector m = FloatVector.broadcast(Width.FLOAT, start);
        int lanes = Width.FLOAT.length();
        int i = 0;
        for (; i + lanes <= n; i += lanes) {
            m = m.max(FloatVector.fromArray(Width.FLOAT, x, at + i));
        }
        float max = m.reduceLanes(VectorOperators.MAX);
        for (; i < n; i++) {
            max = Math.max(max, x[at + i]);
        }
        return max;
    }

    static float absMax(float[] x, int at, int n, float start) {
        FloatVector m = FloatVector.broadcast(Width.FLOAT, start);
        int lanes = Width.FLOAT.length();
        int i = 0;
        for (; i + lanes <= n; i += lanes) {
            m = m.max(FloatVector.fromArray(Width.FLOAT, x, at + i).abs());
        }
        float max = m.reduceLanes(VectorOperators.MAX);
        for (; i < n; i++) {
            max = Math.max(max, Math.abs(x[at + i]));
        }
        return max;
    }

    /** The lane sum of values already in x: lane i mod 16 in ascending order, then the tree. */
    static float sum(float[] x, int at, int n) {
        float[] lanes = new float[16];
        int whole = n & -16;
        if (Width.WIDE) {
            FloatVector s0 = FloatVector.zero(F8);
            FloatVector s1 = s0;
            for (int i = 0; i < whole; i += 16) {
                s0 = s0.add(FloatVector.fromArray(F8, x, at + i));
                s1 = s1.add(FloatVector.fromArray(F8, x, at + i + 8));
            }
            s0.intoArray(lanes, 0);
            s1.intoArray(lanes, 8);
        } else {
            for (int i = 0; i < whole; i++) {
                lanes[i & 15] = lanes[i & 15] + x[at + i];
            }
        }
        for (int i = whole; i < n; i++) {
            lanes[i & 15] = lanes[i & 15] + x[at + i];
        }
        return scalarTree(lanes);
    }
}
