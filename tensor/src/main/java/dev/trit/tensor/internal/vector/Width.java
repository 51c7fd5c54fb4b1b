package dev.trit.tensor.internal.vector;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.ShortVector;
import jdk.incubator.vector.VectorShape;
import jdk.incubator.vector.VectorSpecies;

/**
 * The vector width, fixed for the life of the JVM because the compiler needs species to be constants.
 *
 * <p>The 16-bit lanes of ternary products use the widest vectors: their sums are exact in any grouping, and 512 bits
 * gain up to two times over 256 there. All float work uses 256 bits (in pairs, for the sixteen virtual lanes of a
 * reduction) or 128 (in fours), one width in a JVM: with two widths the Vector API's own methods see two types, and where
 * the compiler then cannot tell them apart it boxes every vector (seen as 170 MB of garbage a token).
 */
final class Width {
    /** Forces a width: 128, 256 or 512. For tests; the default is what the processor prefers. */
    static final String PROPERTY = "trit.vector.bits";

    static final int BITS = bits();

    static final VectorSpecies<Short> SHORT = VectorSpecies.of(short.class, VectorShape.forBitSize(BITS));
    static final VectorSpecies<Integer> INT = VectorSpecies.of(int.class, VectorShape.forBitSize(Math.min(BITS, 256)));
    static final VectorSpecies<Float> FLOAT =
            VectorSpecies.of(float.class, VectorShape.forBitSize(Math.min(BITS, 256)));

    /** True where float reductions run in pairs of 256 bits. */
    static final boolean WIDE = BITS >= 256;

    private Width() {}

    private static int bits() {
        int preferred = Math.min(512, VectorShape.preferredShape().vectorBitSize());
        int bits = Integer.getInteger(PROPERTY, preferred);
        if (bits != 128 && bits != 256 && bits != 512) {
            throw new IllegalArgumentException(PROPERTY + " must be 128, 256 or 512, got " + bits);
        }
        return bits;
    }

    /** Touches the species, so that a JVM that cannot make them says so at start. */
    static int floatLanes() {
        return FloatVector.zero(FLOAT).length()
                + 0 * (IntVector.zero(INT).length() + ShortVector.zero(SHORT).length());
    }
}
