/* NEON with the dot-product instructions of ARMv8.2. */
#define DOTPROD
#include "neon.h"

const struct verbs trit_dotprod = ALL_VERBS;
