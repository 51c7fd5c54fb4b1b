/* The sixteen virtual lanes of a float reduction as four 128-bit registers; v16_256.h says what each function does. */
typedef struct {
    float32x4_t a, b, c, d; /* lanes 0-3, 4-7, 8-11, 12-15 */
} v16;

#define V16(a, b, c, d) ((v16){a, b, c, d})

ALWAYS_INLINE v16 v16_set(float f) {
    float32x4_t v = vdupq_n_f32(f);
    return V16(v, v, v, v);
}
ALWAYS_INLINE v16 v16_zero(void) { return v16_set(0); }
ALWAYS_INLINE v16 v16_load(const float *p) {
    return V16(vld1q_f32(p), vld1q_f32(p + 4), vld1q_f32(p + 8), vld1q_f32(p + 12));
}
ALWAYS_INLINE void v16_store(float *p, v16 x) {
    vst1q_f32(p, x.a);
    vst1q_f32(p + 4, x.b);
    vst1q_f32(p + 8, x.c);
    vst1q_f32(p + 12, x.d);
}
#define LANES(f, x, y) V16(f((x).a, (y).a), f((x).b, (y).b), f((x).c, (y).c), f((x).d, (y).d))
#define LANES3(f, x, y, z) \
    V16(f((x).a, (y).a, (z).a), f((x).b, (y).b, (z).b), f((x).c, (y).c, (z).c), f((x).d, (y).d, (z).d))
ALWAYS_INLINE v16 v16_add(v16 x, v16 y) { return LANES(vaddq_f32, x, y); }
ALWAYS_INLINE v16 v16_sub(v16 x, v16 y) { return LANES(vsubq_f32, x, y); }
ALWAYS_INLINE v16 v16_mul(v16 x, v16 y) { return LANES(vmulq_f32, x, y); }
ALWAYS_INLINE v16 v16_div(v16 x, v16 y) { return LANES(vdivq_f32, x, y); }
ALWAYS_INLINE v16 v16_fma(v16 x, v16 y, v16 z) { return LANES3(vfmaq_f32, z, x, y); }
ALWAYS_INLINE v16 v16_fnma(v16 x, v16 y, v16 z) { return LANES3(vfmsq_f32, z, x, y); }
/* Not fmax and fmin: those order zeros and pass NaNs on in other ways than x86. */
ALWAYS_INLINE float32x4_t larger(float32x4_t x, float32x4_t y) { return vbslq_f32(vcgtq_f32(x, y), x, y); }
ALWAYS_INLINE float32x4_t smaller(float32x4_t x, float32x4_t y) { return vbslq_f32(vcltq_f32(x, y), x, y); }
ALWAYS_INLINE v16 v16_max(v16 x, v16 y) { return LANES(larger, x, y); }
ALWAYS_INLINE v16 v16_min(v16 x, v16 y) { return LANES(smaller, x, y); }
ALWAYS_INLINE v16 v16_abs(v16 x) { return V16(vabsq_f32(x.a), vabsq_f32(x.b), vabsq_f32(x.c), vabsq_f32(x.d)); }

ALWAYS_INLINE v16 v16_load_some(const float *p, int64_t n) {
    float copy[16] = {0};
    for (int64_t i = 0; i < n; i++) {
        copy[i] = p[i];
    }
    return v16_load(copy);
}
ALWAYS_INLINE void v16_store_some(float *p, v16 x, int64_t n) {
    float copy[16];
    v16_store(copy, x);
    for (int64_t i = 0; i < n; i++) {
        p[i] = copy[i];
    }
}
ALWAYS_INLINE float32x4_t keep4(float32x4_t changed, float32x4_t old, int64_t n) {
    const int32x4_t lane = {0, 1, 2, 3};
    return vbslq_f32(vcltq_s32(lane, vdupq_n_s32((int32_t)n)), changed, old);
}
ALWAYS_INLINE v16 v16_keep(v16 x, v16 old, int64_t n) {
    return V16(keep4(x.a, old.a, n), keep4(x.b, old.b, n - 4), keep4(x.c, old.c, n - 8), keep4(x.d, old.d, n - 12));
}

ALWAYS_INLINE float32x4_t halves4(const uint16_t *p) { return vcvt_f32_f16(vreinterpret_f16_u16(vld1_u16(p))); }
ALWAYS_INLINE v16 v16_halves(const void *p) {
    const uint16_t *h = p;
    return V16(halves4(h), halves4(h + 4), halves4(h + 8), halves4(h + 12));
}
ALWAYS_INLINE float32x4_t bf16x4(const uint16_t *p) { return vreinterpretq_f32_u32(vshll_n_u16(vld1_u16(p), 16)); }
ALWAYS_INLINE v16 v16_bf16(const void *p) {
    const uint16_t *h = p;
    return V16(bf16x4(h), bf16x4(h + 4), bf16x4(h + 8), bf16x4(h + 12));
}
ALWAYS_INLINE v16 v16_bytes(const void *p) {
    int8x16_t q = vld1q_s8(p);
    int16x8_t low = vmovl_s8(vget_low_s8(q)), high = vmovl_high_s8(q);
    return V16(vcvtq_f32_s32(vmovl_s16(vget_low_s16(low))), vcvtq_f32_s32(vmovl_high_s16(low)),
               vcvtq_f32_s32(vmovl_s16(vget_low_s16(high))), vcvtq_f32_s32(vmovl_high_s16(high)));
}

