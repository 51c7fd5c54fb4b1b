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

/* Tokens that meet a row for one unpacking. */
#define Q6K_TOKENS 16

/* As dev.trit.tensor.Q16K.quantize, codes in the order of this file; blocks of one token lie `stride` blocks apart. */
static void to_q16k(const float *x, int64_t n, int64_t stride, int16_t *codes, float *scales) {
    const v16 round = v16_set(12582912.0f); /* 1.5 * 2^23: what is added to it ends up in the low bits, rounded */
    for (; n > 0; n -= SUPER, x += SUPER, codes += SUPER * stride, scales += stride) {
        v16 most = v16_set(1e-30f), check = v16_zero();
        for (int i = 0; i < SUPER; i += 16) {
            v16 v = v16_load(x + i);
            most = v16_max(v16_abs(v), most);
            check = v16_fma(v, v16_zero(), check); /* NaN where v is not finite */
        }
        float nothing = v16_tree(check);
        if (nothing != 0) {
            __builtin_memset(codes, 0, SUPER * sizeof *codes);
            *scales = __builtin_nanf("");
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
                codes[i + j] = (int16_t)bits[2 * j];
                codes[i + 32 + j] = (int16_t)bits[2 * j + 1];
            }
        }
        *scales = max / 32767.0f;
    }
}

/* Bytes ahead of the row in work that are asked for. */
#define HEAD_AHEAD 8192

/* The sums of a block by a token's codes, as floats. */
ALWAYS_INLINE v16 q6k_sums(const w32 w[8], const int16_t *codes) {
    s16 even = s16_zero(), odd = s16_zero();
#pragma GCC unroll 4
    for (int i = 0; i < 4; i++) {
        even = s16_dot(even, w[2 * i], w32_load(codes + 64 * i));
        odd = s16_dot(odd, w[2 * i + 1], w32_load(codes + 64 * i + 32));
    }
    return v16_ints(s16_add(even, odd));
}

/* One row by one token. */
ALWAYS_INLINE float q6k_dot(const uint8_t *p, int64_t cols, const int16_t *codes, const float *scales) {
    v16 acc = v16_zero();
    for (int64_t c = 0; c < cols; c += SUPER, p += SUPER_BYTES, codes += SUPER, scales++) {
        w32 w[8];
        ask(p + HEAD_AHEAD, SUPER_BYTES);
        q6k_words(p, w);
        acc = v16_fma(q6k_sums(w, codes), v16_set(half_at(p + 208) * *scales), acc);
    }
    return v16_tree(acc);
}

/*
 * Up to DENSE_ROWS rows by up to Q6K_TOKENS tokens, block by block: a block's codes stay in the first-level cache for all
 * rows. Meanwhile the next rows are asked for, one address after the other. acc: [DENSE_ROWS, Q6K_TOKENS, 16]
 */
static void q6k_panel(const uint8_t *w, int64_t row_bytes, int64_t cols, int64_t rows, const int16_t *codes,
                      const float *scales, int64_t tokens, float *acc, float *y, int64_t y_stride) {
    const uint8_t *next = w + rows * row_bytes;
    for (int64_t i = 0; i < rows * Q6K_TOKENS; i++) {
        v16_store(acc + 16 * i, v16_zero());
    }
    for (int64_t b = 0; b < cols / SUPER; b++, codes += tokens * SUPER, scales += tokens) {
        for (int64_t r = 0; r < rows; r++, next += SUPER_BYTES) {
            const uint8_t *p = w + r * row_bytes + b * SUPER_BYTES;
            float *sums = acc + 16 * Q6K_TOKENS * r;
            w32 words[8];
            ask(next, SUPER_BYTES);
            q6k_words(p, words);
            float d = half_at(p + 208);
            for (int64_t t = 0; t < tokens; t++) {
                v16 factor = v16_set(d * scales[t]);
                v16_store(sums + 16 * t, v16_fma(q6k_sums(words, codes + t * SUPER), factor, v16_load(sums + 16 * t)));
            }
        }
    }
    for (int64_t t = 0; t < tokens; t++) {
        for (int64_t r = 0; r < rows; r++) {
            y[t * y_stride + r] = v16_tree(v16_load(acc + 16 * (Q6K_TOKENS * r + t)));
        }
    }
}

/*
 * scratch, 64-byte aligned: acc [DENSE_ROWS, Q6K_TOKENS, 16], then of as many tokens codes [blocks, tokens, SUPER] and
 * scales [blocks, tokens]
 */
static void q6k_product(const uint8_t *w, int64_t row_bytes, int64_t cols, const float *x, int64_t x_stride,
                        int64_t tokens, int64_t from, int64_t to, float *y, int64_t y_stride, float *scratch) {
    int16_t *codes = (int16_t *)(scratch + DENSE_ROWS * Q6K_TOKENS * 16);
    for (int64_t first = 0; first < tokens; first += Q6K_TOKENS) {
        int64_t n = least(tokens - first, Q6K_TOKENS);
        float *scales = (float *)(codes + n * cols);
        for (int64_t t = 0; t < n; t++) {
            to_q16k(x + (first + t) * x_stride, cols, n, codes + t * SUPER, scales + t);
        }
        float *out = y + first * y_stride;
        for (int64_t r = from; n == 1 && r < to; r++) {
            out[r] = q6k_dot(w + r * row_bytes, cols, codes, scales);
        }
        for (int64_t r = from; n > 1 && r < to; r += DENSE_ROWS) {
            q6k_panel(w + r * row_bytes, row_bytes, cols, least(to - r, DENSE_ROWS), codes, scales, n, scratch, out + r,
                      y_stride);
        }
    }
}
