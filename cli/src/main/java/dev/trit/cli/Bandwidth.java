package dev.trit.cli;

import dev.trit.tensor.PackedMemory;
import dev.trit.tensor.ThreadTeam;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.stream.IntStream;

/**
 * How fast this machine's memory can be read: the bound on tokens per second of any engine that reads all weights for
 * each token. Every thread sums its own share of a block far larger than the caches.
 */
final class Bandwidth {
    private static final long BYTES = 512L << 20;
    private static final int PASSES = 5;

    private Bandwidth() {}

    /** Bytes per second read by {@code threads} threads together: the best of a few passes. */
    static double measure(int threads) {
        try (Arena arena = Arena.ofShared();
                var team = new ThreadTeam(threads)) {
            MemorySegment block = new PackedMemory(arena).allocate(BYTES, 64); // pages as large as the weights have
            block.fill((byte) -1); // so that every page is real, and every long -1
            int pages = (int) (BYTES >> 12);
            long[] sums = new long[pages];
            double best = 0;
            for (int pass = 0; pass < PASSES; pass++) {
                long began = System.nanoTime();
                team.run(pages, 256, (from, to) -> {
                    for (int page = from; page < to; page += 256) {
                        int end = Math.min(page + 256, to);
                        sums[page] = sum(block, (long) page << 12, (long) end << 12);
                    }
                });
                best = Math.max(best, BYTES / ((System.nanoTime() - began) / 1e9));
            }
            long total = IntStream.range(0, pages).mapToLong(i -> sums[i]).sum();
            if (total != -BYTES / 8) {
                throw new IllegalStateException("memory was misread");
            }
            return best;
        }
    }

    /** Eight sums at once, so that the loads and not the additions are waited for. */
    private static long sum(MemorySegment block, long from, long to) {
        long a = 0;
        long b = 0;
        long c = 0;
        long d = 0;
        long e = 0;
        long f = 0;
        long g = 0;
        long h = 0;
        for (long at = from; at < to; at += 64) {
            a += block.get(ValueLayout.JAVA_LONG, at);
            b += block.get(ValueLayout.JAVA_LONG, at + 8);
            c += block.get(ValueLayout.JAVA_LONG, at + 16);
            d += block.get(ValueLayout.JAVA_LONG, at + 24);
            e += block.get(ValueLayout.JAVA_LONG, at + 32);
            f += block.get(ValueLayout.JAVA_LONG, at + 40);
            g += block.get(ValueLayout.JAVA_LONG, at + 48);
            h += block.get(ValueLayout.JAVA_LONG, at + 56);
        }
        return a + b + c + d + e + f + g + h;
    }
}
