/* The aarch64 variants, and which of them run here. The numbers count on from those of x86-64. */
static const struct verbs *const VARIANTS[] = {0, 0, 0, 0, &trit_neon, &trit_dotprod, &trit_i8mm};

enum { NEON = 1 << 4, DOTPROD = 1 << 5, I8MM = 1 << 6 };

#if defined(__APPLE__)
int sysctlbyname(const char *name, void *value, unsigned long *size, void *new_value, unsigned long new_size);

static int has(const char *feature) {
    int value = 0;
    unsigned long size = sizeof value;
    return sysctlbyname(feature, &value, &size, 0, 0) == 0 && value != 0;
}

static int32_t runnable(void) {
    return NEON | (has("hw.optional.arm.FEAT_DotProd") ? DOTPROD : 0) | (has("hw.optional.arm.FEAT_I8MM") ? I8MM : 0);
}
#else
/* A call of the Linux kernel: its C library, whichever it is, is not linked. */
static int64_t kernel(int64_t number, int64_t a, int64_t b, int64_t c) {
    register int64_t x8 __asm__("x8") = number, x0 __asm__("x0") = a, x1 __asm__("x1") = b, x2 __asm__("x2") = c;
    register int64_t x3 __asm__("x3") = 0;
    __asm__ volatile("svc #0" : "+r"(x0) : "r"(x8), "r"(x1), "r"(x2), "r"(x3) : "memory");
    return x0;
}

enum { OPENAT = 56, CLOSE = 57, READ = 63, AT_FDCWD = -100, AT_HWCAP = 16, AT_HWCAP2 = 26 };

/* Where /proc cannot be read, what every aarch64 processor has. */
static int32_t runnable(void) {
    int32_t variants = NEON;
    int64_t file = kernel(OPENAT, AT_FDCWD, (int64_t) "/proc/self/auxv", 0);
    uint64_t entry[2]; /* key, value */
    while (file >= 0 && kernel(READ, file, (int64_t)entry, sizeof entry) == sizeof entry) {
        if (entry[0] == AT_HWCAP && (entry[1] >> 20 & 1)) { /* ASIMDDP */
            variants |= DOTPROD;
        } else if (entry[0] == AT_HWCAP2 && (entry[1] >> 13 & 1)) { /* I8MM */
            variants |= I8MM;
        }
    }
    if (file >= 0) {
        kernel(CLOSE, file, 0, 0);
    }
    return variants;
}
#endif
