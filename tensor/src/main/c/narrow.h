/*
 * The kernels on 256-bit vectors, for AVX2 and, where VNNI256 is defined, for the 256-bit dot-product instruction.
 *
 * AVX2 adds products in 16 bits: two of at most 2 * 128 in magnitude for each multiply-add, so 64 of them reach 2^15 only
 * as -2^15, which fits; then they are widened.
 */
#include "v16_256.h"

#define PANEL_ROWS 24
#define PANEL_FROM 17
#define GROUPED_FROM 7
#define FEW 2 /* three spill: 140 G multiply-adds a second against 120 */
#define SCORES_QUERIES 1
#define MIX_QUERIES 2
#define MIX_WIDTH 2
#define TILE_ROWS 3
#define TILE_TOKENS 2

#define AHEAD 4096

#ifdef VNNI256
#define DOT(acc, codes, q) DPBUSD(acc, codes, q)
#else
#define DOT(acc, codes, q) _mm256_add_epi16(acc, _mm256_maddubs_epi16(codes, q))
#endif

ALWAYS_INLINE __m256i widened(__m256i acc) {
#ifdef VNNI256
    return acc;
#else
    return _mm256_madd_epi16(acc, _mm256_set1_epi16(1));
#endif
}

/* Four rows, the bytes at w, by n tokens; 32 blocks at most. */
ALWAYS_INLINE void rows4(const uint8_t *w, int64_t blocks, const int8_t *x, int64_t stride, const int n,
                         __m256i out[FEW][4]) {
    const __m256i three = _mm256_set1_epi8(3);
    __m256i a[FEW][4];
#pragma GCC unroll 3
    for (int t = 0; t < n; t++) {
        a[t][0] = a[t][1] = a[t][2] = a[t][3] = _mm256_setzero_si256();
    }
    for (int64_t b = 0; b < blocks; b++, w += BLOCK_BYTES, x += BLOCK) {
        _mm_prefetch((const char *)w + AHEAD, _MM_HINT_T0);
#pragma GCC unroll 2
        for (int half = 0; half < 64; half += 32) {
            __m256i v = _mm256_load_si256((const __m256i *)(w + half));
#pragma GCC unroll 4
            for (int i = 0; i < 4; i++) {
                __m256i c = _mm256_and_si256(_mm256_srli_epi16(v, 2 * i), three);
#pragma GCC unroll 3
                for (int t = 0; t < n; t++) {
                    a[t][i] = DOT(a[t][i], c, _mm256_loadu_si256((const __m256i *)(x + t * stride + half)));
                }
            }
        }
    }
#pragma GCC unroll 3
    for (int t = 0; t < n; t++) {
#pragma GCC unroll 4
        for (int i = 0; i < 4; i++) {
            out[t][i] = widened(a[t][i]);
        }
    }
}

/* 32 columns of eight rows by one token. */
#define HALF(at, q)                                                                      \
    do {                                                                                 \
        __m256i low = _mm256_load_si256((const __m256i *)(at));                          \
        __m256i high = _mm256_load_si256((const __m256i *)((at) + 64));                  \
        a0 = DOT(a0, _mm256_and_si256(low, three), q);                                   \
        a1 = DOT(a1, _mm256_and_si256(_mm256_srli_epi16(low, 2), three), q);             \
        a2 = DOT(a2, _mm256_and_si256(_mm256_srli_epi16(low, 4), three), q);             \
        a3 = DOT(a3, _mm256_and_si256(_mm256_srli_epi16(low, 6), three), q);             \
        a4 = DOT(a4, _mm256_and_si256(high, three), q);                                  \
        a5 = DOT(a5, _mm256_and_si256(_mm256_srli_epi16(high, 2), three), q);            \
        a6 = DOT(a6, _mm256_and_si256(_mm256_srli_epi16(high, 4), three), q);            \
        a7 = DOT(a7, _mm256_and_si256(_mm256_srli_epi16(high, 6), three), q);            \
    } while (0)

