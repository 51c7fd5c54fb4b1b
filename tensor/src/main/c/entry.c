/* What Java calls. Compiled for the least processor of its kind: it decides what else may run. */
#include "trit.h"

#if defined(__aarch64__)
#include "variants_arm.h"
#else
#include "variants_x86.h"
#endif

/* The compiler that made this library. */
TRIT_EXPORT const char *trit_compiler(void) {
#ifdef __clang__
    return __VERSION__;
#else
    return "gcc " __VERSION__;
#endif
}

/* Bit v is set if variant v runs here. */
TRIT_EXPORT int32_t trit_variants(void) { return runnable(); }

TRIT_EXPORT int64_t trit_ternary_scratch(void) { return sizeof(struct ternary_scratch); }

TRIT_EXPORT void trit_ternary(int32_t variant, const uint8_t *w, int64_t rows, int64_t cols, const int32_t *starts,
                              const float *scales, int64_t ranges, int64_t group, int64_t triples, const int8_t *x,
                              int64_t stride, int64_t tokens, const int32_t *sums, const float *activation_scales, int64_t from,
                              int64_t to, float *y, int64_t y_stride, void *scratch) {
    struct ternary matrix = {w, rows, cols, starts, scales, ranges, group, triples};
    struct activations activations = {x, stride, tokens, sums, activation_scales};
    VARIANTS[variant]->ternary(&matrix, &activations, from, to, y, y_stride, scratch);
}

TRIT_EXPORT void trit_dense(int32_t variant, int32_t type, const uint8_t *w, int64_t row_bytes, int64_t cols,
                            const float *x, int64_t x_stride, int64_t tokens, int64_t from, int64_t to, float *y,
                            int64_t y_stride, float *scratch) {
    VARIANTS[variant]->dense(type, w, row_bytes, cols, x, x_stride, tokens, from, to, y, y_stride, scratch);
}

TRIT_EXPORT void trit_screen(int32_t variant, const uint8_t *w, int64_t rows, int64_t cols, const float *scales,
                             const int8_t *x, int64_t stride, int64_t tokens, const int32_t *sums,
                             const float *activation_scales, int64_t from, int64_t to, float *y, int64_t y_stride) {
    struct activations activations = {x, stride, tokens, sums, activation_scales};
    VARIANTS[variant]->screen(w, rows, cols, scales, &activations, from, to, y, y_stride);
}

TRIT_EXPORT void trit_hadamard(int32_t variant, float *x, int64_t n) { VARIANTS[variant]->hadamard(x, n); }

TRIT_EXPORT void trit_row(int32_t variant, int32_t type, const uint8_t *w, int64_t cols, float *out) {
    VARIANTS[variant]->row(type, w, cols, out);
}

TRIT_EXPORT float trit_dot(int32_t variant, const float *x, const float *y, int64_t n) {
    return VARIANTS[variant]->dot(x, y, n);
}

TRIT_EXPORT void trit_axpy(int32_t variant, float alpha, const float *x, float *y, int64_t n) {
    VARIANTS[variant]->axpy(alpha, x, y, n);
}

TRIT_EXPORT void trit_add(int32_t variant, const float *x, float *y, int64_t n) { VARIANTS[variant]->add(x, y, n); }

TRIT_EXPORT void trit_rms_norm(int32_t variant, const float *x, const float *gain, float eps, float *y, int64_t n) {
    VARIANTS[variant]->rms_norm(x, gain, eps, y, n);
}

TRIT_EXPORT void trit_softmax(int32_t variant, float *x, int64_t n) { VARIANTS[variant]->softmax(x, n); }

TRIT_EXPORT void trit_rope(int32_t variant, float *x, int64_t n, const float *cos, const float *sin) {
    VARIANTS[variant]->rope(x, n, cos, sin);
}

TRIT_EXPORT void trit_swiglu(int32_t variant, const float *gate, const float *up, float *out, int64_t n) {
    VARIANTS[variant]->swiglu(gate, up, out, n);
}

TRIT_EXPORT void trit_relu2glu(int32_t variant, const float *gate, const float *up, float *out, int64_t n) {
    VARIANTS[variant]->relu2glu(gate, up, out, n);
}

TRIT_EXPORT void trit_quantize(int32_t variant, const float *x, int64_t n, int8_t *bytes, int16_t *shorts, int32_t *sum,
                               float *scale) {
    VARIANTS[variant]->quantize(x, n, bytes, shorts, sum, scale);
}

TRIT_EXPORT void trit_scores(int32_t variant, const float *q, int64_t queries, int32_t type, const void *keys,
                             const float *scales, int64_t n, int64_t positions, float scale, float *out,
                             int64_t out_stride, const void *next) {
    VARIANTS[variant]->scores(q, queries, type, keys, scales, n, positions, scale, out, out_stride, next);
}

TRIT_EXPORT void trit_mix(int32_t variant, const float *weights, int64_t w_stride, int64_t queries, int32_t type,
                          const void *values, const float *scales, int64_t n, int64_t positions, float *out,
                          const void *next) {
    VARIANTS[variant]->mix(weights, w_stride, queries, type, values, scales, n, positions, out, next);
}
