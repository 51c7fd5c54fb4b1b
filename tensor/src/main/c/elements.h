/*
 * Verbs over vectors: what dev.trit.tensor.ScalarKernels does, sixteen lanes at a time.
 */

/* Runs STEP for whole vectors at i, then for the n - i lanes that are left with LOAD and STORE masked. */
#define EACH_VECTOR(n, STEP)                       \
    do {                                           \
        int64_t i = 0;                             \
        for (; i + 16 <= (n); i += 16) {           \
            STEP(v16_load, v16_store);             \
        }                                          \
        if (i < (n)) {                             \
            int64_t left = (n)-i;                  \
            STEP(load_left, store_left);           \
        }                                          \
    } while (0)
#define load_left(p) v16_load_some(p, left)
#define store_left(p, x) v16_store_some(p, x, left)

static void add(const float *x, float *y, int64_t n) {
#define STEP(LOAD, STORE) STORE(y + i, v16_add(LOAD(y + i), LOAD(x + i)))
    EACH_VECTOR(n, STEP);
#undef STEP
}

static void axpy(float alpha, const float *x, float *y, int64_t n) {
    v16 a = v16_set(alpha);
#define STEP(LOAD, STORE) STORE(y + i, v16_fma(a, LOAD(x + i), LOAD(y + i)))
    EACH_VECTOR(n, STEP);
#undef STEP
}

static float dot(const float *x, const float *y, int64_t n) {
    v16 acc = v16_zero();
    int64_t i = 0;
    for (; i + 16 <= n; i += 16) {
        acc = v16_fma(v16_load(x + i), v16_load(y + i), acc);
    }
    if (i < n) {
        acc = v16_keep(v16_fma(v16_load_some(x + i, n - i), v16_load_some(y + i, n - i), acc), acc, n - i);
    }
    return v16_tree(acc);
}

static void rms_norm(const float *x, const float *gain, float eps, float *y, int64_t n) {
    float s = dot(x, x, n);
    v16 r = v16_set((float)(1.0 / __builtin_sqrt((double)(s / (float)n + eps))));
#define STEP(LOAD, STORE) STORE(y + i, v16_mul(v16_mul(LOAD(x + i), r), LOAD(gain + i)))
    EACH_VECTOR(n, STEP);
#undef STEP
}

static void softmax(float *x, int64_t n) {
    float max = -__builtin_inff();
    v16 m = v16_set(max);
    int64_t whole = n & -16;
    for (int64_t i = 0; i < whole; i += 16) {
        m = v16_max(m, v16_load(x + i));
    }
    max = v16_largest(m);
    for (int64_t i = whole; i < n; i++) {
        max = x[i] > max ? x[i] : max;
    }
    m = v16_set(max);
    v16 sum = v16_zero();
    for (int64_t i = 0; i < whole; i += 16) {
        v16 e = v16_exp(v16_sub(v16_load(x + i), m));
        v16_store(x + i, e);
        sum = v16_add(sum, e);
    }
    if (whole < n) {
        v16 e = v16_exp(v16_sub(v16_load_some(x + whole, n - whole), m));
        v16_store_some(x + whole, e, n - whole);
        sum = v16_keep(v16_add(sum, e), sum, n - whole);
    }
    v16 s = v16_set(v16_tree(sum));
#define STEP(LOAD, STORE) STORE(x + i, v16_div(LOAD(x + i), s))
    EACH_VECTOR(n, STEP);
#undef STEP
}

static void rope(float *x, int64_t n, const float *cos, const float *sin) {
    int64_t h = n / 2;
#define STEP(LOAD, STORE)                                              \
    do {                                                               \
        v16 a = LOAD(x + i), b = LOAD(x + i + h);                      \
        v16 c = LOAD(cos + i), s = LOAD(sin + i);                      \
        STORE(x + i, v16_fnma(b, s, v16_mul(a, c)));                   \
        STORE(x + i + h, v16_fma(a, s, v16_mul(b, c)));                \
    } while (0)
    EACH_VECTOR(h, STEP);
#undef STEP
}

static void swiglu(const float *gate, const float *up, float *out, int64_t n) {
    const v16 one = v16_set(1.0f), sign = v16_set(-1.0f);
#define STEP(LOAD, STORE)                                                                   \
    do {                                                                                    \
        v16 g = LOAD(gate + i);                                                             \
        v16 e = v16_exp(v16_mul(g, sign));                                                  \
        STORE(out + i, v16_mul(v16_div(g, v16_add(one, e)), LOAD(up + i)));                 \
    } while (0)
    EACH_VECTOR(n, STEP);
#undef STEP
}

static void relu2glu(const float *gate, const float *up, float *out, int64_t n) {
#define STEP(LOAD, STORE)                                                                   \
    do {                                                                                    \
        v16 g = v16_max(v16_zero(), LOAD(gate + i));                                        \
        STORE(out + i, v16_mul(v16_mul(g, g), LOAD(up + i)));                               \
    } while (0)
    EACH_VECTOR(n, STEP);
#undef STEP
}

static void quantize(const float *x, int64_t n, int8_t *bytes, int16_t *shorts, int32_t *sum, float *scale) {
    v16 m = v16_set(1e-5f);
    int64_t whole = n & -16;
    for (int64_t i = 0; i < whole; i += 16) {
        m = v16_max(m, v16_abs(v16_load(x + i)));
    }
    if (whole < n) {
        m = v16_max(m, v16_abs(v16_load_some(x + whole, n - whole)));
    }
    float max = v16_largest(m);
    v16 s = v16_set(127.0f / max);
    i16s sums = i16s_zero();
    for (int64_t i = 0; i < whole; i += 16) {
        sums = v16_codes(v16_mul(v16_load(x + i), s), bytes + i, shorts + i, sums);
    }
    if (whole < n) { /* the rest of the vector is padding, which takes zeros */
        sums = v16_codes(v16_mul(v16_load_some(x + whole, n - whole), s), bytes + whole, shorts + whole, sums);
    }
    *sum = i16s_sum(sums);
    *scale = max / 127.0f;
}

#include "attention.h"
