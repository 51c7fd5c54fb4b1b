package dev.trit.tensor.internal.vector;

import static jdk.incubator.vector.VectorOperators.LSHL;
import static jdk.incubator.vector.VectorOperators.S2I;

import dev.trit.tensor.FloatTensor;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import jdk.incubator.vector.ByteVector;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.ShortVector;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorSpecies;

/**
 * Rows of F16 times one token without a copy as floats in between: the output head in decoding, where half of a token's
 * bytes are. The same sums in the same order as widening first.
 */
final class VectorHalves {
    private static final VectorSpecies<Float> F8 = FloatVector.SPECIES_256;
    private static final VectorSpecies<Integer> I8 = IntVector.SPECIES_256;
    private static final VectorSpecies<Byte> B16 = ByteVector.SPECIES_128;

    private VectorHalves() {}

    /**
     * Two rows by one token, or nothing if a row holds an infinity or NaN, which the short way of widening does not know.
     *
     * @param bytes scratch of two rows as stored
     * @param lanes scratch of 32 values
     * @return whether {@code y[yAt]} and {@code y[yAt + 1]} were computed
     */
    static boolean dots2(FloatTensor w, int row, byte[] bytes, float[] x, int xAt, float[] lanes, float[] y, int yAt) {
        int n = w.cols();
        MemorySegment.copy(w.data(), ValueLayout.JAVA_BYTE, 2L * n * row, bytes, 0, 4 * n);
        if (!finite(bytes, 4 * n)) {
            return false;
        }
        dots2(bytes, 2 * n, x, xAt, n, lanes);
        y[yAt] = VectorFloats.tree(lanes, 0);
        y[yAt + 1] = VectorFloats.tree(lanes, 16);
        return true;
    }

    /** No exponent has all bits set. */
    private static boolean finite(byte[] bytes, int n) {
        ShortVector largest = ShortVector.zero(ShortVector.SPECIES_128);
        for (int i = 0; i < n; i += 16) {
            ShortVector v = ByteVector.fromArray(B16, bytes, i).reinterpretAsShorts();
            largest = largest.max(v.and((short) 0x7fff));
        }
        return largest.reduceLanes(VectorOperators.MAX) < 0x7c00;
    }

    private static void dots2(byte[] w, int stride, float[] x, int xAt, int n, float[] lanes) {
        FloatVector z = FloatVector.zero(F8);
        FloatVector a0 = z, b0 = z, a1 = z, b1 = z;
        for (int i = 0; i < n; i += 16) {
            FloatVector va = FloatVector.fromArray(F8, x, xAt + i);
            FloatVector vb = FloatVector.fromArray(F8, x, xAt + i + 8);
            a0 = widened(w, 2 * i).fma(va, a0);
            b0 = widened(w, 2 * i + 16).fma(vb, b0);
            a1 = widened(w, stride + 2 * i).fma(va, a1);
            b1 = widened(w, stride + 2 * i + 16).fma(vb, b1);
        }
        a0.intoArray(lanes, 0);
        b0.intoArray(lanes, 8);
        a1.intoArray(lanes, 16);
        b1.intoArray(lanes, 24);
    }

    /** Eight finite halves as floats: exponent and mantissa moved into place, times 2^112, which is exact. */
    private static FloatVector widened(byte[] w, int at) {
        ShortVector v = ByteVector.fromArray(B16, w, at).reinterpretAsShorts();
        IntVector bits = (IntVector) v.convertShape(S2I, I8, 0);
        return bits.lanewise(LSHL, 13).and(0x8fffe000).reinterpretAsFloats().mul(0x1p112f);
    }
}
