/*
 * The ordinary product, weights as stored and activations in float, but for Q6_K (q6k.h). What the blocks of each type mean
 * is said by dev.trit.tensor.Dequantize. A variant that includes this file has defined TILE_ROWS and TILE_TOKENS.
 *
 * One token streams the stored bytes: a unit (one block, or 16 plain values) of four rows is turned into small integers
 * and factors, and its values meet the activations in the order of the columns. Many tokens meet rows that were turned
 * into floats once.
 */

/* Rows that meet one token side by side: the additions of one row must wait for each other. */
#ifndef ROWS
#define ROWS 4
#endif

/* A block as integers q and factors: value i is q * scale or q * scale + min, rounded once, sixteen values to a factor. */
struct unit {
    int8_t q[256];
    float scale[16], min[16];
};

ALWAYS_INLINE int elements(const int type) {
    return type <= BF16 ? 16 : type <= Q5_1 ? 32 : 256;
}

ALWAYS_INLINE int unit_bytes(const int type) {
    switch (type) {
    case F32: return 64;
    case F16: case BF16: return 32;
    case Q8_0: return 34;
    case Q4_0: return 18;
    case Q4_1: return 20;
    case Q5_0: return 22;
    case Q5_1: return 24;
    case Q4_K: return 144;
    case Q5_K: return 176;
    default: return 210;
    }
}

/* Types whose values are q * scale, without a minimum. */
ALWAYS_INLINE int no_min(const int type) { return type == Q8_0 || type == Q6_K; }

ALWAYS_INLINE void five_bits(const uint8_t *p, int8_t *q) {
    nibbles(p + 4, q);
    b32_store(q, b32_or(b32_load(q), fifth_bits(p)));
}

ALWAYS_INLINE void one_factor(struct unit *u, float scale, float min) {
    u->scale[0] = u->scale[1] = scale;
    u->min[0] = u->min[1] = min;
}

/* Six-bit scales and minima of the eight sub-blocks of Q4_K and Q5_K. */
ALWAYS_INLINE void k_factors(const uint8_t *p, struct unit *u) {
    float d = half_at(p), dmin = half_at(p + 2);
    const uint8_t *s = p + 4;
    for (int j = 0; j < 8; j++) {
        int scale = j < 4 ? s[j] & 63 : (s[j + 4] & 15) | s[j - 4] >> 6 << 4;
        int min = j < 4 ? s[j + 4] & 63 : s[j + 4] >> 4 | s[j] >> 6 << 4;
        u->scale[2 * j] = u->scale[2 * j + 1] = d * (float)scale;
        u->min[2 * j] = u->min[2 * j + 1] = -(dmin * (float)min);
    }
}

ALWAYS_INLINE void q4k(const uint8_t *p, struct unit *u) {
    k_factors(p, u);
    const b32 mask = b32_set(15);
    for (int i = 0; i < 4; i++) {
        b32 b = b32_load(p + 16 + 32 * i);
        b32_store(u->q + 64 * i, b32_and(b, mask));
        b32_store(u->q + 64 * i + 32, b32_and(b32_right(b, 4), mask));
    }
}

ALWAYS_INLINE void q5k(const uint8_t *p, struct unit *u) {
    k_factors(p, u);
    const b32 mask = b32_set(15), one = b32_set(1);
    b32 high = b32_load(p + 16);
    for (int i = 0; i < 4; i++) {
        b32 b = b32_load(p + 48 + 32 * i);
        b32 low_fifth = b32_left(b32_and(high, one), 4);
        b32 high_fifth = b32_left(b32_and(b32_right(high, 1), one), 4);
        b32_store(u->q + 64 * i, b32_or(b32_and(b, mask), low_fifth));
        b32_store(u->q + 64 * i + 32, b32_or(b32_and(b32_right(b, 4), mask), high_fifth));
        high = b32_right(high, 2);
    }
}

