/* AVX-VNNI: the dot-product instruction of 256 bits on processors without AVX-512. */
#include "x86.h"

#define VNNI256
#define DPBUSD _mm256_dpbusd_avx_epi32
#include "narrow.h"

const struct verbs trit_avxvnni = ALL_VERBS;
