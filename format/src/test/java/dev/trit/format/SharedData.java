package dev.trit.format;

import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Assumptions;

/** Reference data that lies beside the project, not in it; tests that need it skip, saying so, where it is absent. */
final class SharedData {
    private SharedData() {}

    /** A file or directory under {@code shared/data}: from TRIT_SHARED, or beside the checkout. */
    static Path path(String relative) {
        String set = System.getProperty("TRIT_SHARED", System.getenv("TRIT_SHARED"));
        Path shared = set != null ? Path.of(set) : Path.of("../../shared");
        Path path = shared.resolve("data").resolve(relative);
        Assumptions.assumeTrue(Files.exists(path), () -> path + " is not here (set TRIT_SHARED)");
        return path;
    }
}