ALWAYS_INLINE __m256i one_token(const uint8_t *w, int64_t blocks, const int8_t *x) {
    const __m256i three = _mm256_set1_epi8(3);
    __m256i a0 = _mm256_setzero_si256(), a1 = a0, a2 = a0, a3 = a0, a4 = a0, a5 = a0, a6 = a0, a7 = a0;
    for (int64_t b = 0; b < blocks; b++, w += BLOCK_BYTES, x += BLOCK) {
        _mm_prefetch((const char *)w + AHEAD, _MM_HINT_T0);
        _mm_prefetch((const char *)w + AHEAD + 64, _MM_HINT_T0);
        HALF(w, _mm256_loadu_si256((const __m256i *)x));
        HALF(w + 32, _mm256_loadu_si256((const __m256i *)(x + 32)));
    }
    __m256i h[8] = {widened(a0), widened(a1), widened(a2), widened(a3),
                    widened(a4), widened(a5), widened(a6), widened(a7)};
    return eight_sums(h);
}

ALWAYS_INLINE void rows8(const uint8_t *w, int64_t blocks, const int8_t *x, int64_t stride, const int n, int32_t *sums) {
    __m256i total[FEW];
#pragma GCC unroll 3
    for (int t = 0; t < n; t++) {
        total[t] = _mm256_setzero_si256();
    }
    for (int64_t b = 0; b < blocks; b += 32) { /* 32 blocks are 64 vectors */
        int64_t some = least(blocks - b, 32);
        if (n == 1) {
            total[0] = _mm256_add_epi32(total[0], one_token(w + b * BLOCK_BYTES, some, x + b * BLOCK));
            continue;
        }
        __m256i low[FEW][4], high[FEW][4];
        rows4(w + b * BLOCK_BYTES, some, x + b * BLOCK, stride, n, low);
        rows4(w + b * BLOCK_BYTES + 64, some, x + b * BLOCK, stride, n, high);
#pragma GCC unroll 3
        for (int t = 0; t < n; t++) {
            __m256i h[8] = {low[t][0], low[t][1], low[t][2], low[t][3], high[t][0], high[t][1], high[t][2], high[t][3]};
            total[t] = _mm256_add_epi32(total[t], eight_sums(h));
        }
    }
#pragma GCC unroll 3
    for (int t = 0; t < n; t++) {
        _mm256_storeu_si256((__m256i *)(sums + t * ROW_GROUP), total[t]);
    }
}

/* 32 columns by one row: the products of two levels and codes fit 16 bits, more would not. */
#ifdef VNNI256
#define LEVEL_DOT(acc, levels, q) DPBUSD(acc, levels, q)
#else
#define LEVEL_DOT(acc, levels, q) \
    _mm256_add_epi32(acc, _mm256_madd_epi16(_mm256_maddubs_epi16(levels, q), _mm256_set1_epi16(1)))
#endif

ALWAYS_INLINE void levels8(const uint8_t *w, int64_t blocks, const int8_t *x, int32_t *sums) {
    const __m256i low = _mm256_set1_epi8(15);
    const __m256i levels = _mm256_broadcastsi128_si256(_mm_setr_epi8(LEVELS));
    __m256i a[8];
#pragma GCC unroll 8
    for (int i = 0; i < 8; i++) {
        a[i] = _mm256_setzero_si256();
    }
    for (int64_t b = 0; b < blocks; b++, w += LEVEL_BLOCK_BYTES, x += BLOCK) {
#pragma GCC unroll 2
        for (int half = 0; half < 64; half += 32) {
            __m256i q = _mm256_loadu_si256((const __m256i *)(x + half));
#pragma GCC unroll 4
            for (int i = 0; i < 4; i++) {
                if (half == 0) {
                    _mm_prefetch((const char *)w + AHEAD + 64 * i, _MM_HINT_T0);
                }
                __m256i v = _mm256_load_si256((const __m256i *)(w + 64 * i + half));
                __m256i even = _mm256_shuffle_epi8(levels, _mm256_and_si256(v, low));
                __m256i odd = _mm256_shuffle_epi8(levels, _mm256_and_si256(_mm256_srli_epi16(v, 4), low));
                a[2 * i] = LEVEL_DOT(a[2 * i], even, q);
                a[2 * i + 1] = LEVEL_DOT(a[2 * i + 1], odd, q);
            }
        }
    }
    _mm256_storeu_si256((__m256i *)sums, eight_sums(a));
}

