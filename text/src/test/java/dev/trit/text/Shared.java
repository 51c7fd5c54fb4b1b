package dev.trit.text;

import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Assumptions;

/** Files of the shared data folder; tests that need one are skipped, with the reason, where it is not. */
final class Shared {
    private Shared() {}

    static Path file(String name) {
        String set = System.getProperty("trit.shared", System.getenv("TRIT_SHARED"));
        Path root = set != null ? Path.of(set) : Path.of("..", "..", "shared");
        Path file = root.resolve("data").resolve(name);
        Assumptions.assumeTrue(
                Files.exists(file), () -> "shared data not found: " + file + " (set TRIT_SHARED to the folder)");
        return file;
    }
}
