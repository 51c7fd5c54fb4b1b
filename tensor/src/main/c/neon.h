/*
 * The kernels on 128-bit NEON vectors: multiply-adds to 16 bits, or the four-fold dot product where DOTPROD is defined, and
 * for many tokens products of 2 x 8 by 8 x 2 where I8MM is defined. Codes 0, 1, 2 are as good signed as unsigned.
 *
 * Products are 2 * 128 at most in magnitude: 128 of them reach 2^15 only as -2^15, which fits 16 bits; then they are widened.
 */
#include "neon_bytes.h"

#include "v16_neon.h"

#define PANEL_ROWS 16
#define PANEL_FROM 8
#define FEW 3
#define SCORES_QUERIES 1
#define MIX_QUERIES 2
#define MIX_WIDTH 2
#define TILE_ROWS 2
#define TILE_TOKENS 2

#define AHEAD 1024

#ifdef DOTPROD
typedef int32x4_t sums4;
#define DOT(acc, codes, q) vdotq_s32(acc, codes, q)
#define WIDENED(acc) (acc)
#define LEVEL_DOT(acc, levels, q) vdotq_s32(acc, levels, q)
#else
typedef int16x8_t sums4;
#define DOT(acc, codes, q) vmlal_high_s8(vmlal_s8(acc, vget_low_s8(codes), vget_low_s8(q)), codes, q)
#define WIDENED(acc) vpaddlq_s16(acc)
#define LEVEL_DOT(acc, levels, q) \
    vpadalq_s16(acc, vmlal_high_s8(vmull_s8(vget_low_s8(levels), vget_low_s8(q)), levels, q))
#endif

/* Blocks whose sums fit 16 bits: each adds 8 products to a lane. */
#define SPAN 16

ALWAYS_INLINE int32x4_t four_sums(int32x4_t a, int32x4_t b, int32x4_t c, int32x4_t d) {
    return vpaddq_s32(vpaddq_s32(a, b), vpaddq_s32(c, d));
}

ALWAYS_INLINE int8x16_t codes_of(uint8x16_t v, const int row) { return vreinterpretq_s8_u8(v >> 2 * row & 3); }

ALWAYS_INLINE void rows8(const uint8_t *w, int64_t blocks, const int8_t *x, int64_t stride, const int n, int32_t *sums) {
    int32x4_t low4[FEW], high4[FEW];
#pragma GCC unroll 3
    for (int t = 0; t < n; t++) {
        low4[t] = high4[t] = vdupq_n_s32(0);
    }
    while (blocks > 0) {
        sums4 a[FEW][8];
#pragma GCC unroll 3
        for (int t = 0; t < n; t++) {
#pragma GCC unroll 8
            for (int i = 0; i < 8; i++) {
                a[t][i] = (sums4){0};
            }
        }
        int64_t some = least(blocks, SPAN);
        blocks -= some;
        for (; some > 0; some--, w += BLOCK_BYTES, x += BLOCK) {
            PREFETCH_NEAR(w + AHEAD);
            PREFETCH_NEAR(w + AHEAD + 64);
#pragma GCC unroll 4
            for (int c = 0; c < BLOCK; c += 16) {
                uint8x16_t low = vld1q_u8(w + c), high = vld1q_u8(w + 64 + c);
                int8x16_t q[FEW];
#pragma GCC unroll 3
                for (int t = 0; t < n; t++) {
                    q[t] = vld1q_s8(x + t * stride + c);
                }
#pragma GCC unroll 4
                for (int i = 0; i < 4; i++) {
#pragma GCC unroll 3
                    for (int t = 0; t < n; t++) {
                        a[t][i] = DOT(a[t][i], codes_of(low, i), q[t]);
                        a[t][4 + i] = DOT(a[t][4 + i], codes_of(high, i), q[t]);
                    }
                }
            }
        }
#pragma GCC unroll 3
        for (int t = 0; t < n; t++) {
            low4[t] += four_sums(WIDENED(a[t][0]), WIDENED(a[t][1]), WIDENED(a[t][2]), WIDENED(a[t][3]));
            high4[t] += four_sums(WIDENED(a[t][4]), WIDENED(a[t][5]), WIDENED(a[t][6]), WIDENED(a[t][7]));
        }
    }
#pragma GCC unroll 3
    for (int t = 0; t < n; t++) {
        vst1q_s32(sums + t * ROW_GROUP, low4[t]);
        vst1q_s32(sums + t * ROW_GROUP + 4, high4[t]);
    }
}

