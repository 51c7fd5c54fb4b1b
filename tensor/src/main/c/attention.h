/*
 * Scores and mixes of attention over keys and values of every kv_type. A variant that includes this file has defined
 * SCORES_QUERIES (4 or 1), MIX_QUERIES and MIX_WIDTH: what fits its registers. Elements become floats exactly; the scale
 * of a row of KV_Q8 multiplies what a whole row gives, or the row's weight.
 */

ALWAYS_INLINE int64_t kv_bytes(const int type) { return type == KV_F32 ? 4 : type == KV_F16 ? 2 : 1; }

/* Sixteen elements from number i on. */
ALWAYS_INLINE v16 kv_load(const int type, const void *p, int64_t i) {
    const uint8_t *at = (const uint8_t *)p + i * kv_bytes(type);
    return type == KV_F32 ? v16_load((const float *)at) : type == KV_F16 ? v16_halves(at) : v16_bytes(at);
}

/* n < 16 elements, zeros behind them. */
ALWAYS_INLINE v16 kv_some(const int type, const void *p, int64_t i, int64_t n) {
    if (type == KV_F32) {
        return v16_load_some((const float *)p + i, n);
    }
    uint8_t copy[32] = {0};
    for (int64_t b = 0; b < n * kv_bytes(type); b++) {
        copy[b] = ((const uint8_t *)p)[i * kv_bytes(type) + b];
    }
    return kv_load(type, copy, 0);
}

/* Asks for bytes that the next call will read: pages of a cache lie anywhere, and no prefetcher finds the next one. */
ALWAYS_INLINE void kv_ask(const int type, const void *next, int64_t from, int64_t n) {
    const uint8_t *p = (const uint8_t *)next + from * kv_bytes(type);
    for (int64_t i = 0; i < n * kv_bytes(type); i += 64) {
        PREFETCH_FAR(p + i);
    }
}

/* Sums of lanes of queries x 4 keys from number j on. */
ALWAYS_INLINE void products(const int type, const float *q, const int queries, const void *keys, int64_t n, int64_t j,
                            const int count, v16 *acc) {
    int64_t whole = n & -16;
#pragma GCC unroll 16
    for (int i = 0; i < 4 * queries; i++) {
        acc[i] = v16_zero();
    }
    for (int64_t c = 0; c < whole; c += 16) {
#pragma GCC unroll 4
        for (int p = 0; p < count; p++) {
            v16 k = kv_load(type, keys, (j + p) * n + c);
#pragma GCC unroll 4
            for (int h = 0; h < queries; h++) {
                acc[4 * h + p] = v16_fma(v16_load(q + h * n + c), k, acc[4 * h + p]);
            }
        }
    }
    if (whole < n) {
        int64_t left = n - whole;
        for (int p = 0; p < count; p++) {
            v16 k = kv_some(type, keys, (j + p) * n + whole, left);
            for (int h = 0; h < queries; h++) {
                v16 old = acc[4 * h + p];
                acc[4 * h + p] = v16_keep(v16_fma(v16_load_some(q + h * n + whole, left), k, old), old, left);
            }
        }
    }
}

/* out[q][j] = dot(q, key j) * (scale of key j * scale) for queries that share the keys. */
ALWAYS_INLINE void scores_of(const int type, const float *q, const int queries, const void *keys, const float *scales,
                             int64_t n, int64_t positions, float scale, float *out, int64_t out_stride,
                             const void *next) {
    v16 acc[4 * 4];
    int64_t j = 0;
    for (; j + 4 <= positions; j += 4) {
        if (next) {
            kv_ask(type, next, j * n, 4 * n);
        }
        products(type, q, queries, keys, n, j, 4, acc);
#pragma GCC unroll 4
        for (int h = 0; h < queries; h++) {
            float *to = out + h * out_stride + j;
            if (type == KV_Q8) {
                v16_tree4(acc[4 * h], acc[4 * h + 1], acc[4 * h + 2], acc[4 * h + 3], 1.0f, to);
#pragma GCC unroll 4
                for (int p = 0; p < 4; p++) {
                    to[p] = to[p] * (scales[j + p] * scale);
                }
            } else {
                v16_tree4(acc[4 * h], acc[4 * h + 1], acc[4 * h + 2], acc[4 * h + 3], scale, to);
            }
        }
    }
    for (; j < positions; j++) {
        for (int h = 0; h < queries; h++) {
            products(type, q + h * n, 1, keys, n, j, 1, acc);
            out[h * out_stride + j] = v16_tree(acc[0]) * (type == KV_Q8 ? scales[j] * scale : scale);
        }
    }
}

ALWAYS_INLINE void scores_all(const int type, const float *q, int64_t queries, const void *keys, const float *scales,
                              int64_t n, int64_t positions, float scale, float *out, int64_t out_stride,
                              const void *next) {
    int64_t h = 0;
#if SCORES_QUERIES == 4
    for (; h + 4 <= queries; h += 4, next = 0) {
        scores_of(type, q + h * n, 4, keys, scales, n, positions, scale, out + h * out_stride, out_stride, next);
    }
    for (; h + 2 <= queries; h += 2, next = 0) {
        scores_of(type, q + h * n, 2, keys, scales, n, positions, scale, out + h * out_stride, out_stride, next);
    }
#endif
    for (; h < queries; h++, next = 0) {
        scores_of(type, q + h * n, 1, keys, scales, n, positions, scale, out + h * out_stride, out_stride, next);
    }
}

