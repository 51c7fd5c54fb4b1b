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

/* 32 bytes, and shifts of 16-bit lanes: what crosses into a neighbour is masked away. */
typedef __m256i b32;
ALWAYS_INLINE b32 b32_load(const void *p) { return _mm256_loadu_si256(p); }
ALWAYS_INLINE void b32_store(void *p, b32 x) { _mm256_storeu_si256(p, x); }
ALWAYS_INLINE b32 b32_set(int8_t x) { return _mm256_set1_epi8(x); }
ALWAYS_INLINE b32 b32_and(b32 x, b32 y) { return _mm256_and_si256(x, y); }
ALWAYS_INLINE b32 b32_or(b32 x, b32 y) { return _mm256_or_si256(x, y); }
ALWAYS_INLINE b32 b32_sub(b32 x, b32 y) { return _mm256_sub_epi8(x, y); }
ALWAYS_INLINE b32 b32_right(b32 x, const int n) { return _mm256_srli_epi16(x, n); }
ALWAYS_INLINE b32 b32_left(b32 x, const int n) { return _mm256_slli_epi16(x, n); }

ALWAYS_INLINE float half_at(const uint8_t *p) {
    uint16_t h;
    __builtin_memcpy(&h, p, 2);
    return _mm_cvtss_f32(_mm_cvtph_ps(_mm_cvtsi32_si128(h)));
}

/* 32 nibbles: low ones first. */
ALWAYS_INLINE void nibbles(const uint8_t *p, int8_t *q) {
    __m128i b = _mm_loadu_si128((const __m128i *)p), mask = _mm_set1_epi8(15);
    _mm_storeu_si128((__m128i *)q, _mm_and_si128(b, mask));
    _mm_storeu_si128((__m128i *)(q + 16), _mm_and_si128(_mm_srli_epi16(b, 4), mask));
}

/* Sixteen where bit j of bits is set, for bytes j = 0 ... 31. */
ALWAYS_INLINE __m256i fifth_bits(const uint8_t *p) {
    int32_t bits;
    __builtin_memcpy(&bits, p, 4);
    const __m256i which = _mm256_setr_epi64x(0, 0x0101010101010101, 0x0202020202020202, 0x0303030303030303);
    const __m256i bit = _mm256_set1_epi64x((int64_t)0x8040201008040201);
    __m256i spread = _mm256_shuffle_epi8(_mm256_set1_epi32(bits), which);
    return _mm256_and_si256(_mm256_cmpeq_epi8(_mm256_and_si256(spread, bit), bit), _mm256_set1_epi8(16));
}

/* Asks for a line in the second-level cache. */
#define PREFETCH_FAR(p) _mm_prefetch((const char *)(p), _MM_HINT_T1)

#endif
