package dev.trit.tensor;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SegmentAllocator;
import java.lang.invoke.MethodHandle;
import java.util.Locale;

/**
 * Memory for packed weights. On Linux in huge pages where the system grants them: a token reads all weights once, and with
 * pages of 4 KiB each of them costs a walk through the page tables. Matrices lie one after the other in large mappings, so
 * that small ones share huge pages. Elsewhere ordinary memory. For one thread.
 */
public final class PackedMemory implements SegmentAllocator {
    private static final long HUGE = 2L << 20;

    /** Bytes mapped at once, unless more are asked for; what is not touched takes no memory. */
    private static final long CHUNK = 64L << 20;

    private static final int READ_WRITE = 3;
    private static final int PRIVATE_ANONYMOUS = 0x22;
    private static final int MADV_HUGEPAGE = 14;
    private static final boolean LINUX =
            System.getProperty("os.name").toLowerCase(Locale.ROOT).equals("linux");

    private final Arena arena;
    private MemorySegment rest = MemorySegment.NULL; // of the last mapping

    /** The calls of the C library, looked up where they are known to mean this. */
    private static final class Linux {
        static final MethodHandle MMAP = find(
                "mmap", FunctionDescriptor.of(ADDRESS, ADDRESS, JAVA_LONG, JAVA_INT, JAVA_INT, JAVA_INT, JAVA_LONG));
        static final MethodHandle MUNMAP = find("munmap", FunctionDescriptor.of(JAVA_INT, ADDRESS, JAVA_LONG));
        static final MethodHandle MADVISE =
                find("madvise", FunctionDescriptor.of(JAVA_INT, ADDRESS, JAVA_LONG, JAVA_INT));

        private static MethodHandle find(String name, FunctionDescriptor type) {
            Linker linker = Linker.nativeLinker();
            return linker.downcallHandle(linker.defaultLookup().find(name).orElseThrow(), type);
        }
    }

    /** @param arena gives the memory back when it closes */
    public PackedMemory(Arena arena) {
        this.arena = arena;
    }

    /** Zeroed memory. */
    @Override
    public MemorySegment allocate(long bytes, long alignment) {
        if (!LINUX) {
            return arena.allocate(bytes, alignment);
        }
        long skip = -rest.address() & alignment - 1;
        if (rest.byteSize() < skip + bytes) {
            rest = mapped(Math.max(CHUNK, bytes));
            skip = 0;
        }
        MemorySegment taken = rest.asSlice(skip, bytes);
        rest = rest.asSlice(skip + bytes);
        return taken;
    }

    private MemorySegment mapped(long bytes) {
        long size = bytes + HUGE; // room to begin at a multiple of a huge page
        try {
            MemorySegment all = (MemorySegment)
                    Linux.MMAP.invokeExact(MemorySegment.NULL, size, READ_WRITE, PRIVATE_ANONYMOUS, -1, 0L);
            if (all.address() == -1) {
                throw new OutOfMemoryError("no memory for %d bytes of packed weights".formatted(bytes));
            }
            long start = Math.ceilDiv(all.address(), HUGE) * HUGE - all.address();
            MemorySegment mapping =
                    all.reinterpret(size, arena, PackedMemory::unmap).asSlice(start, bytes);
            // Advice that is not followed costs nothing.
            int ignored = (int) Linux.MADVISE.invokeExact(mapping, bytes, MADV_HUGEPAGE);
            return mapping;
        } catch (RuntimeException | Error e) {
            throw e;
        } catch (Throwable e) {
            throw new LinkageError("a call into the C library failed", e);
        }
    }

    private static void unmap(MemorySegment mapping) {
        try {
            int ignored = (int) Linux.MUNMAP.invokeExact(mapping, mapping.byteSize());
        } catch (Throwable e) {
            throw new LinkageError("a call into the C library failed", e);
        }
    }
}
