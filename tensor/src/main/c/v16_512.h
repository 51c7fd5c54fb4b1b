/* The sixteen virtual lanes of a float reduction as one 512-bit register; v16_256.h says what each function does. */
typedef __m512 v16;

ALWAYS_INLINE v16 v16_zero(void) { return _mm512_setzero_ps(); }
ALWAYS_INLINE v16 v16_set(float f) { return _mm512_set1_ps(f); }
ALWAYS_INLINE v16 v16_load(const float *p) { return _mm512_loadu_ps(p); }
ALWAYS_INLINE void v16_store(float *p, v16 a) { _mm512_storeu_ps(p, a); }
ALWAYS_INLINE v16 v16_add(v16 a, v16 b) { return _mm512_add_ps(a, b); }
ALWAYS_INLINE v16 v16_sub(v16 a, v16 b) { return _mm512_sub_ps(a, b); }
ALWAYS_INLINE v16 v16_mul(v16 a, v16 b) { return _mm512_mul_ps(a, b); }
ALWAYS_INLINE v16 v16_div(v16 a, v16 b) { return _mm512_div_ps(a, b); }
ALWAYS_INLINE v16 v16_fma(v16 a, v16 b, v16 c) { return _mm512_fmadd_ps(a, b, c); }
ALWAYS_INLINE v16 v16_fnma(v16 a, v16 b, v16 c) { return _mm512_fnmadd_ps(a, b, c); }
ALWAYS_INLINE v16 v16_max(v16 a, v16 b) { return _mm512_max_ps(a, b); }
ALWAYS_INLINE v16 v16_min(v16 a, v16 b) { return _mm512_min_ps(a, b); }
ALWAYS_INLINE v16 v16_abs(v16 a) { return _mm512_abs_ps(a); }

ALWAYS_INLINE __mmask16 first(int64_t n) { return (__mmask16)((1u << n) - 1); }
ALWAYS_INLINE v16 v16_load_some(const float *p, int64_t n) { return _mm512_maskz_loadu_ps(first(n), p); }
ALWAYS_INLINE void v16_store_some(float *p, v16 a, int64_t n) { _mm512_mask_storeu_ps(p, first(n), a); }
ALWAYS_INLINE v16 v16_keep(v16 changed, v16 old, int64_t n) { return _mm512_mask_mov_ps(old, first(n), changed); }

ALWAYS_INLINE v16 v16_halves(const void *p) { return _mm512_cvtph_ps(_mm256_loadu_si256(p)); }
ALWAYS_INLINE v16 v16_bf16(const void *p) {
    return _mm512_castsi512_ps(_mm512_slli_epi32(_mm512_cvtepu16_epi32(_mm256_loadu_si256(p)), 16));
}
ALWAYS_INLINE v16 v16_bytes(const void *p) { return _mm512_cvtepi32_ps(_mm512_cvtepi8_epi32(_mm_loadu_si128(p))); }

ALWAYS_INLINE v16 v16_scale2(v16 p, v16 k) {
    __m512i n = _mm512_cvttps_epi32(k), half = _mm512_srai_epi32(n, 1), bias = _mm512_set1_epi32(127);
    __m512i a = _mm512_slli_epi32(_mm512_add_epi32(half, bias), 23);
    __m512i b = _mm512_slli_epi32(_mm512_add_epi32(_mm512_sub_epi32(n, half), bias), 23);
    return _mm512_mul_ps(_mm512_mul_ps(p, _mm512_castsi512_ps(a)), _mm512_castsi512_ps(b));
}

/* Rounded to integers, ties to even, and cut to int8: stored as bytes and as shorts; their sums are added to *sums. */
typedef __m512i i16s;
ALWAYS_INLINE i16s i16s_zero(void) { return _mm512_setzero_si512(); }
ALWAYS_INLINE i16s v16_codes(v16 a, int8_t *bytes, int16_t *shorts, i16s sums) {
    __m128i codes = _mm512_cvtsepi32_epi8(_mm512_cvtps_epi32(a));
    _mm_storeu_si128((__m128i *)bytes, codes);
    _mm256_storeu_si256((__m256i *)shorts, _mm256_cvtepi8_epi16(codes));
    return _mm512_add_epi32(sums, _mm512_cvtepi8_epi32(codes));
}
ALWAYS_INLINE int32_t i16s_sum(i16s a) { return _mm512_reduce_add_epi32(a); }

/* 32 words, and the sixteen 32-bit sums of their products two by two. */
typedef __m512i w32;
typedef __m512i s16;
ALWAYS_INLINE w32 w32_load(const int16_t *p) { return _mm512_loadu_si512(p); }
ALWAYS_INLINE s16 s16_zero(void) { return _mm512_setzero_si512(); }
ALWAYS_INLINE s16 s16_add(s16 a, s16 b) { return _mm512_add_epi32(a, b); }
/* In assembly, since Clang makes a multiplication and an addition of the intrinsic. */
ALWAYS_INLINE s16 s16_dot(s16 sums, w32 a, w32 b) {
    __asm__("vpdpwssd %2, %1, %0" : "+v"(sums) : "v"(a), "v"(b));
    return sums;
}
ALWAYS_INLINE v16 v16_ints(s16 a) { return _mm512_cvtepi32_ps(a); }

/* The fixed tree: lanes i and i+8, i and i+4, i and i+2, i and i+1. */
ALWAYS_INLINE __m256 v16_eight(v16 a) {
    return _mm256_add_ps(_mm512_castps512_ps256(a), _mm512_extractf32x8_ps(a, 1));
}

ALWAYS_INLINE float v16_largest(v16 a) { return _mm512_reduce_max_ps(a); }

#include "v16_x86.h"
