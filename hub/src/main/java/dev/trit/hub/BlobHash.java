package dev.trit.hub;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import org.jspecify.annotations.Nullable;

/**
 * Checks the bytes of a blob against its ETag: SHA-256 where the file is kept by LFS (64 hex digits), git's own SHA-1
 * over {@code blob SIZE NUL BYTES} where it is kept by git (40 hex digits).
 */
final class BlobHash {
    private final String etag;
    private final @Nullable MessageDigest digest;

    BlobHash(String etag, long size) {
        this.etag = etag;
        boolean hex = etag.matches("[0-9a-f]+");
        if (hex && etag.length() == 64) {
            digest = digest("SHA-256");
        } else if (hex && etag.length() == 40) {
            digest = digest("SHA-1");
            digest.update(("blob " + size + "\0").getBytes(UTF_8));
        } else {
            digest = null; // some other server's ETag says nothing about the bytes
        }
    }

    void update(byte[] bytes, int from, int length) {
        if (digest != null) {
            digest.update(bytes, from, length);
        }
    }

    /** The hash of what was seen if it is not the expected one, else null. To be called once. */
    @Nullable String mismatch() {
        String actual = digest == null ? etag : HexFormat.of().formatHex(digest.digest());
        return actual.equals(etag) ? null : actual;
    }

    private static MessageDigest digest(String name) {
        try {
            return MessageDigest.getInstance(name);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e); // every JDK has both
        }
    }
}
