/* What x86.h gives the other variants: 32 bytes at a time, and the pieces of stored blocks. */
#ifndef TRIT_NEON_BYTES_H
#define TRIT_NEON_BYTES_H

#include "trit.h"

#include <arm_neon.h>

ALWAYS_INLINE int32_t word(const int8_t *at) {
    int32_t value;
    __builtin_memcpy(&value, at, 4);
    return value;
}

/* 32 bytes; shifts are of bytes. */
typedef uint8x16x2_t b32;
#define B32(x, y) ((b32){{x, y}})
ALWAYS_INLINE b32 b32_load(const void *p) { return B32(vld1q_u8(p), vld1q_u8((const uint8_t *)p + 16)); }
ALWAYS_INLINE void b32_store(void *p, b32 x) {
    vst1q_u8(p, x.val[0]);
    vst1q_u8((uint8_t *)p + 16, x.val[1]);
}
ALWAYS_INLINE b32 b32_set(int8_t x) { return B32(vdupq_n_u8((uint8_t)x), vdupq_n_u8((uint8_t)x)); }
ALWAYS_INLINE b32 b32_and(b32 x, b32 y) { return B32(x.val[0] & y.val[0], x.val[1] & y.val[1]); }
ALWAYS_INLINE b32 b32_or(b32 x, b32 y) { return B32(x.val[0] | y.val[0], x.val[1] | y.val[1]); }
ALWAYS_INLINE b32 b32_sub(b32 x, b32 y) { return B32(x.val[0] - y.val[0], x.val[1] - y.val[1]); }
ALWAYS_INLINE b32 b32_right(b32 x, const int n) { return B32(x.val[0] >> n, x.val[1] >> n); }
ALWAYS_INLINE b32 b32_left(b32 x, const int n) { return B32(x.val[0] << n, x.val[1] << n); }

ALWAYS_INLINE float half_at(const uint8_t *p) {
    uint16_t h;
    __builtin_memcpy(&h, p, 2);
    return vgetq_lane_f32(vcvt_f32_f16(vreinterpret_f16_u16(vdup_n_u16(h))), 0);
}

/* 32 nibbles: low ones first. */
ALWAYS_INLINE void nibbles(const uint8_t *p, int8_t *q) {
    uint8x16_t b = vld1q_u8(p);
    b32_store(q, B32(b & 15, b >> 4));
}

/* Sixteen where bit j of bits is set, for bytes j = 0 ... 31. */
ALWAYS_INLINE b32 fifth_bits(const uint8_t *p) {
    const uint8x16_t bit = vreinterpretq_u8_u64(vdupq_n_u64(0x8040201008040201));
    uint8x16_t low = vcombine_u8(vdup_n_u8(p[0]), vdup_n_u8(p[1]));
    uint8x16_t high = vcombine_u8(vdup_n_u8(p[2]), vdup_n_u8(p[3]));
    return B32(vtstq_u8(low, bit) & 16, vtstq_u8(high, bit) & 16);
}

/* Ask for a line in the first-level cache, and in the second-level cache. */
#define PREFETCH_NEAR(p) __builtin_prefetch(p, 0, 3)
#define PREFETCH_FAR(p) __builtin_prefetch(p, 0, 2)

#endif