ALWAYS_INLINE void q6k(const uint8_t *p, struct unit *u) {
    v16_store(u->scale, v16_mul(v16_set(half_at(p + 208)), v16_bytes(p + 192)));
    const b32 low = b32_set(15), pair = b32_set(0x30), bias = b32_set(32);
#pragma GCC unroll 2
    for (int half = 0; half < 2; half++) {
        b32 a = b32_load(p + 64 * half), b = b32_load(p + 64 * half + 32);
        b32 h = b32_load(p + 128 + 32 * half);
        int8_t *q = u->q + 128 * half;
#define SIX(nibble, bits) b32_sub(b32_or(b32_and(nibble, low), b32_and(bits, pair)), bias)
        b32_store(q, SIX(a, b32_left(h, 4)));
        b32_store(q + 32, SIX(b, b32_left(h, 2)));
        b32_store(q + 64, SIX(b32_right(a, 4), h));
        b32_store(q + 96, SIX(b32_right(b, 4), b32_right(h, 2)));
#undef SIX
    }
}

ALWAYS_INLINE void open_unit(const int type, const uint8_t *p, struct unit *u) {
    float d;
    switch (type) {
    case Q8_0:
        one_factor(u, half_at(p), 0);
        b32_store(u->q, b32_load(p + 2));
        break;
    case Q4_0:
        d = half_at(p);
        one_factor(u, d, -8 * d);
        nibbles(p + 2, u->q);
        break;
    case Q4_1:
        one_factor(u, half_at(p), half_at(p + 2));
        nibbles(p + 4, u->q);
        break;
    case Q5_0:
        d = half_at(p);
        one_factor(u, d, -16 * d);
        five_bits(p + 2, u->q);
        break;
    case Q5_1:
        one_factor(u, half_at(p), half_at(p + 2));
        five_bits(p + 4, u->q);
        break;
    case Q4_K: q4k(p, u); break;
    case Q5_K: q5k(p, u); break;
    case Q6_K: q6k(p, u); break;
    default: break; /* plain values are read where they lie */
    }
    if (elements(type) == 256) {
        /* Through memory: in registers the integers cost an extraction for every sixteen (measured: 1.5 times slower). */
        __asm__ volatile("" : : "r"(u) : "memory");
    }
}

/* Sixteen values: number i of the unit at p, which is open in u. */
ALWAYS_INLINE v16 sixteen(const int type, const uint8_t *p, const struct unit *u, int i) {
    switch (type) {
    case F32: return v16_load((const float *)p);
    case F16: return v16_halves(p);
    case BF16: return v16_bf16(p);
    default: break;
    }
    v16 q = v16_bytes(u->q + 16 * i);
    v16 scale = v16_set(u->scale[i]);
    return no_min(type) ? v16_mul(q, scale) : v16_fma(q, scale, v16_set(u->min[i]));
}

/* The last cols % 16 plain values of a row, zeros behind them. */
ALWAYS_INLINE v16 some(const int type, const uint8_t *p, int64_t n) {
    uint8_t copy[64] = {0};
    for (int64_t i = 0; i < n * (type == F32 ? 4 : 2); i++) {
        copy[i] = p[i];
    }
    return sixteen(type, copy, 0, 0);
}

/* Into the second-level cache: the rows in work fill the first. */
ALWAYS_INLINE void ask(const uint8_t *p, int bytes) {
    for (int i = 0; i < bytes; i += 64) {
        PREFETCH_FAR(p + i);
    }
}

/*
 * rows (1 or ROWS) rows by one token. While these rows are read side by side, the next ones are asked for one address
 * after the other: the memory sees a linear stream.
 */
