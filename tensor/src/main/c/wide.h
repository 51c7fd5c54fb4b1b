/*
 * The kernels on 512-bit vectors with VNNI: 64 columns of eight rows for each load of activations, 48 rows x 8 tokens of
 * sums in registers. With VBMI, where TRIPLES is defined, also those for 1.67 bits a weight.
 */
#include "x86.h"

#include "v16_512.h"

#define PANEL_ROWS 48
#define PANEL_FROM 25
#define FEW 3

/* Bytes ahead of the stream that are asked for; measured, and past the end of a row group on purpose. */
#define AHEAD 4096

/* The sums of eight vectors' lanes, in order. */
ALWAYS_INLINE __m256i lane_sums(const __m512i a[8]) {
    __m256i h[8];
#pragma GCC unroll 8
    for (int i = 0; i < 8; i++) {
        h[i] = _mm256_add_epi32(_mm512_castsi512_si256(a[i]), _mm512_extracti64x4_epi64(a[i], 1));
    }
    return eight_sums(h);
}

ALWAYS_INLINE void rows8(const uint8_t *w, int64_t blocks, const int8_t *x, int64_t stride, const int n, int32_t *sums) {
    const __m512i three = _mm512_set1_epi8(3);
    __m512i a[FEW][8];
#pragma GCC unroll 3
    for (int t = 0; t < n; t++) {
#pragma GCC unroll 8
        for (int i = 0; i < 8; i++) {
            a[t][i] = _mm512_setzero_si512();
        }
    }
    for (int64_t b = 0; b < blocks; b++, w += BLOCK_BYTES, x += BLOCK) {
        _mm_prefetch((const char *)w + AHEAD, _MM_HINT_T0);
        _mm_prefetch((const char *)w + AHEAD + 64, _MM_HINT_T0);
        __m512i q[FEW];
#pragma GCC unroll 3
        for (int t = 0; t < n; t++) {
            q[t] = _mm512_loadu_si512(x + t * stride);
        }
        __m512i low = _mm512_load_si512(w), high = _mm512_load_si512(w + 64);
#pragma GCC unroll 4
        for (int i = 0; i < 4; i++) {
            __m512i c = _mm512_and_si512(_mm512_srli_epi16(low, 2 * i), three);
            __m512i d = _mm512_and_si512(_mm512_srli_epi16(high, 2 * i), three);
#pragma GCC unroll 3
            for (int t = 0; t < n; t++) {
                a[t][i] = _mm512_dpbusd_epi32(a[t][i], c, q[t]);
                a[t][4 + i] = _mm512_dpbusd_epi32(a[t][4 + i], d, q[t]);
            }
        }
    }
#pragma GCC unroll 3
    for (int t = 0; t < n; t++) {
        _mm256_storeu_si256((__m256i *)(sums + t * ROW_GROUP), lane_sums(a[t]));
    }
}

/* 16 rows of 16 32-bit words to 16 words of 16 rows. */
ALWAYS_INLINE void transpose(__m512i r[16]) {
    __m512i t[16];
#pragma GCC unroll 8
    for (int i = 0; i < 8; i++) {
        t[2 * i] = _mm512_unpacklo_epi32(r[2 * i], r[2 * i + 1]);
        t[2 * i + 1] = _mm512_unpackhi_epi32(r[2 * i], r[2 * i + 1]);
    }
#pragma GCC unroll 4
    for (int i = 0; i < 4; i++) {
        r[4 * i] = _mm512_unpacklo_epi64(t[4 * i], t[4 * i + 2]);
        r[4 * i + 1] = _mm512_unpackhi_epi64(t[4 * i], t[4 * i + 2]);
        r[4 * i + 2] = _mm512_unpacklo_epi64(t[4 * i + 1], t[4 * i + 3]);
        r[4 * i + 3] = _mm512_unpackhi_epi64(t[4 * i + 1], t[4 * i + 3]);
    }
#pragma GCC unroll 4
    for (int i = 0; i < 4; i++) {
        __m512i a = _mm512_shuffle_i32x4(r[i], r[i + 4], 0x88);
        __m512i b = _mm512_shuffle_i32x4(r[i + 8], r[i + 12], 0x88);
        __m512i c = _mm512_shuffle_i32x4(r[i], r[i + 4], 0xdd);
        __m512i d = _mm512_shuffle_i32x4(r[i + 8], r[i + 12], 0xdd);
        t[i] = _mm512_shuffle_i32x4(a, b, 0x88);
        t[i + 4] = _mm512_shuffle_i32x4(c, d, 0x88);
        t[i + 8] = _mm512_shuffle_i32x4(a, b, 0xdd);
        t[i + 12] = _mm512_shuffle_i32x4(c, d, 0xdd);
    }
#pragma GCC unroll 16
    for (int i = 0; i < 16; i++) {
        r[i] = t[i];
    }
}

