/*
 * VPDPBUSD and VPDPWSSD with a VEX prefix, what the kernels use of AVX-VNNI, for processors without it: the fault they raise
 * is caught, the instruction decoded and done in software with those of its kind that follow it, and the program goes on
 * behind them.
 */
enum { ACTION = 13, SIGILL_NUMBER = 4, SIGINFO = 4, RESTORER = 0x04000000 };

struct action {
    void (*handler)(int, void *, void *);
    unsigned long flags;
    void (*restorer)(void);
    unsigned long mask;
};

__asm__("restore:\n mov $15, %eax\n syscall\n");
void restore(void);

/* Where the kernel saved the registers: numbers of the general ones in struct sigcontext, by their number in code. */
static const unsigned char SAVED[16] = {13, 14, 12, 11, 15, 10, 9, 8, 0, 1, 2, 3, 4, 5, 6, 7};
enum { RIP = 16, FLOATING = 23, XMM = 160, FEATURES = 512, YMM_HIGH = 576 };

static unsigned char *half_of(unsigned char *state, int number, int high) {
    return state + (high ? YMM_HIGH : XMM) + 16 * number;
}

/* C4, ~R ~X ~B and map 0F38, W = 0 ~vvvv L and prefix 66, opcode 50 or 52 */
static int is_vnni(const unsigned char *code) {
    return code[0] == 0xc4 && (code[1] & 31) == 2 && (code[2] & 0x83) == 1 && (code[3] & 0xfd) == 0x50;
}

/* Does the one at code; returns where the next instruction is. */
static const unsigned char *dot_product(const unsigned char *code, const long *saved, unsigned char *state) {
    int r = code[1] & 128 ? 0 : 8, x = code[1] & 64 ? 0 : 8, b = code[1] & 32 ? 0 : 8;
    int first = ~code[2] >> 3 & 15, halves = code[2] & 4 ? 2 : 1;
    int mode = code[4] >> 6, to = (code[4] >> 3 & 7) + r, rm = code[4] & 7;
    const unsigned char *next = code + 5, *memory = 0;
    if (mode != 3) {
        long address = 0;
        if (rm == 4) {
            int scale = *next >> 6, index = (*next >> 3 & 7) + x, from = *next & 7;
            next++;
            if (index != 4) {
                address = saved[SAVED[index]] << scale;
            }
            check(mode != 0 || from != 5, "harness: an address without a base\n");
            address += saved[SAVED[from + b]];
        } else if (mode == 0 && rm == 5) {
            address = (long)next + 4 + *(const int *)next;
            next += 4;
        } else {
            address = saved[SAVED[rm + b]];
        }
        if (mode == 1) {
            address += *(const signed char *)next++;
        } else if (mode == 2) {
            address += *(const int *)next;
            next += 4;
        }
        memory = (const unsigned char *)address;
    }
    for (int half = 0; half < 2; half++) {
        int *sums = (int *)half_of(state, to, half);
        const unsigned char *u = half_of(state, first, half);
        const unsigned char *v = memory ? memory + 16 * half : half_of(state, rm + b, half);
        for (int i = 0; i < 4; i++) {
            int sum = sums[i];
            for (int j = 4 * i; half < halves && j < 4 * i + 4; j++) {
                if (code[3] == 0x50) {
                    sum += u[j] * (signed char)v[j];
                } else if (j % 2 == 0) {
                    sum += *(const short *)(u + j) * *(const short *)(v + j);
                }
            }
            sums[i] = half < halves ? sum : 0;
        }
    }
    return next;
}

static void illegal(int signal, void *info, void *context) {
    (void)signal, (void)info;
    long *saved = (long *)((char *)context + 40);
    const unsigned char *code = (const unsigned char *)saved[RIP];
    unsigned char *state = (unsigned char *)saved[FLOATING];
    check(is_vnni(code), "harness: an instruction that this processor lacks, and not of AVX-VNNI\n");
    while (is_vnni(code)) {
        code = dot_product(code, saved, state);
    }
    *(long *)(state + FEATURES) |= 4; /* the high halves count */
    saved[RIP] = (long)code;
}

static void supply_vnni(void) {
    struct action action = {illegal, SIGINFO | RESTORER, restore, 0};
    check(kernel(ACTION, SIGILL_NUMBER, (long)&action, 0, 8, 0, 0) == 0, "harness: no signal handler\n");
}
