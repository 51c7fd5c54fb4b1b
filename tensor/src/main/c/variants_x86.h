/* The x86-64 variants, and which of them run here. */
#include <cpuid.h>

/* In the order of dev.trit.tensor.internal.natives.Variant. */
static const struct verbs *const VARIANTS[] = {&trit_avx2, &trit_avxvnni, &trit_avx512, &trit_vbmi};

/* Bit v is set if variant v runs here: the processor has the instructions and the system saves the registers. */
static int32_t runnable(void) {
    uint32_t a, b, c, d;
    if (!__get_cpuid(1, &a, &b, &c, &d)) {
        return 0;
    }
    uint32_t need = 1u << 12 | 1u << 27 | 1u << 28 | 1u << 29; /* FMA, OSXSAVE, AVX, F16C */
    if ((c & need) != need) {
        return 0;
    }
    uint32_t low, high;
    __asm__ volatile("xgetbv" : "=a"(low), "=d"(high) : "c"(0));
    if ((low & 6) != 6 || !__get_cpuid_count(7, 0, &a, &b, &c, &d) || !(b >> 5 & 1)) { /* xmm, ymm; AVX2 */
        return 0;
    }
    int32_t variants = 1;
    uint32_t avx512 = 1u << 16 | 1u << 17 | 1u << 30 | 1u << 31; /* F, DQ, BW, VL */
    if ((low & 0xe6) == 0xe6 && (b & avx512) == avx512 && (c >> 11 & 1)) { /* and VNNI */
        variants |= c >> 1 & 1 ? 12 : 4; /* VBMI */
    }
    uint32_t leaves = a;
    if (leaves >= 1 && __get_cpuid_count(7, 1, &a, &b, &c, &d) && (a >> 4 & 1)) {
        variants |= 2;
    }
    return variants;
}