ALWAYS_INLINE float32x4_t scale2(float32x4_t p, float32x4_t k) {
    int32x4_t n = vcvtq_s32_f32(k), half = n >> 1;
    float32x4_t a = vreinterpretq_f32_s32((half + 127) << 23), b = vreinterpretq_f32_s32((n - half + 127) << 23);
    return vmulq_f32(vmulq_f32(p, a), b);
}
ALWAYS_INLINE v16 v16_scale2(v16 p, v16 k) { return LANES(scale2, p, k); }

typedef int32x4_t i16s;
ALWAYS_INLINE i16s i16s_zero(void) { return vdupq_n_s32(0); }
ALWAYS_INLINE int16x8_t rounded(float32x4_t x, float32x4_t y) {
    return vqmovn_high_s32(vqmovn_s32(vcvtnq_s32_f32(x)), vcvtnq_s32_f32(y));
}
ALWAYS_INLINE i16s v16_codes(v16 x, int8_t *bytes, int16_t *shorts, i16s sums) {
    int8x16_t codes = vqmovn_high_s16(vqmovn_s16(rounded(x.a, x.b)), rounded(x.c, x.d));
    int16x8_t low = vmovl_s8(vget_low_s8(codes)), high = vmovl_high_s8(codes);
    vst1q_s8(bytes, codes);
    vst1q_s16(shorts, low);
    vst1q_s16(shorts + 8, high);
    return vpadalq_s16(vpadalq_s16(sums, low), high);
}
ALWAYS_INLINE int32_t i16s_sum(i16s a) { return vaddvq_s32(a); }

/* 32 words, and the sixteen 32-bit sums of their products two by two. */
typedef int16x8x4_t w32;
typedef int32x4x4_t s16;
#define EACH4(type, i, of) ({ type each; _Pragma("GCC unroll 4") for (int i = 0; i < 4; i++) { each.val[i] = of; } each; })
ALWAYS_INLINE w32 w32_load(const int16_t *p) { return EACH4(w32, i, vld1q_s16(p + 8 * i)); }
ALWAYS_INLINE s16 s16_zero(void) { return EACH4(s16, i, vdupq_n_s32(0)); }
ALWAYS_INLINE s16 s16_add(s16 x, s16 y) { return EACH4(s16, i, vaddq_s32(x.val[i], y.val[i])); }
ALWAYS_INLINE int32x4_t pairs(int16x8_t x, int16x8_t y) {
    return vpaddq_s32(vmull_s16(vget_low_s16(x), vget_low_s16(y)), vmull_high_s16(x, y));
}
ALWAYS_INLINE s16 s16_dot(s16 sums, w32 x, w32 y) {
    return EACH4(s16, i, vaddq_s32(sums.val[i], pairs(x.val[i], y.val[i])));
}
ALWAYS_INLINE v16 v16_ints(s16 x) {
    return V16(vcvtq_f32_s32(x.val[0]), vcvtq_f32_s32(x.val[1]), vcvtq_f32_s32(x.val[2]), vcvtq_f32_s32(x.val[3]));
}

/* The fixed tree: lanes i and i+8, i and i+4; then i and i+2, i and i+1. */
ALWAYS_INLINE float32x4_t v16_four(v16 x) { return vaddq_f32(vaddq_f32(x.a, x.c), vaddq_f32(x.b, x.d)); }
ALWAYS_INLINE float v16_tree(v16 x) {
    float32x4_t s = v16_four(x);
    float32x2_t t = vadd_f32(vget_low_f32(s), vget_high_f32(s));
    return vget_lane_f32(t, 0) + vget_lane_f32(t, 1);
}
ALWAYS_INLINE float32x4_t pair_sums(float32x4_t x, float32x4_t y) { /* x0+x2 x1+x3 y0+y2 y1+y3 */
    float64x2_t p = vreinterpretq_f64_f32(x), q = vreinterpretq_f64_f32(y);
    return vaddq_f32(vreinterpretq_f32_f64(vtrn1q_f64(p, q)), vreinterpretq_f32_f64(vtrn2q_f64(p, q)));
}
ALWAYS_INLINE void v16_tree4(v16 p, v16 q, v16 r, v16 s, float scale, float *out) {
    float32x4_t x = pair_sums(v16_four(p), v16_four(q)), y = pair_sums(v16_four(r), v16_four(s));
    vst1q_f32(out, vmulq_f32(vaddq_f32(vuzp1q_f32(x, y), vuzp2q_f32(x, y)), vdupq_n_f32(scale)));
}
ALWAYS_INLINE float v16_largest(v16 x) { return vmaxvq_f32(larger(larger(x.a, x.c), larger(x.b, x.d))); }

#include "v16.h"
