/*
 * The ternary product on 1.67 bits a weight, for AVX-512 with VBMI. Row groups of 24 are 8 triples; three rows at one column
 * are v = 9 a + 3 b + c, from -13 to 13. A block of 64 columns is five lines: byte c of line k has |v| of triple 2k in its
 * low bits and of triple 2k + 1 in its high ones, bit k of byte c of the fifth line is set where v of triple k is negative.
 */

/* Tokens that one pass takes, and those up to which it unpacks two triples at a time. */
#define TRIPLE_FEW 8
#define TRIPLE_TWO 4

/* Codes of the three rows for |v| in bits 0-3 and its sign in bit 4; bits above are another byte's and do not count. */
#define FOUR_OF(f, i) f(i), f((i) + 1), f((i) + 2), f((i) + 3)
#define SIXTEEN_OF(f, i) FOUR_OF(f, i), FOUR_OF(f, (i) + 4), FOUR_OF(f, (i) + 8), FOUR_OF(f, (i) + 12)
#define TABLE_OF(f) {SIXTEEN_OF(f, 0), SIXTEEN_OF(f, 16), SIXTEEN_OF(f, 0), SIXTEEN_OF(f, 16)}
#define V_OF(i) ((i) < 14 ? 13 + (i) : (i) < 16 || (i) > 29 ? 13 : 29 - (i))
#define FIRST_OF(i) (V_OF(i) / 9)
#define SECOND_OF(i) (V_OF(i) / 3 % 3)
#define THIRD_OF(i) (V_OF(i) % 3)

static const int8_t TRIPLE_CODES[3][64] __attribute__((aligned(64))) = {
    TABLE_OF(FIRST_OF), TABLE_OF(SECOND_OF), TABLE_OF(THIRD_OF)};

/* 64 columns of triple k, rows one after the other. */
ALWAYS_INLINE void triple(const uint8_t *block, const int k, __m512i codes[3]) {
    __m512i v = _mm512_load_si512(block + k / 2 * 64), signs = _mm512_load_si512(block + 256);
    v = k % 2 ? _mm512_srli_epi16(v, 4) : v;
    signs = k < 4 ? _mm512_slli_epi16(signs, 4 - k) : _mm512_srli_epi16(signs, k - 4);
    __m512i index = _mm512_ternarylogic_epi32(v, signs, _mm512_set1_epi8(15), 0xe4);
#pragma GCC unroll 3
    for (int i = 0; i < 3; i++) {
        codes[i] = _mm512_permutexvar_epi8(index, _mm512_load_si512(TRIPLE_CODES[i]));
    }
}

/* Sums of 24 rows by one token. */
static void triples_1(const uint8_t *w, int64_t blocks, const int8_t *x, int32_t *sums) {
    __m512i a[TRIPLE_ROWS];
#pragma GCC unroll 24
    for (int i = 0; i < TRIPLE_ROWS; i++) {
        a[i] = _mm512_setzero_si512();
    }
    for (int64_t b = 0; b < blocks; b++, w += TRIPLE_BYTES, x += BLOCK) {
        __m512i q = _mm512_loadu_si512(x);
#pragma GCC unroll 5
        for (int i = 0; i < TRIPLE_BYTES; i += 64) {
            _mm_prefetch((const char *)w + AHEAD + i, _MM_HINT_T0);
        }
#pragma GCC unroll 8
        for (int k = 0; k < 8; k++) {
            __m512i codes[3];
            triple(w, k, codes);
#pragma GCC unroll 3
            for (int i = 0; i < 3; i++) {
                a[3 * k + i] = _mm512_dpbusd_epi32(a[3 * k + i], codes[i], q);
            }
        }
    }
#pragma GCC unroll 3
    for (int i = 0; i < TRIPLE_ROWS; i += 8) {
        _mm256_storeu_si256((__m256i *)(sums + i), lane_sums(a + i));
    }
}

/*
 * Sums of the six rows of one line of each block by n tokens. The other lines wait in a cache for their turn; each turn asks
 * for its line of the next row group, so that memory is read at the pace of the arithmetic.
 */
ALWAYS_INLINE void triples_few(const uint8_t *w, int64_t blocks, const int8_t *x, int64_t stride, const int line, const int n,
                               int32_t *sums) {
    const int64_t next = blocks * TRIPLE_BYTES + 64 * line;
    __m512i a[TRIPLE_TWO][8];
#pragma GCC unroll 4
    for (int t = 0; t < n; t++) {
#pragma GCC unroll 8
        for (int i = 0; i < 8; i++) {
            a[t][i] = _mm512_setzero_si512();
        }
    }
    for (int64_t b = 0; b < blocks; b++, w += TRIPLE_BYTES, x += BLOCK) {
        _mm_prefetch((const char *)w + next, _MM_HINT_T1);
        if (line == 3) {
            _mm_prefetch((const char *)w + next + 64, _MM_HINT_T1);
        }
#pragma GCC unroll 2
        for (int k = 0; k < 2; k++) {
            __m512i codes[3];
            triple(w, 2 * line + k, codes);
#pragma GCC unroll 4
            for (int t = 0; t < n; t++) {
                __m512i q = _mm512_loadu_si512(x + t * stride);
#pragma GCC unroll 3
                for (int i = 0; i < 3; i++) {
                    a[t][3 * k + i] = _mm512_dpbusd_epi32(a[t][3 * k + i], codes[i], q);
                }
            }
        }
    }
#pragma GCC unroll 4
    for (int t = 0; t < n; t++) {
        int32_t eight[8];
        _mm256_storeu_si256((__m256i *)eight, lane_sums(a[t]));
        __builtin_memcpy(sums + t * TRIPLE_ROWS + 6 * line, eight, 24);
    }
}