static void scores(const float *q, int64_t queries, int32_t type, const void *keys, const float *scales, int64_t n,
                   int64_t positions, float scale, float *out, int64_t out_stride, const void *next) {
    switch (type) {
    case KV_F32: scores_all(KV_F32, q, queries, keys, scales, n, positions, scale, out, out_stride, next); break;
    case KV_F16: scores_all(KV_F16, q, queries, keys, scales, n, positions, scale, out, out_stride, next); break;
    default: scores_all(KV_Q8, q, queries, keys, scales, n, positions, scale, out, out_stride, next); break;
    }
}

/* 16 * width columns from c on of out[q] += sum over j, ascending, of (weights[q][j] * scale of value j) * value j. */
ALWAYS_INLINE void mix_of(const int type, const float *weights, int64_t w_stride, const int queries, const void *values,
                          const float *scales, int64_t n, int64_t c, int64_t positions, float *out, const int width,
                          const void *next) {
    v16 acc[16];
#pragma GCC unroll 4
    for (int h = 0; h < queries; h++) {
#pragma GCC unroll 4
        for (int i = 0; i < width; i++) {
            acc[h * width + i] = v16_load(out + h * n + c + 16 * i);
        }
    }
    for (int64_t j = 0; j < positions; j++) {
        if (next) {
            kv_ask(type, next, j * n + c, 16 * width);
        }
        v16 value[4];
#pragma GCC unroll 4
        for (int i = 0; i < width; i++) {
            value[i] = kv_load(type, values, j * n + c + 16 * i);
        }
#pragma GCC unroll 4
        for (int h = 0; h < queries; h++) {
            float weight = weights[h * w_stride + j];
            v16 w = v16_set(type == KV_Q8 ? weight * scales[j] : weight);
#pragma GCC unroll 4
            for (int i = 0; i < width; i++) {
                acc[h * width + i] = v16_fma(w, value[i], acc[h * width + i]);
            }
        }
    }
#pragma GCC unroll 4
    for (int h = 0; h < queries; h++) {
#pragma GCC unroll 4
        for (int i = 0; i < width; i++) {
            v16_store(out + h * n + c + 16 * i, acc[h * width + i]);
        }
    }
}

ALWAYS_INLINE void mix_some(const int type, const float *weights, int64_t w_stride, const int queries, const void *values,
                            const float *scales, int64_t n, int64_t positions, float *out, const int width,
                            const void *next) {
    int64_t c = 0;
    for (; c + 16 * width <= n; c += 16 * width) {
        mix_of(type, weights, w_stride, queries, values, scales, n, c, positions, out, width, next);
    }
    for (; c + 16 <= n; c += 16) {
        mix_of(type, weights, w_stride, queries, values, scales, n, c, positions, out, 1, next);
    }
    for (int64_t h = 0; c < n && h < queries; h++) {
        v16 acc = v16_load_some(out + h * n + c, n - c);
        for (int64_t j = 0; j < positions; j++) {
            float weight = weights[h * w_stride + j];
            v16 w = v16_set(type == KV_Q8 ? weight * scales[j] : weight);
            acc = v16_fma(w, kv_some(type, values, j * n + c, n - c), acc);
        }
        v16_store_some(out + h * n + c, acc, n - c);
    }
}

ALWAYS_INLINE void mix_all(const int type, const float *weights, int64_t w_stride, int64_t queries, const void *values,
                           const float *scales, int64_t n, int64_t positions, float *out, const void *next) {
    int64_t h = 0;
    for (; h + MIX_QUERIES <= queries; h += MIX_QUERIES, next = 0) {
        mix_some(type, weights + h * w_stride, w_stride, MIX_QUERIES, values, scales, n, positions, out + h * n,
                 MIX_WIDTH, next);
    }
#if MIX_QUERIES == 4
    for (; h + 2 <= queries; h += 2, next = 0) {
        mix_some(type, weights + h * w_stride, w_stride, 2, values, scales, n, positions, out + h * n, 4, next);
    }
#endif
    for (; h < queries; h++, next = 0) {
        mix_some(type, weights + h * w_stride, w_stride, 1, values, scales, n, positions, out + h * n, 4, next);
    }
}

static void mix(const float *weights, int64_t w_stride, int64_t queries, int32_t type, const void *values,
                const float *scales, int64_t n, int64_t positions, float *out, const void *next) {
    switch (type) {
    case KV_F32: mix_all(KV_F32, weights, w_stride, queries, values, scales, n, positions, out, next); break;
    case KV_F16: mix_all(KV_F16, weights, w_stride, queries, values, scales, n, positions, out, next); break;
    default: mix_all(KV_Q8, weights, w_stride, queries, values, scales, n, positions, out, next); break;
    }
}
