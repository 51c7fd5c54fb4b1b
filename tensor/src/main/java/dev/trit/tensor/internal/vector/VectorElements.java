package dev.trit.tensor.internal.vector;

import static dev.trit.tensor.ScalarMath.*;

import dev.trit.tensor.ActivationRows;
import dev.trit.tensor.ScalarMath;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.ShortVector;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorShape;
import jdk.incubator.vector.VectorSpecies;

/** What goes element by element: the same operations as the scalar loops, in the same order, so the same bits. */
final class VectorElements {
    private static final VectorSpecies<Float> F = Width.FLOAT;
    private static final VectorSpecies<Integer> I = Width.INT;
    private static final int LANES = F.length();

    /** Short vectors with as many lanes as F: 64 bits at the narrowest. */
    private static final VectorSpecies<Short> HALF =
            VectorSpecies.of(short.class, VectorShape.forBitSize(F.vectorBitSize() / 2));

    private VectorElements() {}

    /** {@link ScalarMath#exp} lane by lane. */
    static FloatVector exp(FloatVector x) {
        FloatVector c = x.min(EXP_MAX).max(EXP_MIN);
        FloatVector round = FloatVector.broadcast(F, ROUND);
        FloatVector n = c.fma(FloatVector.broadcast(F, LOG2_E), round).sub(round);
        FloatVector minusN = n.neg();
        FloatVector r = minusN.fma(FloatVector.broadcast(F, LN2_HIGH), c);
        r = minusN.fma(FloatVector.broadcast(F, LN2_LOW), r);
        FloatVector p = FloatVector.broadcast(F, C7).fma(r, FloatVector.broadcast(F, C6));
        p = p.fma(r, FloatVector.broadcast(F, C5));
        p = p.fma(r, FloatVector.broadcast(F, C4));
        p = p.fma(r, FloatVector.broadcast(F, C3));
        p = p.fma(r, FloatVector.broadcast(F, C2));
        FloatVector one = FloatVector.broadcast(F, 1f);
        p = p.fma(r, one);
        p = p.fma(r, one);
        IntVector k = (IntVector) n.convertShape(VectorOperators.F2I, I, 0);
        IntVector half = k.lanewise(VectorOperators.ASHR, 1);
        return p.mul(power(half)).mul(power(k.sub(half)));
    }

    /** 2^k from its exponent bits. */
    private static FloatVector power(IntVector k) {
        return k.add(127).lanewise(VectorOperators.LSHL, 23).reinterpretAsFloats();
    }

    static void quantize(float[] x, int at, ActivationRows out, int row) {
        int n = out.cols();
        float max = VectorFloats.absMax(x, at, n, 1e-5f);
        float s = 127f / max;
        short[] codes = out.codes();
        byte[] bytes = out.bytes();
        int o = row * out.stride();
        FloatVector round = FloatVector.broadcast(F, ROUND);
        IntVector sums = IntVector.zero(I);
        int i = 0;
        for (; i + LANES <= n; i += LANES) {
            FloatVector q =
                    FloatVector.fromArray(F, x, at + i).mul(s).add(round).sub(round);
            IntVector code = (IntVector) q.min(127f).max(-128f).convertShape(VectorOperators.F2I, I, 0);
            sums = sums.add(code);
            ((ShortVector) code.convertShape(VectorOperators.I2S, HALF, 0)).intoArray(codes, o + i);
        }
        int sum = sums.reduceLanes(VectorOperators.ADD);
        for (; i < n; i++) {
            int code = (int) Math.max(-128f, Math.min(127f, (float) Math.rint(x[at + i] * s)));
            codes[o + i] = (short) code;
            sum += code;
        }
        for (i = 0; i < n; i++) {
            bytes[o + i] = (byte) codes[o + i];
        }
        out.sums()[row] = sum;
        out.scales()[row] = max / 127f;
    }

    static void axpy(float alpha, float[] x, int xAt, float[] y, int yAt, int n) {
        FloatVector a = FloatVector.broadcast(F, alpha);
        int i = 0;
        for (; i + LANES <= n; i += LANES) {
            a.fma(FloatVector.fromArray(F, x, xAt + i), FloatVector.fromArray(F, y, yAt + i))
                    .intoArray(y, yAt + i);
        }
        for (; i < n; i++) {
            y[yAt + i] = Math.fma(alpha, x[xAt + i], y[yAt + i]);
        }
    }

