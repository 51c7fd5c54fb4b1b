/* What all forms of v16 share. */

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
