/*
 * The ternary product. A variant that includes this file has defined, for its instruction set:
 *
 *   PANEL_ROWS, a multiple of 8
 *   PANEL_FROM, the number of tokens from which a panel pays; GROUPED_FROM, if it is another with scales per group
 *   FEW, and void rows8(const uint8_t *w, int64_t blocks, const int8_t *x, int64_t stride, const int n, int32_t *sums)
 *       sums [n][8] of code * x of one row group over whole blocks for n <= FEW tokens
 *   void unpack(const uint8_t *w, int64_t group_bytes, int64_t groups, int64_t blocks, uint8_t *panel)
 *       up to PANEL_ROWS rows to [cols / 4][PANEL_ROWS][4], rows that are not there as zeros
 *   void tiles(const uint8_t *panel, int64_t quads, const int8_t *x, int64_t stride, int64_t tokens, int32_t *sums)
 *       adds code * x over 4 * quads columns to sums [tokens][PANEL_ROWS]
 *
 * and, where TRIPLES is defined, TRIPLE_FEW, triples and unpack_triples of triples.h.
 *
 * Few tokens stream the packed bytes as they lie; many tokens meet panels that are unpacked once for all of them.
 */

#ifdef TRIPLES
#define MOST_SUMS (TRIPLE_FEW * TRIPLE_ROWS)
#else
#define MOST_SUMS (FEW * ROW_GROUP)
#endif

#ifndef GROUPED_FROM
#define GROUPED_FROM PANEL_FROM
#endif

ALWAYS_INLINE int64_t group_rows(const struct ternary *w) { return w->triples ? TRIPLE_ROWS : ROW_GROUP; }

ALWAYS_INLINE int64_t block_bytes(const struct ternary *w) { return w->triples ? TRIPLE_BYTES : BLOCK_BYTES; }

/* Sums [n][rows] of one row group by as many of the tokens as one pass takes, n. */
ALWAYS_INLINE int64_t sums_of(const struct ternary *w, const uint8_t *at, int64_t blocks, const int8_t *x, int64_t stride,
                              int64_t tokens, int32_t *sums) {
#ifdef TRIPLES
    if (w->triples) {
        return triples(at, blocks, x, stride, tokens, sums);
    }
#else
    (void)w;
#endif
    if (tokens == 1) {
        rows8(at, blocks, x, stride, 1, sums);
        return 1;
    }
    if (FEW == 2 || tokens == 2) {
        rows8(at, blocks, x, stride, 2, sums);
        return 2;
    }
    rows8(at, blocks, x, stride, 3, sums);
    return 3;
}

ALWAYS_INLINE float scale_of(const struct ternary *w, int64_t row, int64_t *range) {
    while (*range + 1 < w->ranges && w->starts[*range + 1] <= row) {
        ++*range;
    }
    return w->scales[*range];
}

ALWAYS_INLINE int32_t sum_of(const int8_t *x, int64_t n) {
    int32_t sum = 0;
    for (int64_t i = 0; i < n; i++) {
        sum += x[i];
    }
    return sum;
}

/* y = (S - sum of x) * (weight scale * activation scale), rows first ... first+n-1. */
ALWAYS_INLINE void store(const struct ternary *w, const struct activations *x, int64_t t, int64_t first, int64_t n,
                         const int32_t *sums, float *y, int64_t *range) {
    float activation = x->scales[t];
    int32_t minus = x->sums[t];
    if (w->ranges == 1) {
        float scale = w->scales[0] * activation;
        for (int64_t i = 0; i < n; i++) {
            y[i] = (float)(sums[i] - minus) * scale;
        }
        return;
    }
    for (int64_t i = 0; i < n; i++) {
        y[i] = (float)(sums[i] - minus) * (scale_of(w, first + i, range) * activation);
    }
}

static void few_tokens(const struct ternary *w, const struct activations *x, int64_t from, int64_t to, float *y,
                       int64_t y_stride) {
    int64_t blocks = (w->cols + BLOCK - 1) / BLOCK;
    int64_t rows = group_rows(w), group_bytes = blocks * block_bytes(w);
    int32_t sums[MOST_SUMS];
    int64_t range = 0;
    for (int64_t r = from; r < to; r += rows) {
        const uint8_t *at = w->w + r / rows * group_bytes;
        int64_t n = least(to - r, rows), after = range;
        for (int64_t t = 0; t < x->tokens;) {
            int64_t some = sums_of(w, at, blocks, x->x + t * x->stride, x->stride, x->tokens - t, sums);
            for (int64_t i = 0; i < some; i++, t++) {
                after = range;
                store(w, x, t, r, n, sums + i * rows, y + t * y_stride + r, &after);
            }
        }
        range = after;
    }
}

/* Scales per group of columns, a multiple of BLOCK. */
static void few_tokens_grouped(const struct ternary *w, const struct activations *x, int64_t from, int64_t to, float *y,
                               int64_t y_stride, int32_t *group_sums) {
    int64_t blocks = (w->cols + BLOCK - 1) / BLOCK;
    int64_t group_bytes = blocks * BLOCK_BYTES;
    int64_t groups = (w->cols + w->group - 1) / w->group;
    int64_t step = w->group / BLOCK;
    for (int64_t t = 0; t < x->tokens; t++) {
        const int8_t *q = x->x + t * x->stride;
        for (int64_t g = 0; g < groups; g++) {
            group_sums[g] = sum_of(q + g * w->group, least(w->group, w->cols - g * w->group));
        }
        for (int64_t r = from; r < to; r += ROW_GROUP) {
            const uint8_t *at = w->w + r / ROW_GROUP * group_bytes;
            int64_t n = least(to - r, ROW_GROUP);
            float acc[ROW_GROUP] = {0};
            for (int64_t g = 0; g < groups; g++) {
                int32_t sums[ROW_GROUP];
                int64_t b = g * step;
                rows8(at + b * BLOCK_BYTES, least(step, blocks - b), q + b * BLOCK, 0, 1, sums);
                for (int64_t i = 0; i < n; i++) {
                    acc[i] = __builtin_fmaf((float)(sums[i] - group_sums[g]), w->scales[(r + i) * groups + g], acc[i]);
                }
            }
            for (int64_t i = 0; i < n; i++) {
                y[t * y_stride + r + i] = acc[i] * x->scales[t];
            }
        }
    }
}

