package dev.trit.tensor.internal.natives;

import static dev.trit.tensor.internal.natives.Entry.failed;
import static dev.trit.tensor.internal.natives.Entry.slice;

/** Calls on vectors of floats: sums, norms, positions and gates. */
final class VectorCalls {
    private VectorCalls() {}

    static float dot(int variant, float[] a, int aAt, float[] b, int bAt, int n) {
        try {
            return (float) Entry.DOT.invokeExact(variant, slice(a, aAt, n), slice(b, bAt, n), (long) n);
        } catch (Throwable e) {
            throw failed(e);
        }
    }

    static void axpy(int variant, float alpha, float[] x, int xAt, float[] y, int yAt, int n) {
        try {
            Entry.AXPY.invokeExact(variant, alpha, slice(x, xAt, n), slice(y, yAt, n), (long) n);
        } catch (Throwable e) {
            throw failed(e);
        }
    }

    static void add(int variant, float[] x, int xAt, float[] y, int yAt, int n) {
        try {
            Entry.ADD.invokeExact(variant, slice(x, xAt, n), slice(y, yAt, n), (long) n);
        } catch (Throwable e) {
            throw failed(e);
        }
    }

    static void rmsNorm(int variant, float[] x, int xAt, float[] gain, float eps, float[] y, int yAt, int n) {
        try {
            Entry.RMS_NORM.invokeExact(variant, slice(x, xAt, n), slice(gain, 0, n), eps, slice(y, yAt, n), (long) n);
        } catch (Throwable e) {
            throw failed(e);
        }
    }

    static void softmax(int variant, float[] x, int at, int n) {
        try {
            Entry.SOFTMAX.invokeExact(variant, slice(x, at, n), (long) n);
        } catch (Throwable e) {
            throw failed(e);
        }
    }

    static void rope(int variant, float[] x, int at, int n, float[] cos, float[] sin, int csAt) {
        try {
            Entry.ROPE.invokeExact(
                    variant, slice(x, at, n), (long) n, slice(cos, csAt, n / 2), slice(sin, csAt, n / 2));
        } catch (Throwable e) {
            throw failed(e);
        }
    }

    static void swiglu(int variant, float[] gate, int gAt, float[] up, int uAt, float[] out, int oAt, int n) {
        try {
            Entry.SWIGLU.invokeExact(variant, slice(gate, gAt, n), slice(up, uAt, n), slice(out, oAt, n), (long) n);
        } catch (Throwable e) {
            throw failed(e);
        }
    }

    static void relu2glu(int variant, float[] gate, int gAt, float[] up, int uAt, float[] out, int oAt, int n) {
        try {
            Entry.RELU2GLU.invokeExact(variant, slice(gate, gAt, n), slice(up, uAt, n), slice(out, oAt, n), (long) n);
        } catch (Throwable e) {
            throw failed(e);
        }
    }

    static void hadamard(int variant, float[] x, int at, int n) {
        try {
            Entry.HADAMARD.invokeExact(variant, slice(x, at, n), (long) n);
        } catch (Throwable e) {
            throw failed(e);
        }
    }
}
