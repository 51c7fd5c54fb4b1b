package dev.trit.format;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;

/**
 * Blocks of two-bit codes in four planes, the layout that I2_S, TQ2_0 and IQ2_BN share: byte b of a block of
 * {@code 4 * stride} elements holds the codes of elements b, b + stride, b + 2 stride and b + 3 stride. Eight bytes are
 * treated at a time inside a long, because no plane then crosses a byte and the compiler needs no luck.
 *
 * @param stride bytes of a block, a multiple of 8
 * @param highFirst whether element b sits in bits 7-6 (I2_S) or in bits 1-0 (TQ2_0, IQ2_BN)
 */
record TwoBitPlanes(int stride, boolean highFirst) {
    static final VarHandle LONG = MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);
    private static final long TOP_BITS = 0x8080808080808080L;

    /** The lowest bit of eight bytes. */
    static final long LOW_BITS = 0x0101010101010101L;

    /** Elements of a block. */
    int elements() {
        return 4 * stride;
    }

    /** Shift of plane n: 6, 4, 2, 0 or 0, 2, 4, 6. */
    private int shift(int n) {
        return highFirst ? 6 - 2 * n : 2 * n;
    }

    /**
     * Unpacks {@code blocks} blocks to trits; a code 3 becomes the value 2.
     *
     * @param gap bytes between two blocks that hold something else (a block's scale)
     * @return nonzero if there was a code 3
     */
    long unpack(byte[] raw, int from, int gap, int blocks, byte[] out, int at) {
        int s0 = shift(0);
        int s1 = shift(1);
        int s2 = shift(2);
        int s3 = shift(3);
        long threes = 0;
        for (int k = 0; k < blocks; k++) {
            int p = from + k * (stride + gap);
            int o = at + k * 4 * stride;
            for (int b = 0; b < stride; b += 8) {
                long v = (long) LONG.get(raw, p + b);
                threes |= v & v >>> 1;
                LONG.set(out, o + b, trits(v >>> s0));
                LONG.set(out, o + b + stride, trits(v >>> s1));
                LONG.set(out, o + b + 2 * stride, trits(v >>> s2));
                LONG.set(out, o + b + 3 * stride, trits(v >>> s3));
            }
        }
        return threes & 0x55 * LOW_BITS;
    }

    /** Packs trits into {@code blocks} blocks, the opposite of {@link #unpack}. */
    void pack(byte[] trits, int from, int gap, int blocks, byte[] raw, int at) {
        for (int k = 0; k < blocks; k++) {
            int p = at + k * (stride + gap);
            int o = from + k * 4 * stride;
            for (int b = 0; b < stride; b += 8) {
                long v = codes((long) LONG.get(trits, o + b)) << shift(0)
                        | codes((long) LONG.get(trits, o + b + stride)) << shift(1)
                        | codes((long) LONG.get(trits, o + b + 2 * stride)) << shift(2)
                        | codes((long) LONG.get(trits, o + b + 3 * stride)) << shift(3);
                LONG.set(raw, p + b, v);
            }
        }
    }

    /** The two low bits of eight bytes, less one each: adding 127 and flipping the top bit borrows from no neighbour. */
    static long trits(long codes) {
        return (codes & 0x03 * LOW_BITS) + 0x7f * LOW_BITS ^ TOP_BITS;
    }

    /** Eight trits, plus one each. */
    private static long codes(long trits) {
        return (trits ^ TOP_BITS) - 0x7f * LOW_BITS;
    }
}
