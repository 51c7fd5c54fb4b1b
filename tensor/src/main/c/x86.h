/* What the x86-64 variants share. */
#ifndef TRIT_X86_H
#define TRIT_X86_H

#include "trit.h"

#define _MM_MALLOC_H_INCLUDED /* gcc's header of that name wants a C library */
#include <immintrin.h>

ALWAYS_INLINE int32_t word(const int8_t *at) {
    int32_t value;
    __builtin_memcpy(&value, at, 4);
    return value;
}

/* The sums of eight vectors' lanes, in order. */
ALWAYS_INLINE __m256i eight_sums(const __m256i h[8]) {
    __m256i a = _mm256_hadd_epi32(_mm256_hadd_epi32(h[0], h[1]), _mm256_hadd_epi32(h[2], h[3]));
    __m256i b = _mm256_hadd_epi32(_mm256_hadd_epi32(h[4], h[5]), _mm256_hadd_epi32(h[6], h[7]));
    return _mm256_add_epi32(_mm256_permute2x128_si256(a, b, 0x20), _mm256_permute2x128_si256(a, b, 0x31));
}

#endif