ALWAYS_INLINE void unpack_rows(const struct ternary *w, const uint8_t *at, int64_t group_bytes, int64_t n, int64_t blocks,
                               uint8_t *panel) {
#ifdef TRIPLES
    if (w->triples) {
        unpack_triples(at, group_bytes, (n + TRIPLE_ROWS - 1) / TRIPLE_ROWS, blocks, panel);
        return;
    }
#else
    (void)w;
#endif
    unpack(at, group_bytes, (n + ROW_GROUP - 1) / ROW_GROUP, blocks, panel);
}

/* One panel of rows by up to TOKENS tokens, columns in pieces that fit the panel. */
static void panel_whole(const struct ternary *w, const struct activations *x, int64_t r, int64_t n, float *y,
                        int64_t y_stride, struct ternary_scratch *s) {
    int64_t blocks = (w->cols + BLOCK - 1) / BLOCK;
    int64_t group_bytes = blocks * block_bytes(w);
    const uint8_t *at = w->w + r / group_rows(w) * group_bytes;
    for (int64_t i = 0; i < x->tokens * PANEL_ROWS; i++) {
        s->sums[i] = 0;
    }
    for (int64_t b = 0; b < blocks; b += PANEL_COLS / BLOCK) {
        int64_t now = least(blocks - b, PANEL_COLS / BLOCK);
        unpack_rows(w, at + b * block_bytes(w), group_bytes, n, now, s->panel);
        tiles(s->panel, now * (BLOCK / 4), x->x + b * BLOCK, x->stride, x->tokens, s->sums);
    }
    int64_t range = 0;
    for (int64_t t = 0; t < x->tokens; t++) {
        int64_t again = range;
        store(w, x, t, r, n, s->sums + t * PANEL_ROWS, y + t * y_stride, &again);
    }
}

static void panel_grouped(const struct ternary *w, const struct activations *x, int64_t r, int64_t n, float *y,
                          int64_t y_stride, struct ternary_scratch *s) {
    int64_t blocks = (w->cols + BLOCK - 1) / BLOCK;
    int64_t group_bytes = blocks * BLOCK_BYTES;
    int64_t groups = (w->cols + w->group - 1) / w->group;
    const uint8_t *at = w->w + r / ROW_GROUP * group_bytes;
    for (int64_t i = 0; i < x->tokens * PANEL_ROWS; i++) {
        s->acc[i] = 0;
    }
    int64_t unpacked = 0, until = 0; /* columns that the panel holds */
    for (int64_t g = 0; g < groups; g++) {
        int64_t from = g * w->group, to = least(from + w->group, w->cols);
        int64_t quads = (to - from + 3) / 4; /* the last quad may reach into the padding: code 0, activation 0 */
        if (to > until) {
            unpacked = from / BLOCK * BLOCK;
            until = least(unpacked + PANEL_COLS, blocks * BLOCK);
            unpack(at + unpacked / BLOCK * BLOCK_BYTES, group_bytes, (n + ROW_GROUP - 1) / ROW_GROUP,
                   (until - unpacked) / BLOCK, s->panel);
        }
        for (int64_t i = 0; i < x->tokens * PANEL_ROWS; i++) {
            s->sums[i] = 0;
        }
        tiles(s->panel + (from - unpacked) * PANEL_ROWS, quads, x->x + from, x->stride, x->tokens, s->sums);
        for (int64_t t = 0; t < x->tokens; t++) {
            int32_t minus = sum_of(x->x + t * x->stride + from, to - from);
            for (int64_t i = 0; i < n; i++) {
                float *acc = &s->acc[t * PANEL_ROWS + i];
                *acc = __builtin_fmaf((float)(s->sums[t * PANEL_ROWS + i] - minus), w->scales[(r + i) * groups + g], *acc);
            }
        }
    }
    for (int64_t t = 0; t < x->tokens; t++) {
        for (int64_t i = 0; i < n; i++) {
            y[t * y_stride + i] = s->acc[t * PANEL_ROWS + i] * x->scales[t];
        }
    }
}

static void ternary(const struct ternary *w, const struct activations *x, int64_t from, int64_t to, float *y,
                    int64_t y_stride, struct ternary_scratch *s) {
    if (x->tokens < (w->group == 0 ? PANEL_FROM : GROUPED_FROM) && w->group % BLOCK == 0) {
        if (w->group == 0) {
            few_tokens(w, x, from, to, y, y_stride);
        } else {
            few_tokens_grouped(w, x, from, to, y, y_stride, s->sums);
        }
        return;
    }
    for (int64_t t = 0; t < x->tokens; t += TOKENS) {
        struct activations some = {x->x + t * x->stride, x->stride, least(x->tokens - t, TOKENS), x->sums + t,
                                   x->scales + t};
        for (int64_t r = from; r < to; r += PANEL_ROWS) {
            int64_t n = least(to - r, PANEL_ROWS);
            if (w->group == 0) {
                panel_whole(w, &some, r, n, y + t * y_stride + r, y_stride, s);
            } else {
                panel_grouped(w, &some, r, n, y + t * y_stride + r, y_stride, s);
            }
        }
    }
}