static void unpack(const uint8_t *w, int64_t group_bytes, int64_t groups, int64_t blocks, uint8_t *panel) {
    const __m512i three = _mm512_set1_epi8(3);
    for (int64_t b = 0; b < blocks; b++, w += BLOCK_BYTES, panel += BLOCK * PANEL_ROWS) {
        for (int64_t third = 0; third < 3; third++) {
            __m512i r[16];
#pragma GCC unroll 2
            for (int64_t g = 0; g < 2; g++) {
                __m512i low = _mm512_setzero_si512(), high = low;
                if (2 * third + g < groups) {
                    const uint8_t *at = w + (2 * third + g) * group_bytes;
                    low = _mm512_load_si512(at);
                    high = _mm512_load_si512(at + 64);
                }
#pragma GCC unroll 4
                for (int i = 0; i < 4; i++) {
                    r[8 * g + i] = _mm512_and_si512(_mm512_srli_epi16(low, 2 * i), three);
                    r[8 * g + 4 + i] = _mm512_and_si512(_mm512_srli_epi16(high, 2 * i), three);
                }
            }
            transpose(r);
#pragma GCC unroll 16
            for (int i = 0; i < 16; i++) {
                _mm512_store_si512(panel + i * 4 * PANEL_ROWS + third * 64, r[i]);
            }
        }
    }
}

ALWAYS_INLINE void tile(const uint8_t *panel, int64_t quads, const int8_t *x, int64_t stride, int32_t *sums, const int n) {
    __m512i a[8][3];
#pragma GCC unroll 8
    for (int t = 0; t < n; t++) {
#pragma GCC unroll 3
        for (int i = 0; i < 3; i++) {
            a[t][i] = _mm512_load_si512(sums + t * PANEL_ROWS + 16 * i);
        }
    }
    for (int64_t k = 0; k < quads; k++, panel += 4 * PANEL_ROWS, x += 4) {
        __m512i p = _mm512_load_si512(panel);
        __m512i q = _mm512_load_si512(panel + 64);
        __m512i r = _mm512_load_si512(panel + 128);
#pragma GCC unroll 8
        for (int t = 0; t < n; t++) {
            __m512i v = _mm512_set1_epi32(word(x + t * stride));
            a[t][0] = _mm512_dpbusd_epi32(a[t][0], p, v);
            a[t][1] = _mm512_dpbusd_epi32(a[t][1], q, v);
            a[t][2] = _mm512_dpbusd_epi32(a[t][2], r, v);
        }
    }
#pragma GCC unroll 8
    for (int t = 0; t < n; t++) {
#pragma GCC unroll 3
        for (int i = 0; i < 3; i++) {
            _mm512_store_si512(sums + t * PANEL_ROWS + 16 * i, a[t][i]);
        }
    }
}

static void tiles(const uint8_t *panel, int64_t quads, const int8_t *x, int64_t stride, int64_t tokens, int32_t *sums) {
    int64_t t = 0;
    for (; t + 8 <= tokens; t += 8) {
        tile(panel, quads, x + t * stride, stride, sums + t * PANEL_ROWS, 8);
    }
    for (; t + 4 <= tokens; t += 4) {
        tile(panel, quads, x + t * stride, stride, sums + t * PANEL_ROWS, 4);
    }
    for (; t < tokens; t++) {
        tile(panel, quads, x + t * stride, stride, sums + t * PANEL_ROWS, 1);
    }
}

#ifdef TRIPLES
#include "triples.h"
#endif

