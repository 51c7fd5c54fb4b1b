/*
 * Runs the functions of one native library for dev.trit.tensor.internal.natives.Emulator, in a process of its own: under
 * qemu-user, or on this processor with the instructions of AVX-VNNI supplied by software (avxvnni.h). No C library: the
 * program loads the library itself, so that nothing but it and an emulator is needed.
 *
 *   harness LIBRARY SHARED
 *
 * SHARED is a file that both sides map. For each byte on standard input one call is made as struct call says, then a byte
 * is written to standard output; at the end of input the program ends.
 */
#include <stdint.h>

/* What the loader reads of an ELF file. */
struct elf {
    uint8_t skipped[32];
    uint64_t segments;
    uint8_t skipped_too[16];
    uint16_t segment_bytes, segment_count;
};
struct segment {
    uint32_t type, flags;
    uint64_t offset, address, physical, in_file, in_memory, align;
};
struct symbol {
    uint32_t name;
    uint8_t info, other;
    uint16_t section;
    uint64_t value, size;
};
struct relocation {
    uint64_t offset, type;
    int64_t addend;
};
struct dynamic {
    int64_t tag;
    uint64_t value;
};
enum { LOAD = 1, DYNAMIC = 2, HASH = 4, STRINGS = 5, SYMBOLS = 6, RELOCATIONS = 7, RELOCATION_BYTES = 8 };

#if defined(__aarch64__)
enum { OPENAT = 56, READ = 63, WRITE = 64, PREAD = 67, EXIT = 93, MMAP = 222 };
enum { RELATIVE = 1027 };
static long kernel(long number, long a, long b, long c, long d, long e, long f) {
    register long x8 __asm__("x8") = number, x0 __asm__("x0") = a, x1 __asm__("x1") = b, x2 __asm__("x2") = c;
    register long x3 __asm__("x3") = d, x4 __asm__("x4") = e, x5 __asm__("x5") = f;
    __asm__ volatile("svc #0" : "+r"(x0) : "r"(x8), "r"(x1), "r"(x2), "r"(x3), "r"(x4), "r"(x5) : "memory");
    return x0;
}
__asm__(".globl _start\n_start:\n mov x0, sp\n bl harness\n");
#else
enum { OPENAT = 257, READ = 0, WRITE = 1, PREAD = 17, EXIT = 60, MMAP = 9 };
enum { RELATIVE = 8 };
static long kernel(long number, long a, long b, long c, long d, long e, long f) {
    register long r10 __asm__("r10") = d, r8 __asm__("r8") = e, r9 __asm__("r9") = f;
    long result;
    __asm__ volatile("syscall"
                     : "=a"(result)
                     : "a"(number), "D"(a), "S"(b), "d"(c), "r"(r10), "r"(r8), "r"(r9)
                     : "rcx", "r11", "memory");
    return result;
}
__asm__(".globl _start\n_start:\n mov %rsp, %rdi\n and $-16, %rsp\n call harness\n");
#endif

enum { SHARED_BYTES = 1 << 28, AT_CWD = -100, ALL_ACCESS = 7 };

/* What the other side writes at the start of the shared file; addresses are offsets in it, or 0 for NULL. */
struct call {
    char name[64];
    int64_t integers[20]; /* of any width, and addresses, in the order of the arguments */
    int64_t addresses;    /* bit i: integers[i] is an address */
    float floats[4];
    int32_t returns; /* 0: an integer or nothing, 1: a float, 2: the address of a text */
    float float_result;
    int64_t result;
    char text[256]; /* what was returned, if it is a text */
};

static void end(int status) {
    for (;;) {
        kernel(EXIT, status, 0, 0, 0, 0, 0);
    }
}

static void check(int good, const char *what) {
    if (!good) {
        long n = 0;
        while (what[n]) {
            n++;
        }
        kernel(WRITE, 2, (long)what, n, 0, 0, 0);
        end(1);
    }
}

#if defined(__x86_64__)
#include "avxvnni.h"
#endif

/* Maps size bytes: of a file, or zeros; at a place, or anywhere. */
static char *map(long at, long size, int flags, long file, long offset) {
    long got = kernel(MMAP, at, size, ALL_ACCESS, flags, file, offset);
    check(got > 0 || got < -4095, "harness: no memory\n");
    return (char *)got;
}

static int same(const char *a, const char *b) {
    while (*a && *a == *b) {
        a++, b++;
    }
    return *a == *b;
}

static const struct symbol *symbols;
static const char *names;
static uint32_t symbol_count;
static char *base;

