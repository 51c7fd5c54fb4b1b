/* AVX-512 with VNNI and VBMI, whose permutations of bytes decode 1.67 bits a weight. */
#define TRIPLES
#include "wide.h"

const struct verbs trit_vbmi = ALL_VERBS;
