package dev.trit.format;

import com.sun.management.ThreadMXBean;
import java.lang.management.ManagementFactory;

/** Measures heap allocated by the current thread. */
final class Allocation {
    private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();

    private Allocation() {}

    /** Bytes allocated so far by this thread, garbage included. */
    static long now() {
        return THREADS.getCurrentThreadAllocatedBytes();
    }
}