ALWAYS_INLINE void levels8(const uint8_t *w, int64_t blocks, const int8_t *x, int32_t *sums) {
    static const int8_t LEVEL[16] = {LEVELS};
    const int8x16_t levels = vld1q_s8(LEVEL);
    int32x4_t a[8];
#pragma GCC unroll 8
    for (int i = 0; i < 8; i++) {
        a[i] = vdupq_n_s32(0);
    }
    for (int64_t b = 0; b < blocks; b++, w += LEVEL_BLOCK_BYTES, x += BLOCK) {
#pragma GCC unroll 4
        for (int c = 0; c < BLOCK; c += 16) {
            int8x16_t q = vld1q_s8(x + c);
            PREFETCH_NEAR(w + AHEAD + 4 * c);
#pragma GCC unroll 4
            for (int i = 0; i < 4; i++) {
                uint8x16_t v = vld1q_u8(w + 64 * i + c);
                a[2 * i] = LEVEL_DOT(a[2 * i], vqtbl1q_s8(levels, v & 15), q);
                a[2 * i + 1] = LEVEL_DOT(a[2 * i + 1], vqtbl1q_s8(levels, v >> 4), q);
            }
        }
    }
    vst1q_s32(sums, four_sums(a[0], a[1], a[2], a[3]));
    vst1q_s32(sums + 4, four_sums(a[4], a[5], a[6], a[7]));
}

/* Four rows of 16 codes to four quads of them, PANEL_ROWS * 4 bytes apart. */
ALWAYS_INLINE void unpack4(uint8x16_t v, uint8_t *panel) {
    int32x4_t r[4];
#pragma GCC unroll 4
    for (int i = 0; i < 4; i++) {
        r[i] = vreinterpretq_s32_s8(codes_of(v, i));
    }
    int64x2_t a = vreinterpretq_s64_s32(vtrn1q_s32(r[0], r[1])), b = vreinterpretq_s64_s32(vtrn2q_s32(r[0], r[1]));
    int64x2_t c = vreinterpretq_s64_s32(vtrn1q_s32(r[2], r[3])), d = vreinterpretq_s64_s32(vtrn2q_s32(r[2], r[3]));
    vst1q_u8(panel, vreinterpretq_u8_s64(vtrn1q_s64(a, c)));
    vst1q_u8(panel + 4 * PANEL_ROWS, vreinterpretq_u8_s64(vtrn1q_s64(b, d)));
    vst1q_u8(panel + 8 * PANEL_ROWS, vreinterpretq_u8_s64(vtrn2q_s64(a, c)));
    vst1q_u8(panel + 12 * PANEL_ROWS, vreinterpretq_u8_s64(vtrn2q_s64(b, d)));
}

static void unpack(const uint8_t *w, int64_t group_bytes, int64_t groups, int64_t blocks, uint8_t *panel) {
    for (int64_t b = 0; b < blocks; b++, w += BLOCK_BYTES, panel += BLOCK * PANEL_ROWS) {
        for (int64_t g = 0; g < PANEL_ROWS / ROW_GROUP; g++) {
            for (int64_t c = 0; c < BLOCK; c += 16) {
                const uint8_t *at = w + g * group_bytes + c;
                uint8x16_t low = vdupq_n_u8(0), high = low;
                if (g < groups) {
                    low = vld1q_u8(at);
                    high = vld1q_u8(at + 64);
                }
                unpack4(low, panel + c * PANEL_ROWS + 32 * g);
                unpack4(high, panel + c * PANEL_ROWS + 32 * g + 16);
            }
        }
    }
}

#include "neon_tile.h"

/* Six bits, the highest flipped so that they are signed, at the top of a word: 1024 * q; then q, then q * scale. */
ALWAYS_INLINE void q6k_words(const uint8_t *p, w32 *w) {
#pragma GCC unroll 16
    for (int i = 0; i < 16; i++) { /* columns 16 i ... 16 i + 15, which share a scale */
        int half = i / 8, quarter = i / 2 % 4, part = i % 2;
        uint8x16_t b = vld1q_u8(p + 64 * half + 32 * (quarter % 2) + 16 * part);
        uint8x16_t h = vld1q_u8(p + 128 + 32 * half + 16 * part) ^ 0xaa;
        uint8x16_t six = (quarter / 2 ? b >> 4 : b & 15) | (h >> (2 * quarter) & 3) << 4;
        int16x8_t words = vreinterpretq_s16_u8(six), scale = vdupq_n_s16((int8_t)p[192 + i]);
        int16x8_t odd = vreinterpretq_s16_u16(vreinterpretq_u16_s16(words << 2) & 0xfc00);
        w[i / 4 * 2].val[i % 4] = ((words << 10) >> 10) * scale;
        w[i / 4 * 2 + 1].val[i % 4] = (odd >> 10) * scale;
    }
}

#include "ternary.h"

#include "elements.h"

#include "dense.h"

#include "screen.h"