ALWAYS_INLINE void dots(const int type, const uint8_t *w, int64_t row_bytes, int64_t cols, const float *x,
                        const int rows, float *y) {
    struct unit unit[ROWS];
    v16 acc[ROWS];
    const int n = elements(type), bytes = unit_bytes(type);
    const uint8_t *next = w + rows * row_bytes;
#pragma GCC unroll 4
    for (int r = 0; r < rows; r++) {
        acc[r] = v16_zero();
    }
    int64_t c = 0;
    for (; c + n <= cols; c += n, w += bytes, next += rows * bytes) {
        ask(next, rows * bytes);
#pragma GCC unroll 4
        for (int r = 0; r < rows; r++) {
            open_unit(type, w + r * row_bytes, &unit[r]);
        }
#pragma GCC unroll 16
        for (int i = 0; i < n / 16; i++) {
            v16 v = v16_load(x + c + 16 * i);
#pragma GCC unroll 4
            for (int r = 0; r < rows; r++) {
                acc[r] = v16_fma(sixteen(type, w + r * row_bytes, &unit[r], i), v, acc[r]);
            }
        }
    }
    if (type <= BF16 && c < cols) {
        v16 v = v16_load_some(x + c, cols - c);
        for (int r = 0; r < rows; r++) {
            acc[r] = v16_keep(v16_fma(some(type, w + r * row_bytes, cols - c), v, acc[r]), acc[r], cols - c);
        }
    }
    for (int r = 0; r < rows; r++) {
        y[r] = v16_tree(acc[r]);
    }
}

ALWAYS_INLINE void floats(const int type, const uint8_t *w, int64_t cols, float *out) {
    struct unit unit;
    const int n = elements(type), bytes = unit_bytes(type);
    int64_t c = 0;
    for (; c + n <= cols; c += n, w += bytes) {
        open_unit(type, w, &unit);
        for (int i = 0; i < n / 16; i++) {
            v16_store(out + c + 16 * i, sixteen(type, w, &unit, i));
        }
    }
    if (type <= BF16 && c < cols) {
        v16_store_some(out + c, some(type, w, cols - c), cols - c);
    }
}

/* One function for each type, so that each is compiled with its type known. */
#define ROW_FUNCTION(type)                                                                                          \
    static void row_##type(const uint8_t *w, int64_t cols, float *out) { floats(type, w, cols, out); }
#define TYPE_FUNCTIONS(type)                                                                                        \
    ROW_FUNCTION(type)                                                                                              \
    static void dots_##type(const uint8_t *w, int64_t row_bytes, int64_t cols, const float *x, int64_t n, float *y) { \
        int64_t r = 0;                                                                                              \
        for (; r + ROWS <= n; r += ROWS) {                                                                          \
            dots(type, w + r * row_bytes, row_bytes, cols, x, ROWS, y + r);                                         \
        }                                                                                                           \
        for (; r < n; r++) {                                                                                        \
            dots(type, w + r * row_bytes, row_bytes, cols, x, 1, y + r);                                            \
        }                                                                                                           \
    }
TYPE_FUNCTIONS(F32)
TYPE_FUNCTIONS(F16)
TYPE_FUNCTIONS(BF16)
TYPE_FUNCTIONS(Q8_0)
TYPE_FUNCTIONS(Q4_0)
TYPE_FUNCTIONS(Q4_1)
TYPE_FUNCTIONS(Q5_0)
TYPE_FUNCTIONS(Q5_1)
TYPE_FUNCTIONS(Q4_K)
TYPE_FUNCTIONS(Q5_K)
ROW_FUNCTION(Q6_K)

static void (*const ROW[])(const uint8_t *, int64_t, float *) = {
    row_F32, row_F16, row_BF16, row_Q8_0, row_Q4_0, row_Q4_1, row_Q5_0, row_Q5_1, row_Q4_K, row_Q5_K, row_Q6_K};

static void (*const DOTS[])(const uint8_t *, int64_t, int64_t, const float *, int64_t, float *) = {
    dots_F32, dots_F16, dots_BF16, dots_Q8_0, dots_Q4_0, dots_Q4_1, dots_Q5_0, dots_Q5_1, dots_Q4_K, dots_Q5_K};

static void row(int32_t type, const uint8_t *w, int64_t cols, float *out) { ROW[type](w, cols, out); }