#define TRIPLES_FEW(n)                                                                        \
    static void triples_##n(const uint8_t *w, int64_t blocks, const int8_t *x, int64_t stride, int32_t *sums) { \
        triples_few(w, blocks, x, stride, 0, n, sums);                                        \
        triples_few(w, blocks, x, stride, 1, n, sums);                                        \
        triples_few(w, blocks, x, stride, 2, n, sums);                                        \
        triples_few(w, blocks, x, stride, 3, n, sums);                                        \
    }

TRIPLES_FEW(2)
TRIPLES_FEW(3)
TRIPLES_FEW(4)

/* Sums of the three rows of triple k by n tokens, for more tokens than two triples leave registers for. */
ALWAYS_INLINE void triples_more(const uint8_t *w, int64_t blocks, const int8_t *x, int64_t stride, const int k, const int n,
                                int32_t *sums) {
    const int64_t next = blocks * TRIPLE_BYTES + 64 * (k / 2);
    __m512i a[3 * TRIPLE_FEW];
#pragma GCC unroll 24
    for (int i = 0; i < 3 * TRIPLE_FEW; i++) {
        a[i] = _mm512_setzero_si512();
    }
    for (int64_t b = 0; b < blocks; b++, w += TRIPLE_BYTES, x += BLOCK) {
        if (k % 2 == 0) {
            _mm_prefetch((const char *)w + next, _MM_HINT_T1);
        }
        if (k == 7) {
            _mm_prefetch((const char *)w + next + 64, _MM_HINT_T1);
        }
        __m512i codes[3];
        triple(w, k, codes);
#pragma GCC unroll 8
        for (int t = 0; t < n; t++) {
            __m512i q = _mm512_loadu_si512(x + t * stride);
#pragma GCC unroll 3
            for (int i = 0; i < 3; i++) {
                a[3 * t + i] = _mm512_dpbusd_epi32(a[3 * t + i], codes[i], q);
            }
        }
    }
    int32_t all[3 * TRIPLE_FEW];
#pragma GCC unroll 3
    for (int i = 0; i < 3 * TRIPLE_FEW; i += 8) {
        _mm256_storeu_si256((__m256i *)(all + i), lane_sums(a + i));
    }
    for (int t = 0; t < n; t++) {
        __builtin_memcpy(sums + t * TRIPLE_ROWS + 3 * k, all + 3 * t, 12);
    }
}

#define TRIPLES_MORE(n)                                                                       \
    static void triples_##n(const uint8_t *w, int64_t blocks, const int8_t *x, int64_t stride, int32_t *sums) { \
        triples_more(w, blocks, x, stride, 0, n, sums);                                       \
        triples_more(w, blocks, x, stride, 1, n, sums);                                       \
        triples_more(w, blocks, x, stride, 2, n, sums);                                       \
        triples_more(w, blocks, x, stride, 3, n, sums);                                       \
        triples_more(w, blocks, x, stride, 4, n, sums);                                       \
        triples_more(w, blocks, x, stride, 5, n, sums);                                       \
        triples_more(w, blocks, x, stride, 6, n, sums);                                       \
        triples_more(w, blocks, x, stride, 7, n, sums);                                       \
    }

TRIPLES_MORE(5)
TRIPLES_MORE(6)
TRIPLES_MORE(7)
TRIPLES_MORE(8)

/* Sums [n][24] of a row group by as many of the tokens as one pass takes, n. */
static int64_t triples(const uint8_t *w, int64_t blocks, const int8_t *x, int64_t stride, int64_t tokens, int32_t *sums) {
    static void (*const several[])(const uint8_t *, int64_t, const int8_t *, int64_t, int32_t *) = {
        triples_2, triples_3, triples_4, triples_5, triples_6, triples_7, triples_8};
    if (tokens == 1) {
        triples_1(w, blocks, x, sums);
        return 1;
    }
    int64_t n = least(tokens, TRIPLE_FEW);
    several[n - 2](w, blocks, x, stride, sums);
    return n;
}

/*
 * Up to 48 rows to [cols / 4][48][4], rows that are not there as zeros. Not inlined: with its caller's it would make a frame
 * of more than 4 KiB, for which Windows wants a function of its C library.
 */
static __attribute__((noinline)) void unpack_triples(const uint8_t *w, int64_t group_bytes, int64_t groups, int64_t blocks, uint8_t *panel) {
    __m512i rows[48];
    for (int i = 0; i < 48; i++) {
        rows[i] = _mm512_setzero_si512();
    }
    for (int64_t b = 0; b < blocks; b++, w += TRIPLE_BYTES, panel += BLOCK * PANEL_ROWS) {
        for (int64_t g = 0; g < groups; g++) {
#pragma GCC unroll 8
            for (int k = 0; k < 8; k++) {
                triple(w + g * group_bytes, k, rows + TRIPLE_ROWS * g + 3 * k);
            }
        }
        for (int i = 0; i < 48; i += 16) {
            __m512i r[16];
#pragma GCC unroll 16
            for (int j = 0; j < 16; j++) {
                r[j] = rows[i + j];
            }
            transpose(r);
#pragma GCC unroll 16
            for (int j = 0; j < 16; j++) {
                _mm512_store_si512(panel + j * 4 * PANEL_ROWS + i * 4, r[j]);
            }
        }
    }
}