    static void add(float[] x, int xAt, float[] y, int yAt, int n) {
        int i = 0;
        for (; i + LANES <= n; i += LANES) {
            FloatVector.fromArray(F, y, yAt + i)
                    .add(FloatVector.fromArray(F, x, xAt + i))
                    .intoArray(y, yAt + i);
        }
        for (; i < n; i++) {
            y[yAt + i] = y[yAt + i] + x[xAt + i];
        }
    }

    static void scaleBy(float[] x, int xAt, float r, float[] gain, float[] y, int yAt, int n) {
        FloatVector factor = FloatVector.broadcast(F, r);
        int i = 0;
        for (; i + LANES <= n; i += LANES) {
            FloatVector.fromArray(F, x, xAt + i)
                    .mul(factor)
                    .mul(FloatVector.fromArray(F, gain, i))
                    .intoArray(y, yAt + i);
        }
        for (; i < n; i++) {
            y[yAt + i] = x[xAt + i] * r * gain[i];
        }
    }

    static void softmax(float[] x, int at, int n) {
        float max = VectorFloats.max(x, at, n, Float.NEGATIVE_INFINITY);
        int i = 0;
        for (; i + LANES <= n; i += LANES) {
            exp(FloatVector.fromArray(F, x, at + i).sub(max)).intoArray(x, at + i);
        }
        for (; i < n; i++) {
            x[at + i] = ScalarMath.exp(x[at + i] - max);
        }
        float sum = VectorFloats.sum(x, at, n);
        i = 0;
        for (; i + LANES <= n; i += LANES) {
            FloatVector.fromArray(F, x, at + i).div(sum).intoArray(x, at + i);
        }
        for (; i < n; i++) {
            x[at + i] = x[at + i] / sum;
        }
    }

    static void rope(float[] x, int at, int n, float[] cos, float[] sin, int csAt) {
        int h = n / 2;
        int i = 0;
        for (; i + LANES <= h; i += LANES) {
            FloatVector a = FloatVector.fromArray(F, x, at + i);
            FloatVector b = FloatVector.fromArray(F, x, at + i + h);
            FloatVector c = FloatVector.fromArray(F, cos, csAt + i);
            FloatVector s = FloatVector.fromArray(F, sin, csAt + i);
            b.neg().fma(s, a.mul(c)).intoArray(x, at + i);
            a.fma(s, b.mul(c)).intoArray(x, at + i + h);
        }
        for (; i < h; i++) {
            float a = x[at + i];
            float b = x[at + i + h];
            x[at + i] = Math.fma(-b, sin[csAt + i], a * cos[csAt + i]);
            x[at + i + h] = Math.fma(a, sin[csAt + i], b * cos[csAt + i]);
        }
    }

    static void swiglu(float[] gate, int gAt, float[] up, int uAt, float[] out, int oAt, int n) {
        int i = 0;
        for (; i + LANES <= n; i += LANES) {
            FloatVector g = FloatVector.fromArray(F, gate, gAt + i);
            g.div(exp(g.neg()).add(1f))
                    .mul(FloatVector.fromArray(F, up, uAt + i))
                    .intoArray(out, oAt + i);
        }
        for (; i < n; i++) {
            float g = gate[gAt + i];
            out[oAt + i] = g / (1 + ScalarMath.exp(-g)) * up[uAt + i];
        }
    }

    static void relu2glu(float[] gate, int gAt, float[] up, int uAt, float[] out, int oAt, int n) {
        int i = 0;
        for (; i + LANES <= n; i += LANES) {
            FloatVector g = FloatVector.fromArray(F, gate, gAt + i).max(0f);
            g.mul(g).mul(FloatVector.fromArray(F, up, uAt + i)).intoArray(out, oAt + i);
        }
        for (; i < n; i++) {
            float g = Math.max(gate[gAt + i], 0f);
            out[oAt + i] = g * g * up[uAt + i];
        }
    }
}
