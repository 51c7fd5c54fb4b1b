package dev.trit.cli;

import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;

/**
 * The computer this runs on.
 *
 * @param os system and architecture
 * @param cpu the processor's own name, or the architecture where the system does not tell
 * @param processors how many this JVM may use
 * @param memoryBytes physical memory, or the container's limit
 * @param heapBytes what the Java heap may grow to; weights are outside it
 */
record Machine(String os, String cpu, int processors, long memoryBytes, long heapBytes) {
    static Machine here() {
        String arch = System.getProperty("os.arch");
        return new Machine(
                System.getProperty("os.name") + " " + arch,
                cpu(arch),
                Runtime.getRuntime().availableProcessors(),
                memory(),
                Runtime.getRuntime().maxMemory());
    }

    private static long memory() {
        return ManagementFactory.getOperatingSystemMXBean() instanceof com.sun.management.OperatingSystemMXBean os
                ? os.getTotalMemorySize()
                : 0;
    }

    private static String cpu(String otherwise) {
        Path linux = Path.of("/proc/cpuinfo");
        try {
            if (Files.isReadable(linux)) {
                return Files.readAllLines(linux).stream()
                        .filter(line -> line.startsWith("model name"))
                        .map(line -> line.substring(line.indexOf(':') + 1).strip())
                        .findFirst()
                        .orElse(otherwise);
            }
            if (System.getProperty("os.name").startsWith("Mac")) {
                Process sysctl = new ProcessBuilder("/usr/sbin/sysctl", "-n", "machdep.cpu.brand_string").start();
                String name =
                        new String(sysctl.getInputStream().readAllBytes(), java.nio.charset.StandardCharsets.UTF_8);
                return sysctl.waitFor(2, TimeUnit.SECONDS) && !name.isBlank() ? name.strip() : otherwise;
            }
            return otherwise;
        } catch (IOException e) {
            return otherwise; // a name for people, nothing depends on it
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return otherwise;
        }
    }
}
