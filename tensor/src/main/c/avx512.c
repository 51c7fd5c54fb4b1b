/* AVX-512 with VNNI. */
#include "wide.h"

const struct verbs trit_avx512 = ALL_VERBS;
