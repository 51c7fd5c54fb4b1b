/*
 * The screen of an output head (dev.trit.tensor.HeadScreen): 4-bit levels by int8, and the transform that rotates. A
 * variant that includes this file has defined
 *
 *   void levels8(const uint8_t *w, int64_t blocks, const int8_t *x, int32_t *sums)
 *       sums [8] of (level + LEVEL_BIAS) * x of one row group over whole blocks
 */
static void screen(const uint8_t *w, int64_t rows, int64_t cols, const float *scales, const struct activations *x,
                   int64_t from, int64_t to, float *y, int64_t y_stride) {
    int64_t blocks = (cols + BLOCK - 1) / BLOCK;
    int64_t group_bytes = blocks * LEVEL_BLOCK_BYTES;
    (void)rows;
    for (int64_t r = from; r < to; r += ROW_GROUP) {
        const uint8_t *at = w + r / ROW_GROUP * group_bytes;
        int64_t n = least(to - r, ROW_GROUP);
        for (int64_t t = 0; t < x->tokens; t++) { /* from the second on, the group comes from the cache */
            int32_t sums[ROW_GROUP];
            levels8(at, blocks, x->x + t * x->stride, sums);
            for (int64_t i = 0; i < n; i++) {
                y[t * y_stride + r + i] =
                    (float)(sums[i] - LEVEL_BIAS * x->sums[t]) * (scales[r + i] * x->scales[t]);
            }
        }
    }
}

/* The first four stages, inside sixteen values. */
ALWAYS_INLINE void hadamard16(float *x) {
#pragma GCC unroll 4
    for (int h = 1; h < 16; h *= 2) {
        float y[16];
#pragma GCC unroll 16
        for (int i = 0; i < 16; i++) {
            y[i] = i & h ? x[i ^ h] - x[i] : x[i] + x[i ^ h];
        }
        __builtin_memcpy(x, y, sizeof y);
    }
}

static void hadamard(float *x, int64_t n) {
    if (n < 16) {
        for (int64_t h = 1; h < n; h *= 2) {
            for (int64_t i = 0; i < n; i++) {
                if (!(i & h)) {
                    float a = x[i], b = x[i + h];
                    x[i] = a + b;
                    x[i + h] = a - b;
                }
            }
        }
        return;
    }
    for (int64_t i = 0; i < n; i += 16) {
        hadamard16(x + i);
    }
    int64_t h = 16;
    for (; 2 * h < n; h *= 4) { /* two stages in one pass */
        for (int64_t i = 0; i < n; i += 4 * h) {
            for (int64_t j = i; j < i + h; j += 16) {
                v16 a = v16_load(x + j), b = v16_load(x + j + h), c = v16_load(x + j + 2 * h), d = v16_load(x + j + 3 * h);
                v16 s = v16_add(a, b), t = v16_sub(a, b), u = v16_add(c, d), v = v16_sub(c, d);
                v16_store(x + j, v16_add(s, u));
                v16_store(x + j + h, v16_add(t, v));
                v16_store(x + j + 2 * h, v16_sub(s, u));
                v16_store(x + j + 3 * h, v16_sub(t, v));
            }
        }
    }
    if (h < n) {
        for (int64_t j = 0; j < h; j += 16) {
            v16 a = v16_load(x + j), b = v16_load(x + j + h);
            v16_store(x + j, v16_add(a, b));
            v16_store(x + j + h, v16_sub(a, b));
        }
    }
}
