package dev.trit.cli;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.Properties;
import picocli.CommandLine.IVersionProvider;

/** What {@code trit --version} prints: Trit's version, then the JVM it runs in. */
final class Version implements IVersionProvider {
    @Override
    public String[] getVersion() {
        return new String[] {"trit " + trit(), "jdk " + Runtime.version() + ", " + System.getProperty("java.vm.name")};
    }

    /** Trit's version, from the build. */
    static String trit() {
        try (InputStream in = Version.class.getResourceAsStream("version.properties")) {
            if (in == null) {
                throw new LinkageError("version.properties is missing from the trit-cli jar; the jar is broken");
            }
            Properties properties = new Properties();
            properties.load(in);
            return properties.getProperty("version");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
