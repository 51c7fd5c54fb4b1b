/* NEON: what every aarch64 processor has. */
#include "neon.h"

const struct verbs trit_neon = ALL_VERBS;
