package dev.trit.tensor.internal.natives;

import dev.trit.tensor.TernaryWeights.Layout;
import java.util.ArrayList;
import java.util.List;

/** Instruction sets with kernels of their own, in the order of the tables in {@code variants_*.h}; later ones are faster. */
enum Variant {
    AVX2("avx2", "AVX2", true),
    AVX_VNNI("avx-vnni", "AVX-VNNI", false),
    AVX512_VNNI("avx512-vnni", "AVX-512 VNNI", true),
    AVX512_VBMI("avx512-vbmi", "AVX-512 VNNI and VBMI", true),
    NEON("neon", "NEON", false),
    NEON_DOTPROD("neon-dotprod", "NEON dotprod", false),
    NEON_I8MM("neon-i8mm", "NEON i8mm", false);

    private final String word;
    private final String title;
    private final boolean ranOnSilicon;

    Variant(String word, String title, boolean ranOnSilicon) {
        this.word = word;
        this.title = title;
        this.ranOnSilicon = ranOnSilicon;
    }

    /** What {@link NativeKernels#PROPERTY} calls it. */
    String word() {
        return word;
    }

    /** For people; says so where nobody has run it on a real processor. */
    String title() {
        return ranOnSilicon ? title : title + ", untested on silicon";
    }

    /** Has kernels for {@link Layout#TRIPLES}: byte permutations that decode three rows at once. */
    boolean triples() {
        return this == AVX512_VBMI;
    }

    /** The variants of a bit mask, fastest first. */
    static List<Variant> of(int mask) {
        List<Variant> variants = new ArrayList<>();
        for (Variant variant : values()) {
            if ((mask >> variant.ordinal() & 1) != 0) {
                variants.addFirst(variant);
            }
        }
        return variants;
    }
}
