/*
 * The product with Q6_K in whole numbers: activations as 16-bit codes with a scale for each block of 256
 * (dev.trit.tensor.Q16K), sums exact within a block. Codes of 64 columns lie as those of even columns, then those of odd
 * ones, so that a weight becomes a word by shifts alone. A variant that includes this file has defined
 *
 *   void q6k_words(const uint8_t *block, w32 *w)
 *       w [8] of weight * sub-block scale, -4064 ... 4096: even columns of the first 64, odd ones, even ones of the next
 *
 * A lane of a block's sums takes sixteen products of at most 4096 * 32767: that fits 32 bits.
 */

#define SUPER 256
#define SUPER_BYTES 210

/* As dev.trit.tensor.Q16K.quantize, codes in the order of this file. */
static void to_q16k(const float *x, int64_t n, int16_t *codes, float *scales) {
    const v16 round = v16_set(12582912.0f); /* 1.5 * 2^23: what is added to it ends up in the low bits, rounded */
    for (int64_t c = 0; c < n; c += SUPER, x += SUPER) {
        v16 most = v16_set(1e-30f), check = v16_zero();
        for (int i = 0; i < SUPER; i += 16) {
            v16 v = v16_load(x + i);
            most = v16_max(v16_abs(v), most);
            check = v16_fma(v, v16_zero(), check); /* NaN where v is not finite */
        }
        float nothing = v16_tree(check);
        if (nothing != 0) {
            __builtin_memset(codes + c, 0, SUPER * sizeof *codes);
            scales[c / SUPER] = __builtin_nanf("");
            continue;
        }
        float max = v16_largest(most);
        v16 s = v16_set(32767.0f / max);
        for (int i = 0; i < SUPER; i += 64) {
            uint32_t bits[64];
            for (int j = 0; j < 64; j += 16) {
                v16_store((float *)bits + j, v16_add(v16_mul(v16_load(x + i + j), s), round));
            }
            for (int j = 0; j < 32; j++) {
                codes[c + i + j] = (int16_t)bits[2 * j];
                codes[c + i + 32 + j] = (int16_t)bits[2 * j + 1];
            }
        }
        scales[c / SUPER] = max / 32767.0f;
    }
}

/* Bytes ahead of the row in work that are asked for. */
#define HEAD_AHEAD 8192

/* One row by one token. */
ALWAYS_INLINE float q6k_dot(const uint8_t *p, int64_t cols, const int16_t *x, const float *scales) {
    v16 acc = v16_zero();
    for (int64_t c = 0; c < cols; c += SUPER, p += SUPER_BYTES, x += SUPER) {
        w32 w[8];
        s16 even = s16_zero(), odd = s16_zero();
        ask(p + HEAD_AHEAD, SUPER_BYTES);
        q6k_words(p, w);
#pragma GCC unroll 4
        for (int i = 0; i < 4; i++) {
            even = s16_dot(even, w[2 * i], w32_load(x + 64 * i));
            odd = s16_dot(odd, w[2 * i + 1], w32_load(x + 64 * i + 32));
        }
        acc = v16_fma(v16_ints(s16_add(even, odd)), v16_set(half_at(p + 208) * scales[c / SUPER]), acc);
    }
    return v16_tree(acc);
}

