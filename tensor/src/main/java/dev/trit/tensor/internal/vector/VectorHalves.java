package dev.trit.tensor.internal.vector;

import dev.trit.tensor.FloatTensor;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;

/** Rows of F16 as floats. */
final class VectorHalves {
    private static final ValueLayout.OfShort I16 = ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

    private VectorHalves() {}

    /** @param halves scratch of at least one row */
    static void row(FloatTensor w, int row, float[] out, int at, short[] halves) {
        MemorySegment.copy(w.data(), I16, row * w.rowBytes(), halves, 0, w.cols());
        widen(halves, w.cols(), out, at);
    }

    /**
     * The Vector API has no conversion of halves, but the compiler turns this loop into the processor's (vcvtph2ps, fcvtl).
     */
    private static void widen(short[] halves, int n, float[] out, int at) {
        for (int i = 0; i < n; i++) {
            out[at + i] = Float.float16ToFloat(halves[i]);
        }
    }
}
