/* The sixteen virtual lanes of a float reduction as two 256-bit registers. */
typedef struct {
    __m256 a, b; /* lanes 0-7, 8-15 */
} v16;

#define V16(x, y) ((v16){x, y})

ALWAYS_INLINE v16 v16_zero(void) { return V16(_mm256_setzero_ps(), _mm256_setzero_ps()); }
ALWAYS_INLINE v16 v16_set(float f) { return V16(_mm256_set1_ps(f), _mm256_set1_ps(f)); }
ALWAYS_INLINE v16 v16_load(const float *p) { return V16(_mm256_loadu_ps(p), _mm256_loadu_ps(p + 8)); }
ALWAYS_INLINE void v16_store(float *p, v16 x) {
    _mm256_storeu_ps(p, x.a);
    _mm256_storeu_ps(p + 8, x.b);
}
ALWAYS_INLINE v16 v16_add(v16 x, v16 y) { return V16(_mm256_add_ps(x.a, y.a), _mm256_add_ps(x.b, y.b)); }
ALWAYS_INLINE v16 v16_sub(v16 x, v16 y) { return V16(_mm256_sub_ps(x.a, y.a), _mm256_sub_ps(x.b, y.b)); }
ALWAYS_INLINE v16 v16_mul(v16 x, v16 y) { return V16(_mm256_mul_ps(x.a, y.a), _mm256_mul_ps(x.b, y.b)); }
ALWAYS_INLINE v16 v16_div(v16 x, v16 y) { return V16(_mm256_div_ps(x.a, y.a), _mm256_div_ps(x.b, y.b)); }
/* x * y + z and z - x * y, rounded once. */
ALWAYS_INLINE v16 v16_fma(v16 x, v16 y, v16 z) {
    return V16(_mm256_fmadd_ps(x.a, y.a, z.a), _mm256_fmadd_ps(x.b, y.b, z.b));
}
ALWAYS_INLINE v16 v16_fnma(v16 x, v16 y, v16 z) {
    return V16(_mm256_fnmadd_ps(x.a, y.a, z.a), _mm256_fnmadd_ps(x.b, y.b, z.b));
}
/* The second operand where one is NaN or both are zero. */
ALWAYS_INLINE v16 v16_max(v16 x, v16 y) { return V16(_mm256_max_ps(x.a, y.a), _mm256_max_ps(x.b, y.b)); }
ALWAYS_INLINE v16 v16_min(v16 x, v16 y) { return V16(_mm256_min_ps(x.a, y.a), _mm256_min_ps(x.b, y.b)); }
ALWAYS_INLINE v16 v16_abs(v16 x) {
    const __m256 sign = _mm256_set1_ps(-0.0f);
    return V16(_mm256_andnot_ps(sign, x.a), _mm256_andnot_ps(sign, x.b));
}

/* Only the first n < 16 lanes: others are not touched in memory, zero in a register, or kept as they were. */
ALWAYS_INLINE __m256i first(int64_t n) {
    return _mm256_cmpgt_epi32(_mm256_set1_epi32((int32_t)n), _mm256_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7));
}
ALWAYS_INLINE v16 v16_load_some(const float *p, int64_t n) {
    return V16(_mm256_maskload_ps(p, first(n)), _mm256_maskload_ps(p + 8, first(n - 8)));
}
ALWAYS_INLINE void v16_store_some(float *p, v16 x, int64_t n) {
    _mm256_maskstore_ps(p, first(n), x.a);
    _mm256_maskstore_ps(p + 8, first(n - 8), x.b);
}
ALWAYS_INLINE v16 v16_keep(v16 changed, v16 old, int64_t n) {
    return V16(_mm256_blendv_ps(old.a, changed.a, _mm256_castsi256_ps(first(n))),
               _mm256_blendv_ps(old.b, changed.b, _mm256_castsi256_ps(first(n - 8))));
}

/* Sixteen values of other types. */
ALWAYS_INLINE v16 v16_halves(const void *p) {
    const __m128i *h = p;
    return V16(_mm256_cvtph_ps(_mm_loadu_si128(h)), _mm256_cvtph_ps(_mm_loadu_si128(h + 1)));
}
ALWAYS_INLINE __m256 eight_bf16(const __m128i *p) {
    return _mm256_castsi256_ps(_mm256_slli_epi32(_mm256_cvtepu16_epi32(_mm_loadu_si128(p)), 16));
}
ALWAYS_INLINE v16 v16_bf16(const void *p) { return V16(eight_bf16(p), eight_bf16((const __m128i *)p + 1)); }
ALWAYS_INLINE v16 v16_bytes(const void *p) {
    const int8_t *q = p;
    return V16(_mm256_cvtepi32_ps(_mm256_cvtepi8_epi32(_mm_loadl_epi64((const __m128i *)q))),
               _mm256_cvtepi32_ps(_mm256_cvtepi8_epi32(_mm_loadl_epi64((const __m128i *)(q + 8)))));
}