ALWAYS_INLINE void levels8(const uint8_t *w, int64_t blocks, const int8_t *x, int32_t *sums) {
    const __m512i low = _mm512_set1_epi8(15);
    const __m512i levels = _mm512_broadcast_i32x4(_mm_setr_epi8(LEVELS));
    __m512i a[8];
#pragma GCC unroll 8
    for (int i = 0; i < 8; i++) {
        a[i] = _mm512_setzero_si512();
    }
    for (int64_t b = 0; b < blocks; b++, w += LEVEL_BLOCK_BYTES, x += BLOCK) {
        __m512i q = _mm512_loadu_si512(x);
#pragma GCC unroll 4
        for (int i = 0; i < 4; i++) {
            _mm_prefetch((const char *)w + AHEAD + 64 * i, _MM_HINT_T0);
            __m512i v = _mm512_load_si512(w + 64 * i);
            __m512i even = _mm512_shuffle_epi8(levels, _mm512_and_si512(v, low));
            __m512i odd = _mm512_shuffle_epi8(levels, _mm512_and_si512(_mm512_srli_epi16(v, 4), low));
            a[2 * i] = _mm512_dpbusd_epi32(a[2 * i], even, q);
            a[2 * i + 1] = _mm512_dpbusd_epi32(a[2 * i + 1], odd, q);
        }
    }
    _mm256_storeu_si256((__m256i *)sums, lane_sums(a));
}

#define SCORES_QUERIES 4
#define MIX_QUERIES 4
#define MIX_WIDTH 4
#define TILE_ROWS 4
#define TILE_TOKENS 6

/*
 * Six bits, the highest flipped so that they are signed, at the top of a word: 1024 * q. The upper half of its product with
 * 64 * scale is q * scale.
 */
ALWAYS_INLINE void q6k_words(const uint8_t *p, w32 *w) {
    const __m512i low = _mm512_set1_epi8(15), top = _mm512_set1_epi16((int16_t)0xfc00);
    const __m512i left = _mm512_inserti64x4(_mm512_set1_epi16(4), _mm256_set1_epi16(2), 1);
    const __m512i right = _mm512_inserti64x4(_mm512_setzero_si512(), _mm256_set1_epi16(2), 1);
    const __m512i flip = _mm512_set1_epi8((char)0xaa);
    const __m512i four = _mm512_set1_epi16(4);
    __m512i which = _mm512_set_epi64(0x0003000300030003, 0x0003000300030003, 0x0002000200020002, 0x0002000200020002,
                                     0x0001000100010001, 0x0001000100010001, 0, 0);
    __m256i bytes = _mm256_cvtepi8_epi16(_mm_loadu_si128((const __m128i *)(p + 192)));
    __m512i scales = _mm512_castsi256_si512(_mm256_slli_epi16(bytes, 6));
#pragma GCC unroll 2
    for (int half = 0; half < 2; half++) {
        __m512i q = _mm512_loadu_si512(p + 64 * half);
        __m512i h = _mm512_broadcast_i64x4(_mm256_loadu_si256((const __m256i *)(p + 128 + 32 * half)));
        h = _mm512_xor_si512(h, flip);
        __m512i six[2] = { /* 0xca: bits of the second where the first is set, else of the third */
            _mm512_ternarylogic_epi64(low, q, _mm512_sllv_epi16(h, left), 0xca),
            _mm512_ternarylogic_epi64(low, _mm512_srli_epi16(q, 4), _mm512_srlv_epi16(h, right), 0xca)};
#pragma GCC unroll 2
        for (int i = 0; i < 2; i++) {
            __m512i scale = _mm512_permutexvar_epi16(which, scales);
            __m512i odd = _mm512_and_si512(_mm512_slli_epi16(six[i], 2), top);
            w[4 * half + 2 * i] = _mm512_mulhi_epi16(_mm512_slli_epi16(six[i], 10), scale);
            w[4 * half + 2 * i + 1] = _mm512_mulhi_epi16(odd, scale);
            which = _mm512_add_epi16(which, four);
        }
    }
}

#include "ternary.h"

#include "elements.h"

#include "dense.h"

#include "screen.h"
