/* The panel product: tile adds the products of PANEL_ROWS rows and n tokens to sums [n][PANEL_ROWS]. */
#define QUAD (4 * PANEL_ROWS) /* bytes of four columns */

ALWAYS_INLINE int8x16_t quad_of(const int8_t *x) { return vreinterpretq_s8_s32(vdupq_n_s32(word(x))); }

#if defined(I8MM)
#define TILE_MOST 4

/* Two rows and two tokens to a register: rows r and r + 1 of token t, then of token t + 1; n is 2 or 4. */
ALWAYS_INLINE void octets(const uint8_t *panel, int64_t quads, const int8_t *x, int64_t stride, int32_t *sums, const int n) {
    int32x4_t a[TILE_MOST / 2][8];
#pragma GCC unroll 2
    for (int t = 0; t < n / 2; t++) {
#pragma GCC unroll 8
        for (int r = 0; r < 8; r++) {
            int32_t *s = sums + 2 * t * PANEL_ROWS + 2 * r;
            a[t][r] = vcombine_s32(vld1_s32(s), vld1_s32(s + PANEL_ROWS));
        }
    }
    for (int64_t k = 0; k < quads; k += 2, panel += 2 * QUAD, x += 8) {
        int8x16_t v[TILE_MOST / 2];
#pragma GCC unroll 2
        for (int t = 0; t < n / 2; t++) {
            v[t] = vcombine_s8(vld1_s8(x + 2 * t * stride), vld1_s8(x + (2 * t + 1) * stride));
        }
#pragma GCC unroll 4
        for (int i = 0; i < 4; i++) {
            int32x4_t first = vreinterpretq_s32_u8(vld1q_u8(panel + 16 * i));
            int32x4_t second = vreinterpretq_s32_u8(vld1q_u8(panel + QUAD + 16 * i));
            int8x16_t p = vreinterpretq_s8_s32(vzip1q_s32(first, second));
            int8x16_t q = vreinterpretq_s8_s32(vzip2q_s32(first, second));
#pragma GCC unroll 2
            for (int t = 0; t < n / 2; t++) {
                a[t][2 * i] = vmmlaq_s32(a[t][2 * i], v[t], p);
                a[t][2 * i + 1] = vmmlaq_s32(a[t][2 * i + 1], v[t], q);
            }
        }
    }
#pragma GCC unroll 2
    for (int t = 0; t < n / 2; t++) {
#pragma GCC unroll 8
        for (int r = 0; r < 8; r++) {
            int32_t *s = sums + 2 * t * PANEL_ROWS + 2 * r;
            vst1_s32(s, vget_low_s32(a[t][r]));
            vst1_s32(s + PANEL_ROWS, vget_high_s32(a[t][r]));
        }
    }
}
#elif defined(DOTPROD)
#define TILE_MOST 6
#else
#define TILE_MOST 3
#endif

#if defined(DOTPROD)
ALWAYS_INLINE void quads_of(const uint8_t *panel, int64_t quads, const int8_t *x, int64_t stride, int32_t *sums, const int n) {
    int32x4_t a[6][4];
#pragma GCC unroll 6
    for (int t = 0; t < n; t++) {
#pragma GCC unroll 4
        for (int i = 0; i < 4; i++) {
            a[t][i] = vld1q_s32(sums + t * PANEL_ROWS + 4 * i);
        }
    }
    for (int64_t k = 0; k < quads; k++, panel += QUAD, x += 4) {
        int8x16_t p[4];
#pragma GCC unroll 4
        for (int i = 0; i < 4; i++) {
            p[i] = vreinterpretq_s8_u8(vld1q_u8(panel + 16 * i));
        }
#pragma GCC unroll 6
        for (int t = 0; t < n; t++) {
            int8x16_t v = quad_of(x + t * stride);
#pragma GCC unroll 4
            for (int i = 0; i < 4; i++) {
                a[t][i] = vdotq_s32(a[t][i], p[i], v);
            }
        }
    }
#pragma GCC unroll 6
    for (int t = 0; t < n; t++) {
#pragma GCC unroll 4
        for (int i = 0; i < 4; i++) {
            vst1q_s32(sums + t * PANEL_ROWS + 4 * i, a[t][i]);
        }
    }
}
#else
ALWAYS_INLINE void quads_of(const uint8_t *panel, int64_t quads, const int8_t *x, int64_t stride, int32_t *sums, const int n) {
    for (int64_t k = 0; k < quads;) {
        int64_t end = least(k + 128, quads); /* each quad adds one product to a lane */
        int16x8_t a[3][8]; /* lanes: four columns of two rows */
#pragma GCC unroll 3
        for (int t = 0; t < n; t++) {
#pragma GCC unroll 8
            for (int i = 0; i < 8; i++) {
                a[t][i] = vdupq_n_s16(0);
            }
        }
        for (; k < end; k++, panel += QUAD, x += 4) {
#pragma GCC unroll 4
            for (int i = 0; i < 4; i++) {
                int8x16_t p = vreinterpretq_s8_u8(vld1q_u8(panel + 16 * i));
#pragma GCC unroll 3
                for (int t = 0; t < n; t++) {
                    int8x16_t v = quad_of(x + t * stride);
                    a[t][2 * i] = vmlal_s8(a[t][2 * i], vget_low_s8(p), vget_low_s8(v));
                    a[t][2 * i + 1] = vmlal_high_s8(a[t][2 * i + 1], p, v);
                }
            }
        }
#pragma GCC unroll 3
        for (int t = 0; t < n; t++) {
#pragma GCC unroll 4
            for (int i = 0; i < 4; i++) {
                int32_t *s = sums + t * PANEL_ROWS + 4 * i;
                vst1q_s32(s, vld1q_s32(s) + vpaddq_s32(vpaddlq_s16(a[t][2 * i]), vpaddlq_s16(a[t][2 * i + 1])));
            }
        }
    }
}
#endif

ALWAYS_INLINE void tile(const uint8_t *panel, int64_t quads, const int8_t *x, int64_t stride, int32_t *sums, const int n) {
#if defined(I8MM)
    if (n > 1) {
        int64_t even = quads & -2;
        octets(panel, even, x, stride, sums, n);
        panel += even * QUAD;
        x += 4 * even;
        quads -= even;
    }
#endif
    quads_of(panel, quads, x, stride, sums, n);
}

static void tiles(const uint8_t *panel, int64_t quads, const int8_t *x, int64_t stride, int64_t tokens, int32_t *sums) {
    int64_t t = 0;
    for (; t + TILE_MOST <= tokens; t += TILE_MOST) {
        tile(panel, quads, x + t * stride, stride, sums + t * PANEL_ROWS, TILE_MOST);
    }
    for (; t + 2 <= tokens; t += 2) {
        tile(panel, quads, x + t * stride, stride, sums + t * PANEL_ROWS, 2);
    }
    for (; t < tokens; t++) {
        tile(panel, quads, x + t * stride, stride, sums + t * PANEL_ROWS, 1);
    }
}
