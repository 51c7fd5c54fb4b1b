package dev.trit.cli;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Locale;
import java.util.Properties;
import org.jspecify.annotations.Nullable;

/**
 * The model that is used when none is named: carried by the jar, and laid into the user's cache folder when first needed,
 * since models are mapped from files.
 */
final class DefaultModel {
    private static final String FACTS = "default-model.properties"; // name, bytes, sha256
    private static final String MODEL = "default-model.gguf";

    private DefaultModel() {}

    /** Its file, or null if this build carries none. */
    static @Nullable Path file() {
        return file(cache());
    }

    /** As above, laid into {@code folder}. */
    static @Nullable Path file(Path folder) {
        try (InputStream facts = DefaultModel.class.getResourceAsStream(FACTS)) {
            if (facts == null) {
                return null;
            }
            Properties p = new Properties();
            p.load(facts);
            Path file = folder.resolve("%s-%s.gguf"
                    .formatted(p.getProperty("name"), p.getProperty("sha256").substring(0, 16)));
            if (!Files.exists(file) || Files.size(file) != Long.parseLong(p.getProperty("bytes"))) {
                lay(folder, file);
            }
            return file;
        } catch (IOException e) {
            throw new CommandException(
                    ExitCode.FAILURE,
                    "the built-in model cannot be laid into %s (%s): set TRIT_CACHE to a folder that can be written, or name a model with -m"
                            .formatted(folder, e),
                    e);
        }
    }

    /** Whole or not at all; two processes may do it at once. */
    private static void lay(Path folder, Path file) throws IOException {
        Files.createDirectories(folder);
        Path partial = Files.createTempFile(folder, "default-model", ".partial");
        try (InputStream in = DefaultModel.class.getResourceAsStream(MODEL)) {
            if (in == null) {
                throw new IOException(MODEL + " is missing from the jar");
            }
            Files.copy(in, partial, StandardCopyOption.REPLACE_EXISTING);
            Files.move(partial, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        } finally {
            Files.deleteIfExists(partial);
        }
    }

    /** TRIT_CACHE, or the folder that the system's programs keep such files in. */
    private static Path cache() {
        String own = System.getenv("TRIT_CACHE");
        if (own != null && !own.isEmpty()) {
            return Path.of(own);
        }
        String home = System.getProperty("user.home", ".");
        String os = System.getProperty("os.name", "").toLowerCase(Locale.ROOT);
        if (os.startsWith("windows")) {
            String local = System.getenv("LOCALAPPDATA");
            return Path.of(local == null ? home : local, "trit");
        }
        if (os.startsWith("mac")) {
            return Path.of(home, "Library", "Caches", "trit");
        }
        String xdg = System.getenv("XDG_CACHE_HOME");
        return xdg == null || xdg.isEmpty() ? Path.of(home, ".cache", "trit") : Path.of(xdg, "trit");
    }
}
