/* AVX2: unsigned by signed bytes in pairs, sums in 16 bits. */
#include "x86.h"

#include "narrow.h"

const struct verbs trit_avx2 = ALL_VERBS;
