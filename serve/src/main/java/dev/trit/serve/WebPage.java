package dev.trit.serve;

import java.io.IOException;
import java.io.InputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;

/** The chat page: a fixed set of files out of the jar, held in memory. What is asked for is looked up, never opened. */
final class WebPage {
    /** The page may load what comes with it and talk to its own server; nothing else, from nowhere. */
    private static final String POLICY =
            "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:;"
                    + " connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

    private record File(String contentType, byte[] bytes, String etag) {}

    private final Map<String, File> files = new LinkedHashMap<>();

    WebPage() {
        put("/", "index.html", "text/html; charset=utf-8");
        put("/app.js", "app.js", "text/javascript; charset=utf-8");
        put("/markdown.js", "markdown.js", "text/javascript; charset=utf-8");
        put("/style.css", "style.css", "text/css; charset=utf-8");
        put("/icon.svg", "icon.svg", "image/svg+xml");
        put("/openapi.json", "openapi.json", "application/json");
    }

    private void put(String path, String name, String contentType) {
        try (InputStream in = WebPage.class.getResourceAsStream("web/" + name)) {
            if (in == null) {
                throw ServeException.atStart(
                        "web/" + name + " is missing from the trit-serve jar; the jar is broken", null);
            }
            byte[] bytes = in.readAllBytes();
            byte[] hash = MessageDigest.getInstance("SHA-256").digest(bytes);
            files.put(path, new File(contentType, bytes, '"' + HexFormat.of().formatHex(hash, 0, 8) + '"'));
        } catch (IOException | NoSuchAlgorithmException e) {
            throw ServeException.atStart("web/" + name + " cannot be read: " + e.getMessage(), e);
        }
    }

    /** Addresses of all files. */
    Set<String> paths() {
        return files.keySet();
    }

    void answer(Exchange exchange) {
        File file = files.get(exchange.path());
        if (file == null) {
            throw ServeException.noRoute("GET", exchange.path());
        }
        exchange.header("Content-Security-Policy", POLICY);
        exchange.header("Referrer-Policy", "no-referrer");
        exchange.header("Cache-Control", "no-cache");
        exchange.header("ETag", file.etag());
        if (exchange.hasVersion(file.etag())) {
            exchange.send(304, file.contentType(), new byte[0]);
        } else {
            exchange.send(200, file.contentType(), file.bytes());
        }
    }
}
