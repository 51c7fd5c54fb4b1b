/* The two functions that compilers call without being asked, where no C library is linked. */
#include <stddef.h>

__attribute__((visibility("hidden"))) void *memset(void *to, int value, size_t n) {
    unsigned char *at = to;
    for (size_t i = 0; i < n; i++) {
        *(volatile unsigned char *)(at + i) = (unsigned char)value;
    }
    return to;
}

__attribute__((visibility("hidden"))) void *memcpy(void *restrict to, const void *restrict from, size_t n) {
    unsigned char *at = to;
    const unsigned char *source = from;
    for (size_t i = 0; i < n; i++) {
        *(volatile unsigned char *)(at + i) = source[i];
    }
    return to;
}

#if defined(_WIN32)
int _fltused = 0; /* what Microsoft's linker expects of a program that uses floating point */
#endif