/* Some rows by some tokens. words: [rows, cols]; d: [rows, cols / SUPER] */
ALWAYS_INLINE void q6k_tile(const int16_t *words, const float *d, int64_t cols, const int rows, const int16_t *x,
                            const float *scales, const int tokens, float *y, int64_t y_stride) {
    const int64_t blocks = cols / SUPER;
    v16 acc[WORD_ROWS * WORD_TOKENS];
#pragma GCC unroll 16
    for (int i = 0; i < rows * tokens; i++) {
        acc[i] = v16_zero();
    }
    for (int64_t b = 0; b < blocks; b++, words += SUPER, x += SUPER) {
        s16 sums[WORD_ROWS * WORD_TOKENS];
#pragma GCC unroll 16
        for (int i = 0; i < rows * tokens; i++) {
            sums[i] = s16_zero();
        }
        for (int i = 0; i < SUPER; i += 32) {
            w32 w[WORD_ROWS];
#pragma GCC unroll 4
            for (int r = 0; r < rows; r++) {
                w[r] = w32_load(words + r * cols + i);
            }
#pragma GCC unroll 4
            for (int t = 0; t < tokens; t++) {
                w32 v = w32_load(x + t * cols + i);
#pragma GCC unroll 4
                for (int r = 0; r < rows; r++) {
                    sums[t * rows + r] = s16_dot(sums[t * rows + r], w[r], v);
                }
            }
        }
#pragma GCC unroll 4
        for (int t = 0; t < tokens; t++) {
#pragma GCC unroll 4
            for (int r = 0; r < rows; r++) {
                v16 factor = v16_set(d[r * blocks + b] * scales[t * blocks + b]);
                acc[t * rows + r] = v16_fma(v16_ints(sums[t * rows + r]), factor, acc[t * rows + r]);
            }
        }
    }
#pragma GCC unroll 4
    for (int t = 0; t < tokens; t++) {
#pragma GCC unroll 4
        for (int r = 0; r < rows; r++) {
            y[t * y_stride + r] = v16_tree(acc[t * rows + r]);
        }
    }
}

/* One or WORD_ROWS rows of a panel by all tokens. */
ALWAYS_INLINE void q6k_rows(const int16_t *words, const float *d, int64_t cols, const int rows, const int16_t *x,
                            const float *scales, int64_t tokens, float *y, int64_t y_stride) {
    const int64_t blocks = cols / SUPER;
    int64_t t = 0;
    for (; t + WORD_TOKENS <= tokens; t += WORD_TOKENS) {
        q6k_tile(words, d, cols, rows, x + t * cols, scales + t * blocks, WORD_TOKENS, y + t * y_stride, y_stride);
    }
    for (; t < tokens; t++) {
        q6k_tile(words, d, cols, rows, x + t * cols, scales + t * blocks, 1, y + t * y_stride, y_stride);
    }
}

/* scratch, 64-byte aligned: codes [tokens, cols], words [DENSE_ROWS, cols], scales [tokens, blocks], d [DENSE_ROWS, blocks] */
static void q6k_product(const uint8_t *w, int64_t row_bytes, int64_t cols, const float *x, int64_t x_stride,
                        int64_t tokens, int64_t from, int64_t to, float *y, int64_t y_stride, void *scratch) {
    const int64_t blocks = cols / SUPER;
    int16_t *codes = scratch, *words = codes + tokens * cols;
    float *scales = (float *)(words + DENSE_ROWS * cols), *d = scales + tokens * blocks;
    for (int64_t t = 0; t < tokens; t++) {
        to_q16k(x + t * x_stride, cols, codes + t * cols, scales + t * blocks);
    }
    if (tokens == 1) {
        for (int64_t r = from; r < to; r++) {
            y[r] = q6k_dot(w + r * row_bytes, cols, codes, scales);
        }
        return;
    }
    for (int64_t first = from; first < to; first += DENSE_ROWS) {
        int64_t rows = least(to - first, DENSE_ROWS);
        for (int64_t r = 0; r < rows; r++) {
            const uint8_t *p = w + (first + r) * row_bytes;
            for (int64_t b = 0; b < blocks; b++, p += SUPER_BYTES) {
                w32 block[8];
                q6k_words(p, block);
#pragma GCC unroll 8
                for (int i = 0; i < 8; i++) {
                    w32_store(words + r * cols + b * SUPER + 32 * i, block[i]);
                }
                d[r * blocks + b] = half_at(p + 208);
            }
        }
        int64_t r = 0;
        for (; r + WORD_ROWS <= rows; r += WORD_ROWS) {
            q6k_rows(words + r * cols, d + r * blocks, cols, WORD_ROWS, codes, scales, tokens, y + first + r, y_stride);
        }
        for (; r < rows; r++) {
            q6k_rows(words + r * cols, d + r * blocks, cols, 1, codes, scales, tokens, y + first + r, y_stride);
        }
    }
}
