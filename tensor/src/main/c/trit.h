/*
 * The verbs that have native kernels, one table of them for each instruction set. Freestanding C: no library is linked, all
 * memory comes from the caller. What each verb computes, to the bit, is said by dev.trit.tensor.Kernels and ScalarKernels.
 */
#ifndef TRIT_H
#define TRIT_H

#include <stdint.h>

#if defined(_WIN32)
#define TRIT_EXPORT __declspec(dllexport)
#else
#define TRIT_EXPORT __attribute__((visibility("default")))
#endif

#define ALWAYS_INLINE static inline __attribute__((always_inline))

ALWAYS_INLINE int64_t least(int64_t a, int64_t b) { return a < b ? a : b; }

/* Rows that share a stream of bytes, and columns in a block of it: byte c of a block holds rows 0-3 of column c, two bits
 * each from the low end, byte 64 + c rows 4-7. Codes are trit + 1. A row group is its blocks one after the other. */
#define ROW_GROUP 8
#define BLOCK 64
#define BLOCK_BYTES 128

/* The same in 1.67 bits a weight: see triples.h. */
#define TRIPLE_ROWS 24
#define TRIPLE_BYTES 320

/* Blocks of a head's screen: byte c of the i-th 64 holds the level numbers of rows 2i (low) and 2i + 1 of column c. Level
 * number k stands for LEVELS[k] - LEVEL_BIAS; two products of 127 * 127 fit 16 bits. */
#define LEVEL_BLOCK_BYTES 256
#define LEVEL_BIAS 64
#define LEVELS 1, 16, 27, 35, 42, 49, 55, 61, 67, 73, 79, 86, 93, 101, 112, 127

/* Columns of a panel (weights unpacked to a byte each) and tokens that meet it before it is unpacked again. */
#define PANEL_COLS 4096
#define TOKENS 128

/* Rows of the largest panel of any variant. */
#define MAX_PANEL_ROWS 48

/* What a call of ternary needs beside its arguments, 64-byte aligned, one for each thread. */
struct ternary_scratch {
    uint8_t panel[PANEL_COLS * MAX_PANEL_ROWS];      /* [cols / 4][rows][4] */
    int32_t sums[TOKENS * MAX_PANEL_ROWS];           /* [tokens][rows] */
    float acc[TOKENS * MAX_PANEL_ROWS];              /* [tokens][rows], scales per group only */
    int32_t group_sums[TOKENS];                      /* sums of the activations of one group */
};

/* A ternary matrix and its scales. */
struct ternary {
    const uint8_t *w;      /* row group 0 */
    int64_t rows, cols;    /* without padding */
    const int32_t *starts; /* first row of each scale's range, ascending from 0; without groups */
    const float *scales;   /* one for each range, or [rows][groups] */
    int64_t ranges;
    int64_t group;         /* columns that share a scale, a multiple of 4 up to PANEL_COLS; 0: whole rows */
    int64_t triples;       /* 1: row groups of 24 in 1.67 bits a weight, which want VBMI and scales of whole rows */
};

/* Quantized activations: rows of int8, zero from cols to the next multiple of 64. */
struct activations {
    const int8_t *x;
    int64_t stride, tokens;
    const int32_t *sums;
    const float *scales;
};

/* Element types, in the order of dev.trit.tensor.DType. */
enum type { F32, F16, BF16, Q8_0, Q4_0, Q4_1, Q5_0, Q5_1, Q4_K, Q5_K, Q6_K };

/* Element types of keys and values, in the order of dev.trit.tensor.KvType. */
enum kv_type { KV_F32, KV_F16, KV_Q8 };

/* Rows of an ordinary matrix that are turned into floats together and then meet all tokens. */
#define DENSE_ROWS 16

struct verbs {
    void (*ternary)(const struct ternary *w, const struct activations *x, int64_t from, int64_t to, float *y,
                    int64_t y_stride, struct ternary_scratch *scratch);
    /* scratch: DENSE_ROWS rows of cols floats, for more than one token; q6k.h says what Q6_K needs */
    void (*dense)(int32_t type, const uint8_t *w, int64_t row_bytes, int64_t cols, const float *x, int64_t x_stride,
                  int64_t tokens, int64_t from, int64_t to, float *y, int64_t y_stride, float *scratch);
    void (*screen)(const uint8_t *w, int64_t rows, int64_t cols, const float *scales, const struct activations *x,
                   int64_t from, int64_t to, float *y, int64_t y_stride);
    void (*hadamard)(float *x, int64_t n);
    void (*row)(int32_t type, const uint8_t *w, int64_t cols, float *out);
    float (*dot)(const float *x, const float *y, int64_t n);
    void (*axpy)(float alpha, const float *x, float *y, int64_t n);
    void (*add)(const float *x, float *y, int64_t n);
    void (*rms_norm)(const float *x, const float *gain, float eps, float *y, int64_t n);
    void (*softmax)(float *x, int64_t n);
    void (*rope)(float *x, int64_t n, const float *cos, const float *sin);
    void (*swiglu)(const float *gate, const float *up, float *out, int64_t n);
    void (*relu2glu)(const float *gate, const float *up, float *out, int64_t n);
    void (*quantize)(const float *x, int64_t n, int8_t *bytes, int16_t *shorts, int32_t *sum, float *scale);
    /* queries and out rows of mix lie n apart; scales: of keys or values, for KV_Q8; next: elements that the next call will
       read, or NULL */
    void (*scores)(const float *q, int64_t queries, int32_t type, const void *keys, const float *scales, int64_t n,
                   int64_t positions, float scale, float *out, int64_t out_stride, const void *next);
    void (*mix)(const float *weights, int64_t w_stride, int64_t queries, int32_t type, const void *values,
                const float *scales, int64_t n, int64_t positions, float *out, const void *next);
};

#define ALL_VERBS                                                                                                      \
    {ternary, dense, screen, hadamard, row, dot, axpy, add, rms_norm, softmax, rope, swiglu, relu2glu, quantize,       \
     scores, mix}

/* NULL where a build leaves a variant out. */
extern const struct verbs trit_avx2, trit_avxvnni, trit_avx512, trit_vbmi, trit_neon, trit_dotprod, trit_i8mm;

#endif