#include "q6k.h"

/* rows x tokens sums over whole vectors of columns. */
ALWAYS_INLINE void float_tile(const float *w, int64_t cols, const int rows, const float *x, int64_t x_stride,
                              const int tokens, float *y, int64_t y_stride) {
    v16 acc[TILE_ROWS * TILE_TOKENS];
#pragma GCC unroll 24
    for (int i = 0; i < rows * tokens; i++) {
        acc[i] = v16_zero();
    }
    int64_t c = 0;
    for (; c + 16 <= cols; c += 16) {
        v16 a[TILE_ROWS];
#pragma GCC unroll 8
        for (int r = 0; r < rows; r++) {
            a[r] = v16_load(w + r * cols + c);
        }
#pragma GCC unroll 8
        for (int t = 0; t < tokens; t++) {
            v16 v = v16_load(x + t * x_stride + c);
#pragma GCC unroll 8
            for (int r = 0; r < rows; r++) {
                acc[t * rows + r] = v16_fma(a[r], v, acc[t * rows + r]);
            }
        }
    }
    if (c < cols) {
        for (int t = 0; t < tokens; t++) {
            v16 v = v16_load_some(x + t * x_stride + c, cols - c);
            for (int r = 0; r < rows; r++) {
                v16 old = acc[t * rows + r];
                acc[t * rows + r] = v16_keep(v16_fma(v16_load_some(w + r * cols + c, cols - c), v, old), old, cols - c);
            }
        }
    }
#pragma GCC unroll 8
    for (int t = 0; t < tokens; t++) {
#pragma GCC unroll 8
        for (int r = 0; r < rows; r++) {
            y[t * y_stride + r] = v16_tree(acc[t * rows + r]);
        }
    }
}

static void float_panel(const float *w, int64_t cols, int64_t rows, const float *x, int64_t x_stride, int64_t tokens,
                        float *y, int64_t y_stride) {
    int64_t t = 0;
    for (; t + TILE_TOKENS <= tokens; t += TILE_TOKENS) {
        int64_t r = 0;
        for (; r + TILE_ROWS <= rows; r += TILE_ROWS) {
            float_tile(w + r * cols, cols, TILE_ROWS, x + t * x_stride, x_stride, TILE_TOKENS, y + t * y_stride + r,
                       y_stride);
        }
        for (; r < rows; r++) {
            float_tile(w + r * cols, cols, 1, x + t * x_stride, x_stride, TILE_TOKENS, y + t * y_stride + r, y_stride);
        }
    }
    for (; t < tokens; t++) {
        int64_t r = 0;
        for (; r + TILE_ROWS <= rows; r += TILE_ROWS) {
            float_tile(w + r * cols, cols, TILE_ROWS, x + t * x_stride, x_stride, 1, y + t * y_stride + r, y_stride);
        }
        for (; r < rows; r++) {
            y[t * y_stride + r] = dot(w + r * cols, x + t * x_stride, cols);
        }
    }
}

static void dense(int32_t type, const uint8_t *w, int64_t row_bytes, int64_t cols, const float *x, int64_t x_stride,
                  int64_t tokens, int64_t from, int64_t to, float *y, int64_t y_stride, float *scratch) {
    if (type == Q6_K) {
        q6k_product(w, row_bytes, cols, x, x_stride, tokens, from, to, y, y_stride, scratch);
        return;
    }
    if (tokens == 1) {
        DOTS[type](w + from * row_bytes, row_bytes, cols, x, to - from, y + from);
        return;
    }
    for (int64_t r = from; r < to; r += DENSE_ROWS) {
        int64_t n = least(to - r, DENSE_ROWS);
        for (int64_t i = 0; i < n; i++) {
            row(type, w + (r + i) * row_bytes, cols, scratch + i * cols);
        }
        float_panel(scratch, cols, n, x, x_stride, tokens, y + r, y_stride);
    }
}