/* 8 rows of 8 32-bit words to 8 words of 8 rows. */
ALWAYS_INLINE void transpose(__m256i r[8]) {
    __m256i t[8];
#pragma GCC unroll 4
    for (int i = 0; i < 4; i++) {
        t[2 * i] = _mm256_unpacklo_epi32(r[2 * i], r[2 * i + 1]);
        t[2 * i + 1] = _mm256_unpackhi_epi32(r[2 * i], r[2 * i + 1]);
    }
#pragma GCC unroll 2
    for (int i = 0; i < 2; i++) {
        r[4 * i] = _mm256_unpacklo_epi64(t[4 * i], t[4 * i + 2]);
        r[4 * i + 1] = _mm256_unpackhi_epi64(t[4 * i], t[4 * i + 2]);
        r[4 * i + 2] = _mm256_unpacklo_epi64(t[4 * i + 1], t[4 * i + 3]);
        r[4 * i + 3] = _mm256_unpackhi_epi64(t[4 * i + 1], t[4 * i + 3]);
    }
#pragma GCC unroll 4
    for (int i = 0; i < 4; i++) {
        t[i] = _mm256_permute2x128_si256(r[i], r[i + 4], 0x20);
        t[i + 4] = _mm256_permute2x128_si256(r[i], r[i + 4], 0x31);
    }
#pragma GCC unroll 8
    for (int i = 0; i < 8; i++) {
        r[i] = t[i];
    }
}

static void unpack(const uint8_t *w, int64_t group_bytes, int64_t groups, int64_t blocks, uint8_t *panel) {
    const __m256i three = _mm256_set1_epi8(3);
    for (int64_t b = 0; b < blocks; b++, w += BLOCK_BYTES, panel += BLOCK * PANEL_ROWS) {
        for (int64_t g = 0; g < PANEL_ROWS / ROW_GROUP; g++) {
            for (int64_t half = 0; half < 2; half++) {
                __m256i r[8], low = _mm256_setzero_si256(), high = low;
                if (g < groups) {
                    const uint8_t *at = w + g * group_bytes + 32 * half;
                    low = _mm256_load_si256((const __m256i *)at);
                    high = _mm256_load_si256((const __m256i *)(at + 64));
                }
#pragma GCC unroll 4
                for (int i = 0; i < 4; i++) {
                    r[i] = _mm256_and_si256(_mm256_srli_epi16(low, 2 * i), three);
                    r[4 + i] = _mm256_and_si256(_mm256_srli_epi16(high, 2 * i), three);
                }
                transpose(r);
#pragma GCC unroll 8
                for (int i = 0; i < 8; i++) {
                    _mm256_store_si256((__m256i *)(panel + (8 * half + i) * 4 * PANEL_ROWS + 32 * g), r[i]);
                }
            }
        }
    }
}

