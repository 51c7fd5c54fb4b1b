/* What both forms of v16 share: the end of a reduction, and exp. */

/* The fixed tree: lanes i and i+8 (v16_eight), i and i+4, i and i+2, i and i+1. */
ALWAYS_INLINE float v16_tree(v16 x) {
    __m256 e = v16_eight(x);
    __m128 s = _mm_add_ps(_mm256_castps256_ps128(e), _mm256_extractf128_ps(e, 1));
    s = _mm_add_ps(s, _mm_movehl_ps(s, s));
    return _mm_cvtss_f32(_mm_add_ss(s, _mm_shuffle_ps(s, s, 1)));
}

/* The same of four at once. */
ALWAYS_INLINE __m128 v16_tree4(v16 p, v16 q, v16 r, v16 s) {
    __m256 a = v16_eight(p), b = v16_eight(q), c = v16_eight(r), d = v16_eight(s);
    __m128 w = _mm_add_ps(_mm256_castps256_ps128(a), _mm256_extractf128_ps(a, 1));
    __m128 x = _mm_add_ps(_mm256_castps256_ps128(b), _mm256_extractf128_ps(b, 1));
    __m128 y = _mm_add_ps(_mm256_castps256_ps128(c), _mm256_extractf128_ps(c, 1));
    __m128 z = _mm_add_ps(_mm256_castps256_ps128(d), _mm256_extractf128_ps(d, 1));
    __m128 wx = _mm_add_ps(_mm_movelh_ps(w, x), _mm_movehl_ps(x, w)); /* w0+w2 w1+w3 x0+x2 x1+x3 */
    __m128 yz = _mm_add_ps(_mm_movelh_ps(y, z), _mm_movehl_ps(z, y));
    return _mm_add_ps(_mm_shuffle_ps(wx, yz, 0x88), _mm_shuffle_ps(wx, yz, 0xdd));
}

/* dev.trit.tensor.ScalarMath.exp, lane by lane. */
ALWAYS_INLINE v16 v16_exp(v16 x) {
    const v16 round = v16_set(12582912.0f); /* 1.5 * 2^23 */
    v16 c = v16_max(v16_set(-104.0f), v16_min(v16_set(88.8f), x));
    v16 n = v16_sub(v16_fma(c, v16_set(1.44269504f), round), round);
    v16 r = v16_fnma(n, v16_set(0.693359375f), c);
    r = v16_fnma(n, v16_set(-2.12194440e-4f), r);
    v16 p = v16_fma(v16_set(1.0f / 5040), r, v16_set(1.0f / 720));
    p = v16_fma(p, r, v16_set(1.0f / 120));
    p = v16_fma(p, r, v16_set(1.0f / 24));
    p = v16_fma(p, r, v16_set(1.0f / 6));
    p = v16_fma(p, r, v16_set(0.5f));
    p = v16_fma(p, r, v16_set(1.0f));
    p = v16_fma(p, r, v16_set(1.0f));
    return v16_scale2(p, n);
}
