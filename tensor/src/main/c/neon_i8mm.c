/* NEON with the dot-product and the int8 matrix instructions of ARMv8.6. */
#define DOTPROD
#define I8MM
#include "neon.h"

const struct verbs trit_i8mm = ALL_VERBS;