enum { SHARE = 1, PRIVATE = 2, FIXED = 16, ANYWHERE_EMPTY = 32 | PRIVATE };

static void load(const char *path) {
    static char headers[4096] __attribute__((aligned(16)));
    long file = kernel(OPENAT, AT_CWD, (long)path, 0, 0, 0, 0);
    check(file >= 0 && kernel(PREAD, file, (long)headers, sizeof headers, 0, 0, 0) > 64, "harness: no library\n");
    const struct elf *elf = (const void *)headers;
    const struct segment *segment = (const void *)(headers + elf->segments);
    base = map(0, 1 << 24, ANYWHERE_EMPTY, -1, 0);
    const struct dynamic *dynamic = 0;
    for (int i = 0; i < elf->segment_count; i++) {
        if (segment[i].type == DYNAMIC) {
            dynamic = (const void *)(base + segment[i].address);
        } else if (segment[i].type == LOAD && segment[i].in_file > 0) {
            long skip = segment[i].address & 4095;
            char *end_of_file = base + segment[i].address + segment[i].in_file;
            map((long)base + segment[i].address - skip, segment[i].in_file + skip, FIXED | PRIVATE, file,
                segment[i].offset - skip);
            for (; end_of_file < base + segment[i].address + segment[i].in_memory; end_of_file++) {
                *(volatile char *)end_of_file = 0;
            }
        }
    }
    check(dynamic != 0, "harness: nothing to link\n");
    const struct relocation *relocation = 0;
    uint64_t bytes = 0;
    for (; dynamic->tag != 0; dynamic++) {
        char *at = base + dynamic->value;
        switch (dynamic->tag) {
        case SYMBOLS: symbols = (const void *)at; break;
        case STRINGS: names = at; break;
        case HASH: symbol_count = ((const uint32_t *)at)[1]; break;
        case RELOCATIONS: relocation = (const void *)at; break;
        case RELOCATION_BYTES: bytes = dynamic->value; break;
        default: break;
        }
    }
    for (uint64_t i = 0; i < bytes / sizeof *relocation; i++) {
        check((uint32_t)relocation[i].type == RELATIVE, "harness: a relocation that it does not know\n");
        *(int64_t *)(base + relocation[i].offset) = (int64_t)base + relocation[i].addend;
    }
}

static void *find(const char *name) {
    for (uint32_t i = 1; i < symbol_count; i++) {
        if (same(names + symbols[i].name, name)) {
            return base + symbols[i].value;
        }
    }
    check(0, "harness: no such function\n");
    return 0;
}

/* Both calling conventions count integers and floats apart, and give what does not fit registers eight bytes each. */
#define TWENTY(x) \
    x(0), x(1), x(2), x(3), x(4), x(5), x(6), x(7), x(8), x(9), x(10), x(11), x(12), x(13), x(14), x(15), x(16), x(17), \
        x(18), x(19)
#define TYPE(i) int64_t
typedef int64_t integer_function(TWENTY(TYPE), float, float, float, float);
typedef float float_function(TWENTY(TYPE), float, float, float, float);

static void make(struct call *call) {
    int64_t v[20];
    for (int i = 0; i < 20; i++) {
        int address = call->addresses >> i & 1;
        v[i] = call->integers[i] + (address && call->integers[i] != 0 ? (int64_t)call : 0);
    }
    const float *f = call->floats;
#define VALUE(i) v[i]
    void *function = find(call->name);
    if (call->returns == 1) {
        call->float_result = ((float_function *)function)(TWENTY(VALUE), f[0], f[1], f[2], f[3]);
        return;
    }
    call->result = ((integer_function *)function)(TWENTY(VALUE), f[0], f[1], f[2], f[3]);
    if (call->returns == 2) {
        const char *text = (const char *)call->result;
        for (int i = 0; i < 255 && text[i]; i++) {
            call->text[i] = text[i];
        }
    }
}

__attribute__((used)) void harness(const long *stack) {
    const char *const *arguments = (const char *const *)(stack + 1);
    check(stack[0] == 3, "usage: harness LIBRARY SHARED\n");
    load(arguments[1]);
    long file = kernel(OPENAT, AT_CWD, (long)arguments[2], 2, 0, 0, 0);
    check(file >= 0, "harness: no shared file\n");
    struct call *call = (struct call *)map(0, SHARED_BYTES, SHARE, file, 0);
#if defined(__x86_64__)
    supply_vnni();
#endif
    char byte;
    while (kernel(READ, 0, (long)&byte, 1, 0, 0, 0) == 1) {
        make(call);
        kernel(WRITE, 1, (long)&byte, 1, 0, 0, 0);
    }
    end(0);
}
