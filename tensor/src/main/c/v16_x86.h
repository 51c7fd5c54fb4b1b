/* What both x86 forms of v16 share: the end of a reduction. */

/* The fixed tree: lanes i and i+8 (v16_eight), i and i+4, i and i+2, i and i+1. */
ALWAYS_INLINE float v16_tree(v16 x) {
    __m256 e = v16_eight(x);
    __m128 s = _mm_add_ps(_mm256_castps256_ps128(e), _mm256_extractf128_ps(e, 1));
    s = _mm_add_ps(s, _mm_movehl_ps(s, s));
    return _mm_cvtss_f32(_mm_add_ss(s, _mm_shuffle_ps(s, s, 1)));
}

/* The same of four at once, times scale. */
ALWAYS_INLINE void v16_tree4(v16 p, v16 q, v16 r, v16 s, float scale, float *out) {
    __m256 a = v16_eight(p), b = v16_eight(q), c = v16_eight(r), d = v16_eight(s);
    __m128 w = _mm_add_ps(_mm256_castps256_ps128(a), _mm256_extractf128_ps(a, 1));
    __m128 x = _mm_add_ps(_mm256_castps256_ps128(b), _mm256_extractf128_ps(b, 1));
    __m128 y = _mm_add_ps(_mm256_castps256_ps128(c), _mm256_extractf128_ps(c, 1));
    __m128 z = _mm_add_ps(_mm256_castps256_ps128(d), _mm256_extractf128_ps(d, 1));
    __m128 wx = _mm_add_ps(_mm_movelh_ps(w, x), _mm_movehl_ps(x, w)); /* w0+w2 w1+w3 x0+x2 x1+x3 */
    __m128 yz = _mm_add_ps(_mm_movelh_ps(y, z), _mm_movehl_ps(z, y));
    __m128 four = _mm_add_ps(_mm_shuffle_ps(wx, yz, 0x88), _mm_shuffle_ps(wx, yz, 0xdd));
    _mm_storeu_ps(out, _mm_mul_ps(four, _mm_set1_ps(scale)));
}

#include "v16.h"
