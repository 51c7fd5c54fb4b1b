package dev.trit.cli;

import java.util.Locale;

/** Bytes as people read them: decimal, as the hub and disks count. */
final class Sizes {
    private Sizes() {}

    /** {@code 1.19 GB}, {@code 271 MB}, {@code 12 kB}. */
    static String text(long bytes) {
        return bytes >= 1_000_000_000
                ? String.format(Locale.ROOT, "%.2f GB", bytes * 1e-9)
                : bytes >= 1_000_000
                        ? String.format(Locale.ROOT, "%.0f MB", bytes * 1e-6)
                        : String.format(Locale.ROOT, "%.0f kB", Math.ceil(bytes * 1e-3));
    }
}