ALWAYS_INLINE void tile(const uint8_t *panel, int64_t quads, const int8_t *x, int64_t stride, int32_t *sums, const int n) {
    for (int64_t k = 0; k < quads;) {
        int64_t end = quads - k > 64 ? k + 64 : quads;
        __m256i a[3], b[3], c[3];
#pragma GCC unroll 3
        for (int t = 0; t < n; t++) {
            a[t] = b[t] = c[t] = _mm256_setzero_si256();
        }
        for (; k < end; k++, panel += 4 * PANEL_ROWS, x += 4) {
            __m256i p = _mm256_load_si256((const __m256i *)panel);
            __m256i q = _mm256_load_si256((const __m256i *)(panel + 32));
            __m256i r = _mm256_load_si256((const __m256i *)(panel + 64));
#pragma GCC unroll 3
            for (int t = 0; t < n; t++) {
                __m256i v = _mm256_set1_epi32(word(x + t * stride));
                a[t] = DOT(a[t], p, v);
                b[t] = DOT(b[t], q, v);
                c[t] = DOT(c[t], r, v);
            }
        }
#pragma GCC unroll 3
        for (int t = 0; t < n; t++) {
            __m256i *s = (__m256i *)(sums + t * PANEL_ROWS);
            _mm256_store_si256(s, _mm256_add_epi32(_mm256_load_si256(s), widened(a[t])));
            _mm256_store_si256(s + 1, _mm256_add_epi32(_mm256_load_si256(s + 1), widened(b[t])));
            _mm256_store_si256(s + 2, _mm256_add_epi32(_mm256_load_si256(s + 2), widened(c[t])));
        }
    }
}

static void tiles(const uint8_t *panel, int64_t quads, const int8_t *x, int64_t stride, int64_t tokens, int32_t *sums) {
    int64_t t = 0;
    for (; t + 3 <= tokens; t += 3) {
        tile(panel, quads, x + t * stride, stride, sums + t * PANEL_ROWS, 3);
    }
    for (; t < tokens; t++) {
        tile(panel, quads, x + t * stride, stride, sums + t * PANEL_ROWS, 1);
    }
}

/*
 * Six bits, the highest flipped so that they are signed, at the top of a word: 1024 * q. The upper half of its product with
 * 64 * scale is q * scale.
 */
ALWAYS_INLINE void q6k_words(const uint8_t *p, w32 *w) {
    const __m256i low = _mm256_set1_epi8(15), top = _mm256_set1_epi16((int16_t)0xfc00);
    const __m256i flip = _mm256_set1_epi8((char)0xaa);
    /* Scales of even number in the low half, of odd number in the high half. */
    __m128i bytes = _mm_shuffle_epi8(_mm_loadu_si128((const __m128i *)(p + 192)),
                                     _mm_setr_epi8(0, 2, 4, 6, 8, 10, 12, 14, 1, 3, 5, 7, 9, 11, 13, 15));
    __m256i scales = _mm256_slli_epi16(_mm256_cvtepi8_epi16(bytes), 6);
#pragma GCC unroll 2
    for (int half = 0; half < 2; half++) {
        __m256i a = b32_load(p + 64 * half), b = b32_load(p + 64 * half + 32);
        __m256i h = _mm256_xor_si256(b32_load(p + 128 + 32 * half), flip);
        __m256i nibbles[4] = {a, b, _mm256_srli_epi16(a, 4), _mm256_srli_epi16(b, 4)};
        __m256i pairs[4] = {_mm256_slli_epi16(h, 4), _mm256_slli_epi16(h, 2), h, _mm256_srli_epi16(h, 2)};
        __m256i even[4], odd[4];
#pragma GCC unroll 4
        for (int i = 0; i < 4; i++) { /* 32 columns */
            __m256i six = _mm256_or_si256(_mm256_and_si256(nibbles[i], low), _mm256_andnot_si256(low, pairs[i]));
            __m256i scale = _mm256_shuffle_epi8(scales, _mm256_set1_epi16((int16_t)(0x100 + 0x202 * (4 * half + i))));
            even[i] = _mm256_mulhi_epi16(_mm256_slli_epi16(six, 10), scale);
            odd[i] = _mm256_mulhi_epi16(_mm256_and_si256(_mm256_slli_epi16(six, 2), top), scale);
        }
        w[4 * half] = W32(even[0], even[1]);
        w[4 * half + 1] = W32(odd[0], odd[1]);
        w[4 * half + 2] = W32(even[2], even[3]);
        w[4 * half + 3] = W32(odd[2], odd[3]);
    }
}

#include "ternary.h"

#include "elements.h"

#include "dense.h"

#include "screen.h"