/* p * 2^k for integers k in two factors: k reaches -150 and 128, one factor alone would leave the exponent's range. */
ALWAYS_INLINE __m256 eight_scale2(__m256 p, __m256 k) {
    __m256i n = _mm256_cvttps_epi32(k), half = _mm256_srai_epi32(n, 1), bias = _mm256_set1_epi32(127);
    __m256i a = _mm256_slli_epi32(_mm256_add_epi32(half, bias), 23);
    __m256i b = _mm256_slli_epi32(_mm256_add_epi32(_mm256_sub_epi32(n, half), bias), 23);
    return _mm256_mul_ps(_mm256_mul_ps(p, _mm256_castsi256_ps(a)), _mm256_castsi256_ps(b));
}
ALWAYS_INLINE v16 v16_scale2(v16 p, v16 k) { return V16(eight_scale2(p.a, k.a), eight_scale2(p.b, k.b)); }

/* Rounded to integers, ties to even, and cut to int8: stored as bytes and as shorts; added to the sums. */
typedef __m256i i16s;
ALWAYS_INLINE i16s i16s_zero(void) { return _mm256_setzero_si256(); }
ALWAYS_INLINE i16s v16_codes(v16 x, int8_t *bytes, int16_t *shorts, i16s sums) {
    __m256i packed = _mm256_packs_epi32(_mm256_cvtps_epi32(x.a), _mm256_cvtps_epi32(x.b));
    __m256i wide = _mm256_permute4x64_epi64(packed, 0xd8);
    __m128i codes = _mm_packs_epi16(_mm256_castsi256_si128(wide), _mm256_extracti128_si256(wide, 1));
    wide = _mm256_cvtepi8_epi16(codes);
    _mm_storeu_si128((__m128i *)bytes, codes);
    _mm256_storeu_si256((__m256i *)shorts, wide);
    return _mm256_add_epi32(sums, _mm256_madd_epi16(wide, _mm256_set1_epi16(1)));
}
ALWAYS_INLINE int32_t i16s_sum(i16s a) {
    __m128i s = _mm_add_epi32(_mm256_castsi256_si128(a), _mm256_extracti128_si256(a, 1));
    s = _mm_add_epi32(s, _mm_shuffle_epi32(s, 0x4e));
    return _mm_cvtsi128_si32(_mm_add_epi32(s, _mm_shuffle_epi32(s, 0xb1)));
}

/* 32 words, and the sixteen 32-bit sums of their products two by two. */
typedef struct {
    __m256i a, b; /* words 0-15, 16-31; lanes 0-7, 8-15 */
} w32;
typedef w32 s16;
#define W32(x, y) ((w32){x, y})
ALWAYS_INLINE w32 w32_load(const int16_t *p) {
    return W32(_mm256_loadu_si256((const __m256i *)p), _mm256_loadu_si256((const __m256i *)(p + 16)));
}
ALWAYS_INLINE s16 s16_zero(void) { return W32(_mm256_setzero_si256(), _mm256_setzero_si256()); }
ALWAYS_INLINE s16 s16_add(s16 x, s16 y) { return W32(_mm256_add_epi32(x.a, y.a), _mm256_add_epi32(x.b, y.b)); }
ALWAYS_INLINE s16 s16_dot(s16 sums, w32 x, w32 y) {
    return s16_add(sums, W32(_mm256_madd_epi16(x.a, y.a), _mm256_madd_epi16(x.b, y.b)));
}
ALWAYS_INLINE v16 v16_ints(s16 x) { return V16(_mm256_cvtepi32_ps(x.a), _mm256_cvtepi32_ps(x.b)); }

ALWAYS_INLINE __m256 v16_eight(v16 x) { return _mm256_add_ps(x.a, x.b); }

ALWAYS_INLINE float v16_largest(v16 x) {
    __m256 m = _mm256_max_ps(x.a, x.b);
    __m128 h = _mm_max_ps(_mm256_castps256_ps128(m), _mm256_extractf128_ps(m, 1));
    h = _mm_max_ps(h, _mm_movehl_ps(h, h));
    return _mm_cvtss_f32(_mm_max_ss(h, _mm_shuffle_ps(h, h, 1)));
}

#include "v16_x86.h"
